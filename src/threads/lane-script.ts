/**
 * What a lane is told, as shell text. Commands are never pasted into it nor evaluated by it: whatever comes from a plan is a quoted argument
 * of `j`, `c` or `p`, which execute their arguments. So no command can reach the lane's own state, hang its parser or end it by a syntax error.
 *
 * The lane says on its standard output: `l` it is ready, `d <status>` it stands in the folder of a batch (0) or not, and for each item
 * `p <pid>` where that cannot be looked up otherwise, then `r <status> <0 where it wrote a value or progress> <pid> <0 where something of
 * its group is left>`, the last two where items have groups.
 */
import type { CommandWork } from '../model/plan.ts'
import type { SlotValues } from '../model/template.ts'
import { fill, quoteWord } from '../model/template.ts'
import { handedOn } from './lane-environment.ts'

/** Descriptor of the log in the lane; items have it as standard output and error and not as itself. */
const LOG = 3

/** Variables that are set for every item. */
const ITEM_VARIABLES =
  'BATCHTOP_ITEM BATCHTOP_NUMBER BATCHTOP_ATTEMPT BATCHTOP_KEY BATCHTOP_PROGRESS BATCHTOP_VALUE PARALLEL_SEQ'

const FILES = 'BATCHTOP_PROGRESS=$_bt_files$2-$3-progress BATCHTOP_VALUE=$_bt_files$2-$3-value'
const BEGIN = `BATCHTOP_ITEM=$1 BATCHTOP_NUMBER=$2 PARALLEL_SEQ=$2 BATCHTOP_ATTEMPT=$3 BATCHTOP_KEY=$_bt_key$1 ${FILES}; shift 3`
const PLACE = `</dev/null >&${LOG} 2>&${LOG} ${LOG}>&-`
/** The lane looks at the item's files for a tenth of what we would need. */
const SAID = '[ -e "$BATCHTOP_VALUE" ] || [ -e "$BATCHTOP_PROGRESS" ]'

const ENTER = 'cd -- "$_bt_cwd" || exit 126'

export interface Opening {
  readonly isGrouped: boolean
  /** It says `p`. */
  readonly tellsPid: boolean
  /** What the paths of its items' files begin with. */
  readonly files: string
}

/** The first lines of a lane. */
export function openingOf({ isGrouped, tellsPid, files }: Opening): string {
  const functions = isGrouped ? groupedFunctions(tellsPid) : SHARED_FUNCTIONS
  // Some shells are born with a name of ours for something else.
  return `unalias -a\n${functions}_bt_files=${quoteWord(files)}\nexport ${ITEM_VARIABLES}\necho l\n`
}

/**
 * `r` stands on a line of its own: where the shell cannot fork it gives up the line it is at, or itself. `wait` ends as well when the item is
 * stopped, so `w` asks again while the item is there (also where it is another user's, as far as /proc shows it), and once more for an end
 * that it had no time to say. `wait -f`, which would do all that by itself, looks at memory it has freed: now and then it never ends for the
 * first item of a shell (bash 5.2).
 */
function groupedFunctions(tellsPid: boolean): string {
  const tell = tellsPid ? ' echo "p $!";' : ''
  return `set -m
j() { ${BEGIN}; ( exec -- "$@" ) ${PLACE} &${tell} wait $!; }
c() { ${BEGIN}; ( ${ENTER}; exec -- "$@" ) ${PLACE} &${tell} wait $!; }
t() { kill -0 $! || [ -e "/proc/\${!:-none}" ]; }
w() { while t; do wait $!; done; wait $!; }
r() { _bt_status=$?; [ $_bt_status -le 128 ] || { w; _bt_status=$?; }; ${SAID}; _bt_said=$?; kill -0 -- "-$!"; echo "r $_bt_status $_bt_said $! $?"; }
`
}

/**
 * Traps, so that an item that signals its group does not end its lane; items begin without them. A program with a path (`p`) cannot be
 * anything of the shell's own, so it is simply called: dash then does without a copy of itself, which is a sixth of what a job costs. Where a
 * signal ends it, dash says so in its output. (dash's `exec` knows no `--`.)
 */
const SHARED_FUNCTIONS = `trap : HUP INT QUIT TERM USR1 USR2 ALRM PIPE
j() { ${BEGIN}; ( exec "$@" ) ${PLACE}; }
p() { ${BEGIN}; "$@" ${PLACE}; }
c() { ${BEGIN}; ( ${ENTER}; exec "$@" ) ${PLACE}; }
r() { _bt_status=$?; ${SAID}; echo "r $_bt_status $?"; }
`

/** Names that mean something to the lane itself: they are given to items by `env`. */
const SPECIAL =
  /^(?:BASH|COMP_|_$|_bt_|(?:IFS|UID|EUID|PPID|SHELLOPTS|POSIXLY_CORRECT|GROUPS|DIRSTACK|FUNCNAME|HISTCMD|S?RANDOM|SECONDS|LINENO|EPOCH\w+|EXECIGNORE|GLOBIGNORE|TMOUT|OPT(?:IND|ERR|ARG)|PS4|PWD|OLDPWD|MAIL\w*|ENV)$)/

/** What tells items who they are, and us whose a process is: not a plan's to say. */
const OURS =
  /^(?:BATCHTOP_(?:RUN|FOLDER|EPOCH|BATCH|ITEM|NUMBER|THREAD|ATTEMPT|KEY|PROGRESS|VALUE|RESULTS_\w+)|PARALLEL_(?:SEQ|JOBSLOT))$/

/** What a lane was given for a batch, to be taken back for the next. */
export interface Given {
  readonly names: readonly string[]
}

export interface BatchSetting {
  readonly work: CommandWork
  /** `run/batch/`: what keys of its items begin with. */
  readonly keyPrefix: string
  /** Variables of the batch beside those of the plan. */
  readonly variables: Readonly<Record<string, string>>
}

/** Takes back what the batch before was given, and enters the next. */
export function batchLines(
  { work, keyPrefix, variables }: BatchSetting,
  before: Given,
): { text: string; given: Given } {
  const plain = { ...variables, ...plainVariables(work) }
  const names = Object.keys(plain)
  const own = Object.keys(work.itemEnv ?? {}).filter(isPlain)
  const back = before.names.map((name) => restore(name, process.env[name])).join('')
  const exports = names.map((name) => `export ${name}=${quoteWord(plain[name] ?? '')}\n`).join('')
  const declared = own.length === 0 ? '' : `export ${own.join(' ')}\n`
  const text = `${back}${exports}${declared}_bt_key=${quoteWord(keyPrefix)}\ncd -- ${quoteWord(work.cwd)}; echo "d $?"\n`
  return { text, given: { names: [...names, ...own] } }
}

function restore(name: string, value: string | undefined): string {
  return value === undefined ? `unset ${name}\n` : `export ${name}=${quoteWord(value)}\n`
}

function plainVariables({ env }: CommandWork): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => isPlain(name)))
}

const isPlain = (name: string): boolean => !SPECIAL.test(name) && !OURS.test(name)

export interface ItemLines {
  /** As in Opening. */
  readonly isGrouped: boolean
  readonly work: CommandWork
  readonly values: SlotValues
  readonly attempt: number
  /** Program first. */
  readonly words: readonly string[]
  /** Absolute path of its own folder; left out: the batch's. */
  readonly cwd?: string
}

/** Runs one item. */
export function itemLines({ isGrouped, work, values, attempt, words, cwd }: ItemLines): string {
  const { item, number } = values
  const own = Object.entries(work.itemEnv ?? {}).map(([name, template]) => [name, fill(template, values)] as const)
  const plain = own.filter(([name]) => isPlain(name))
  const special = [...handedOn(), ...Object.entries(work.env), ...own].filter(([name]) => SPECIAL.test(name))
  const program =
    special.length === 0 ? words : ['env', ...special.map(([name, value]) => `${name}=${value}`), ...words]
  let text = plain.map(([name, value]) => `${name}=${quoteWord(value)}\n`).join('')
  if (cwd !== undefined) text += `_bt_cwd=${quoteWord(cwd)}\n`
  const hasPath = program[0]?.includes('/') ?? false
  const start = cwd !== undefined ? 'c' : hasPath && !isGrouped ? 'p' : 'j'
  return `${text}${start} ${quoteWord(item)} ${number} ${attempt} ${program.map(argument).join(' ')}\nr\n`
}

/** From the next item on output goes to this file. */
export function logLine(path: string): string {
  return `exec ${LOG}>>${quoteWord(path)}\n`
}

/** Most words hold nothing that a shell would look at. */
function argument(word: string): string {
  return /^[\w/.:=@%+,-]+$/.test(word) ? word : quoteWord(word)
}
