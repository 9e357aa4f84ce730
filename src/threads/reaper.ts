/**
 * The process that kills what the supervisor leaves behind, however it dies: a frozen process gets neither disconnect nor TERM. One
 * /bin/sh in a session of its own reads `+ group` and `- group` from a pipe only the supervisor holds. At its end of file it sends KILL to
 * every group still on the list, then to all in the sessions these lead, then to whatever else has the run's folder and the
 * supervisor's epoch in its environment.
 */
import { spawn } from 'node:child_process'
import { ownLine } from './procfs.ts'

/** Groups are process ids of group leaders. */
export interface Reaper {
  readonly add: (group: number) => void
  readonly remove: (group: number) => void
  /** Ends the reaper; what was not removed is killed, and what the run's items left anywhere. */
  readonly close: () => void
}

/** Processes in an uninterruptible wait cannot be killed: nobody waits for them. */
const MOST_ROUNDS = 50

/** One look may miss a process that starts another and ends meanwhile. */
const QUIET_ROUNDS = 2

/**
 * dash knows groups as `kill -s KILL -- -N` only, busybox without the two dashes only. A shell alone for groups and sessions, so that nothing
 * needs to be started when the machine has no memory left: 500 processes are read in 70 ms. A name in `stat` may hold anything, so its
 * fields are counted behind the last parenthesis.
 */
const script = `
trap '' TERM INT HUP QUIT
folder=BATCHTOP_FOLDER=$1 epoch=BATCHTOP_EPOCH=$2 spared=$3 groups=' '
end='
'
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" || kill -s KILL "-$group"; done
cd /proc || exit 0
left=${MOST_ROUNDS} quiet=0
[ "$groups" != ' ' ] || quiet=${QUIET_ROUNDS}
while [ $quiet -lt ${QUIET_ROUNDS} ] && [ $left -gt 0 ]; do
  left=$((left - 1)) quiet=$((quiet + 1))
  for stat in [0-9]*/stat; do
    text=
    while IFS= read -r line; do text="$text$line "; done <"$stat"
    set -- \${text##*) }
    case $groups in *" \${4:-gone} "*) ;; *) continue ;; esac
    case $1 in Z | X) continue ;; esac
    kill -s KILL "\${stat%/stat}"
    quiet=0
  done
done
left=${MOST_ROUNDS} quiet=0
while [ $quiet -lt ${QUIET_ROUNDS} ] && [ $left -gt 0 ]; do
  left=$((left - 1)) quiet=$((quiet + 1))
  for file in $(grep -lsF -- "$folder" [0-9]*/environ); do
    pid=\${file%/environ}
    case $spared in *" $pid "*) continue ;; esac
    lines=$end$(tr '\\0' '\\n' <"$file")$end
    case $lines in *"$end$folder$end"*) ;; *) continue ;; esac
    case $lines in *"$end$epoch$end"*) ;; *) continue ;; esac
    kill -s KILL "$pid"
    quiet=0
  done
done
`

/**
 * Starts it. One a supervisor is enough.
 * @param folder of the run
 * @param epoch of the supervisor: the next one's processes are not to be hit by a reaper that is still at it
 */
export function startReaper(folder: string, epoch: number): Reaper {
  // This process and those that wait for it may have been started by an item of the same run.
  const spared = ` ${[...ownLine()].join(' ')} `
  const { BATCHTOP_FOLDER: _, ...inherited } = process.env
  const shell = spawn('/bin/sh', ['-c', script, 'batchtop-reaper', folder, String(epoch), spared], {
    detached: true,
    cwd: '/',
    env: { ...inherited, LC_ALL: 'C' },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // It can only be gone because somebody killed it: the hosts still end by themselves when their channel closes, unless frozen.
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  shell.unref()
  return {
    add: (group) => void shell.stdin.write(`+ ${group}\n`),
    remove: (group) => void shell.stdin.write(`- ${group}\n`),
    close: () => void shell.stdin.end(),
  }
}
