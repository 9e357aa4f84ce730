/**
 * The command line as commander sees it: every verb with its arguments and options, and which function of `Verbs` it calls.
 * Loads nothing but commander, so that every verb starts fast; main.ts brings the verbs in when they are called.
 */
import { Command } from 'commander'
import { addLaterOptions, addLaterVerbs, LATER_PLAN_VERBS, LATER_RUN_OPTIONS, LATER_VERBS } from './not-yet.ts'
import type { PlanOptions, RecoverOptions, RunOptions, ShowOptions, TargetOptions } from './options.ts'
import { changedWay, count, list, size, speed, stateList, threadList, threadsChange, time } from './options.ts'
import type {
  AttachOptions,
  EventsOptions,
  ItemsOptions,
  LogOptions,
  PauseOptions,
  PruneOptions,
  RecordOptions,
  RepairOptions,
  ReplayOptions,
  RetryOptions,
  SelectionOptions,
  StopOptions,
  Verbs,
} from './verbs.ts'

/** @param done called with the exit code of the verb that ran */
export function buildProgram(verbs: Verbs, done: (exit: number) => void): Command {
  const program = new Command('batchtop').usage('<verb> [options]').helpCommand(false).exitOverride()
  program.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'batchtop: ')) })
  const after = async (exit: Promise<number>): Promise<void> => done(await exit)
  addRun(program, verbs, after)
  addWatching(program, verbs, after)
  addSteering(program, verbs, after)
  addItemVerbs(program, verbs, after)
  addPlan(program, verbs, after)
  addKeeping(program, verbs, after)
  addRecord(program, verbs, after)
  addLaterVerbs(program, LATER_VERBS)
  // Its own two help texts are in help.ts; verbs have theirs from commander.
  return program.helpOption(false)
}

type After = (exit: Promise<number>) => Promise<void>

function addRun(program: Command, verbs: Verbs, after: After): void {
  const run = program.command('run').argument('<plan>', 'plan file').description('Starts a plan and watches it.')
  startOptions(run)
    .option('--state-dir <dir>', 'where runs are kept (else $BATCHTOP_STATE_DIR, else state/ in the project)')
    .option('--dry-run', 'compile the plan, print what would run, start nothing')
    .option('--recover', 'continue an interrupted or stopped run of this plan if there is one, else start')
    .option('--new', 'a new run although one was interrupted')
    .action((plan: string, options: RunOptions) => after(verbs.run(plan, options)))
  addLaterOptions(run, LATER_RUN_OPTIONS)
  const recover = program.command('recover').argument('[run]').description('Continues an interrupted or stopped run.')
  startOptions(target(recover)).action((name: string | undefined, options: RecoverOptions) =>
    after(verbs.recover(named(name, options))),
  )
}

function addWatching(program: Command, verbs: Verbs, after: After): void {
  const attach = program.command('attach').argument('[run]').description('The full screen on a live run.')
  color(target(attach))
    .option('--read-only', 'no key changes the run')
    .option('--plain', 'plain lines instead of the full screen')
    .option('--ascii', 'no block or line characters')
    .action((run: string | undefined, options: AttachOptions) => after(verbs.attach(named(run, options))))
  const ls = program
    .command('ls')
    .description('Runs, newest first: live ones from anywhere, others of the state folder.')
  show(stateDir(ls)).action((options: ShowOptions & TargetOptions) => after(verbs.ls(options)))
  const status = program.command('status').argument('[run]').description('One run: counts, threads, batches, memory.')
  show(target(status)).action((run: string | undefined, options: ShowOptions & TargetOptions) =>
    after(verbs.status(named(run, options))),
  )
  const items = program.command('items').description('The items of a run, one a line.')
  show(target(items))
    .option('--state <state,...>', 'queued, running, waiting, succeeded, failed, skipped', stateList)
    .option('--batch <id>', 'only of this batch')
    .action((options: ItemsOptions) => after(verbs.items(options)))
  const events = program.command('events').argument('[run]').description('What happened in a run, as JSON lines.')
  target(events)
    .option('--follow', 'until the run ends')
    .option('--since <seq>', 'only what came after this number', count(0))
    .option('--json', 'JSON lines (they always are)')
    .action((run: string | undefined, options: EventsOptions) => after(verbs.events(named(run, options))))
  const replay = program.command('replay').argument('[run]').description('The full screen over what a run was.')
  color(target(replay))
    .option('--speed <times>', 'times as fast as it was, such as 10x', speed)
    .option('--ascii', 'no block or line characters')
    .action((run: string | undefined, options: ReplayOptions) => after(verbs.replay(named(run, options))))
  const wait = program.command('wait').argument('[run]').description('Waits until a run ends and exits as it did.')
  target(wait).action((run: string | undefined, options: TargetOptions) => after(verbs.wait(named(run, options))))
}

function addSteering(program: Command, verbs: Verbs, after: After): void {
  const pause = program.command('pause').description('Freezes threads at once; without selection all of them.')
  selection(target(pause))
    .option('--drain', 'running items finish first')
    .action((options: PauseOptions) => after(verbs.pause(options)))
  const resume = program.command('resume').description('Lets paused threads go on; without selection all of them.')
  selection(target(resume)).action((options: SelectionOptions) => after(verbs.resume(options)))
  const threads = program.command('threads').argument('<n|+n|-n>', 'how many, or how many more or fewer', threadsChange)
  target(threads)
    .description('More or fewer threads, live; the highest numbers finish their items first.')
    .action((change: { to: number } | { by: number }, options: TargetOptions) => after(verbs.threads(change, options)))
  const checkpoint = program.command('checkpoint').description('Writes a checkpoint now.')
  target(checkpoint).action((options: TargetOptions) => after(verbs.checkpoint(options)))
  const reclaim = program.command('reclaim').description('Threads give back the memory they do not need, now.')
  target(reclaim).action((options: TargetOptions) => after(verbs.reclaim(options)))
  const stop = program
    .command('stop')
    .description('Finishes what runs, starts nothing more, then the run is over (exit 3).')
  target(stop)
    .option('--now', 'end running items')
    .option('--grace <time>', 'finish what runs for this long, then end it', time(1000))
    .action((options: StopOptions) => after(verbs.stop(options)))
}

function addItemVerbs(program: Command, verbs: Verbs, after: After): void {
  const retry = program
    .command('retry')
    .argument('[item...]')
    .description('Puts failed or skipped items back to the queue; a run that has ended goes on.')
  changed(target(retry))
    .option('--failed', 'all that failed')
    .action((items: readonly string[], options: RetryOptions) => after(verbs.retry(items, options)))
  const skip = program.command('skip').argument('<item...>').description('Takes items out of the queue.')
  target(skip).action((items: readonly string[], options: TargetOptions) => after(verbs.skip(items, options)))
  const end = program
    .command('end')
    .argument('<item>')
    .description('Ends the running attempt of an item (reason user).')
  target(end)
    .option('--now', 'without asking it to finish')
    .action((item: string, options: TargetOptions & { now?: boolean }) => after(verbs.end(item, options)))
  const log = program.command('log').argument('<item>').description("An item's output.")
  target(log)
    .option('--attempt <n>', 'of this attempt (else the last)', count(1))
    .option('--undo', 'of the command that undid what it did')
    .option('-f, --follow', 'as it is written, until the attempt ends')
    .action((item: string, options: LogOptions) => after(verbs.log(item, options)))
  const why = program.command('why').argument('<item>').description('Why an item is not running, or how it ended.')
  target(why).action((item: string, options: TargetOptions) => after(verbs.why(item, options)))
}

function addPlan(program: Command, verbs: Verbs, after: After): void {
  const plan = program.command('plan').description('Looks at a plan file without running it.').helpCommand(false)
  const check = plan.command('check').argument('<plan>', 'plan file').description('What is wrong with a plan.')
  show(planOptions(check)).action((path: string, options: PlanOptions & ShowOptions) =>
    after(verbs.planCheck(path, options)),
  )
  const see = plan.command('show').argument('<plan>', 'plan file').description('What a plan comes to.')
  show(planOptions(see)).action((path: string, options: PlanOptions & ShowOptions) =>
    after(verbs.planShow(path, options)),
  )
  addLaterVerbs(plan, LATER_PLAN_VERBS)
}

function addKeeping(program: Command, verbs: Verbs, after: After): void {
  const prune = program.command('prune').description('Removes old runs: too many, too old or too large.')
  stateDir(prune)
    .option('--keep <n>', 'most runs that stay (20)', count(0))
    .option('--older <time>', 'goes so long after its end (30d; bare: days)', time(86_400_000))
    .option('--max-size <size>', 'most that all runs that stay may have (1GB)', size(1))
    .option('--dry-run', 'says what would go, removes nothing')
    .option('--force', 'runs with work left may go too; live ones never do')
    .option('--json', 'JSON instead of text')
    .action((options: PruneOptions) => after(verbs.prune(options)))
  const repair = program.command('repair').argument('[run]').description('Saves what is whole of a damaged run.')
  target(repair)
    .option('--yes', 'without asking')
    .action((run: string | undefined, options: RepairOptions) => after(verbs.repair(named(run, options))))
}

function addRecord(program: Command, verbs: Verbs, after: After): void {
  program
    .command('record', { hidden: true })
    .argument('<folder>')
    .option('--output')
    .option('--events')
    .option('--samples <time>', '', time(1))
    .option('--since <seq>', '', count(0))
    .action((folder: string, options: RecordOptions) => after(verbs.record(folder, options)))
}

function planOptions(command: Command): Command {
  return command
    .option('-j, --threads <n>', 'threads: 6, 50%, +2 or -1 (than cores), auto')
    .option('--memory-per-thread <size>', 'cap of one thread (bare: MB)', size(2 ** 20))
    .option('--reserve <size>', "what stays the system's", size(1))
    .option('--batch-size <n>', 'most items a chunk may hold', count(1))
    .option('--priority <a,b,c>', 'categories, most urgent first', list)
    .option('--only <batch,...>', 'only these batches, with what they need', list)
    .option('--no-needs', 'take needs as met')
    .option('--retries <n>', 'tries in all', count(1))
    .option('--timeout <time>', 'longest time of one attempt', time(1000))
}

/** Of what starts a supervisor and watches it. */
function startOptions(command: Command): Command {
  planOptions(command)
    .option('--checkpoint-interval <time>', 'longest time between two checkpoints (bare: minutes)', time(60_000))
    .option('--output <file>', 'append plain progress lines to a file')
    .option('--events <file>', 'append the JSON lines to a file')
    .option('--state-on-network', 'the state folder may be on a network file system')
    .option('-d, --detach', 'start, print the run id, return')
    .option('--foreground', 'the run belongs to this command and ends with it')
    .option('--json', 'JSON lines on standard output, messages on standard error')
    .option('--samples <time>', 'with --json or --events: memory samples this often', time(1000))
    .option('--plain', 'plain lines instead of the full screen')
    .option('-q, --quiet', 'plain lines for failures and the end only')
    .option('--ascii', 'no block or line characters')
  return changed(color(command))
}

const changed = (command: Command): Command =>
  command.option(
    '--changed <way>',
    'ended items that would run something else now: rerun, keep, or fail (start nothing)',
    changedWay,
  )

const color = (command: Command): Command => command.option('--no-color', 'no colour (also: NO_COLOR)')

const show = (command: Command): Command => color(command.option('--json', 'JSON instead of text'))

const stateDir = (command: Command): Command => command.option('--state-dir <dir>', 'where runs are kept')

const target = (command: Command): Command =>
  stateDir(command.option('-R, --run <run>', "a run id or its beginning, a plan's name, or last"))

const selection = (command: Command): Command =>
  command.option('--thread <n,...>', 'only these threads', threadList).option('--batch <id>', 'only this batch')

/** The run as argument is the same as `-R`; the argument wins. */
function named<T extends TargetOptions>(run: string | undefined, options: T): T {
  return run === undefined ? options : { ...options, run }
}
