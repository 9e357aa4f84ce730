/**
 * The fields of a plan file, as this version knows them. `npm run schema` turns it into schema/plan.schema.json for editors, so every field
 * has a description; `shape.ts` checks a parsed file with it. Only what one field can say of itself is checked here: what
 * fields mean to each other stands in check/, one rule a file. Error texts go on after the field's name: "`level` must be ...".
 */
import * as z from 'zod'
import type { Json } from '../model/json.ts'
import { DEFAULT_LOG_LIMIT, LEVELS, MAX_BATCH_SIZE, MAX_THREADS } from '../model/plan.ts'
import { sizeText } from '../model/size-text.ts'
import { parseSize, parseTime } from '../model/units.ts'
import { isJson } from './is-json.ts'
import { parseShare } from './parse-share.ts'
import { parseSpan } from './parse-span.ts'

/** An error text for everything but unknown keys, which `shape.ts` words by itself. */
function must(what: string): { error: (issue: { readonly code?: string }) => string | undefined } {
  return { error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : `must be ${what}`) }
}

/** A text or number that `parse` makes something of. */
function parsed<Value>(what: string, rule: string, parse: (text: string) => Value | undefined) {
  return z.union([z.string(), z.number()], must(what)).transform((input, context) => {
    const value = parse(String(input))
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `must be ${what}`, params: { rule } })
    return z.NEVER
  })
}

const A_TEXT = 'a text of at least one character'
const A_COUNT = 'a whole number from 1 up'
const text = z.union([z.string().min(1, must(A_TEXT)), z.number()], must(A_TEXT)).transform(String)
const A_COMMAND = 'a command, in quotes where it begins with `{` or `[`'
const command = z.union([z.string().min(1, must(A_COMMAND)), z.number()], must(A_COMMAND)).transform(String)
const count = z.int(must(A_COUNT)).min(1, must(A_COUNT))
const flag = z.boolean(must('true or false'))
const size = parsed('a size such as `2GB` or `512M`', 'bad-size', parseSize)
const time = parsed('a time such as `30s`, `5m` or `2h`', 'bad-time', parseTime)
const span = parsed('a time such as `2h`, or two such as `3d..5d`', 'bad-time', parseSpan)
const LEAST_ACT = 0.5
const MOST_ACT = 0.99
const act = parsed('a share of the budget from 50% to 99%, such as `95%`', 'bad-share', (input) => {
  const share = parseShare(input)
  return share !== undefined && share >= LEAST_ACT && share <= MOST_ACT ? share : undefined
})
const failures = parsed('a share above 0 and up to 100%, such as `50%`', 'bad-share', (input) => {
  const share = parseShare(input)
  return share !== undefined && share > 0 && share <= 1 ? share : undefined
})
const A_WINDOW = 'a whole number from 1 to 1000'
const AN_EXIT_CODE = 'a whole number from 0 to 255'
const json = z
  .unknown()
  .refine(isJson, must('what JSON can say: texts, finite numbers, true, false, null, lists and maps'))
  .transform((value) => value as Json)

export const memoryShape = {
  perThread: size.optional().meta({
    description: 'Cap of one thread, such as 2GB. Left out: the budget shared out among the threads.',
  }),
  reserve: size.optional().meta({
    description: "Stays the system's, such as 4GB. Left out: a quarter of `total`, at most 4GB.",
  }),
  total: size.optional().meta({
    description: 'What the plan may count on. Left out: what the machine or its cgroup has. Checked when given.',
  }),
  act: act.optional().meta({
    description: 'Share of the budget at which the governor acts at the latest, 50% to 99%. Left out: 95%.',
  }),
}

export const retryShape = {
  attempts: count.optional().meta({ description: 'Tries in all, the first included. Left out: 1, which is no retry.' }),
  min: time.optional().meta({
    description: 'Wait after the first failure, doubled with every further one. Left out: 2s.',
  }),
  max: time.optional().meta({ description: 'Longest wait between two tries. Left out: 60s.' }),
  never: z
    .array(
      z.int(must(AN_EXIT_CODE)).min(0, must(AN_EXIT_CODE)).max(255, must(AN_EXIT_CODE)),
      must('a list of exit codes'),
    )
    .optional()
    .meta({ description: 'Exit codes of commands that are never tried again, such as [2]; 126 and 127 never are.' }),
}
const retry = z.strictObject(retryShape, must('a map with `attempts`, `min`, `max`, `never`'))

export const breakerShape = {
  failures: failures
    .optional()
    .meta({ description: 'Share of the last tries that may fail, such as 50%. Left out: 50%.' }),
  of: z
    .int(must(A_WINDOW))
    .min(1, must(A_WINDOW))
    .max(1000, must(A_WINDOW))
    .optional()
    .meta({ description: 'How many tries are looked at, 1 to 1000. Left out: 20.' }),
  wait: time.optional().meta({ description: 'How long nothing starts then; after it one item tries. Left out: 1m.' }),
}
const breaker = z.strictObject(breakerShape, must('a map with `failures`, `of`, `wait`'))

const A_SHELL = 'a program with its options, such as `bash` or `bash -euo pipefail`'
const shell = text
  .transform((input) => input.split(/\s+/).filter((word) => word !== ''))
  .refine((words) => words.length > 0, must(A_SHELL))
const LOG_LIMIT = `Most output kept of one try of an item, such as 1GB. Left out: ${sizeText(DEFAULT_LOG_LIMIT)}.`

export const phaseShape = {
  id: text.meta({ description: "Name of the phase, taken as text; no blanks, ':' or '/'." }),
  title: text.optional().meta({ description: 'What people see. Left out: the id.' }),
}

export const phasesShape = {
  ordered: flag.optional().meta({
    description: 'True, or left out: a phase starts when every item of those above it has ended, whatever the outcome.',
  }),
  list: z
    .array(z.strictObject(phaseShape, must('a map with `id` and `title`')), must('a list of phases'))
    .meta({ description: 'The phases, first one first.' }),
}

const when = z
  .enum(['succeeded', 'ended'], must('`succeeded` or `ended`'))
  .optional()
  .meta({ description: 'succeeded (or left out): every item of it did. ended: however they ended.' })
export const needShapes = {
  batch: text.meta({ description: 'Id of a batch.' }),
  phase: text.meta({ description: 'Id of a phase.' }),
  when,
}
const A_NEED = 'the id of a batch or phase, or a map such as `{ batch: A, when: ended }`'
const need = z.union(
  [
    text,
    z.strictObject({ batch: needShapes.batch, when }, must(A_NEED)),
    z.strictObject({ phase: needShapes.phase, when }, must(A_NEED)),
  ],
  must(A_NEED),
)

export const itemShape = {
  id: text.meta({ description: 'Name of the item, once in its batch.' }),
  task: text.optional().meta({ description: "Its own task module instead of the batch's." }),
  run: command.optional().meta({ description: "Its own command instead of the batch's." }),
  with: json.optional().meta({ description: "What its task is given instead of the batch's `with`." }),
  estimate: time.optional().meta({ description: 'How long it takes, such as 30s.' }),
}
const item = z.union([text, z.strictObject(itemShape, must('a map with `id`'))], must('a name or a map with `id`'))

const A_COLUMN = 'a list of values or a range such as `1..100`'
const A_VALUE = 'a text, a number, true or false'
const A_PRODUCT = 'a map of columns, such as `{ beta: [0.1, 0.2], seed: 1..100 }`'
/** As they are written: what is no text in YAML was put back before. */
const value = z.union([z.string(), z.number(), z.boolean()], must(A_VALUE)).transform(String)
const column = z.union(
  [text, z.array(value, must(A_COLUMN)).min(1, must('a list of at least one value'))],
  must(A_COLUMN),
)
export const sourceShapes = {
  count: count.meta({ description: 'How many items.' }),
  name: text
    .optional()
    .meta({ description: 'Their names: {} is the number, from 1. Left out: the id of the batch, "-{}".' }),
  glob: text.meta({ description: "An item for every file that matches, from the batch's `cwd`." }),
  file: text.meta({ description: 'An item for every line of this file, which is found from the plan file.' }),
  command: text.meta({ description: "An item for every line that this command prints, run in the batch's `cwd`." }),
  csv: text.meta({
    description:
      'An item for every row of this table, found from the plan file. The first line names the columns, which are placeholders.',
  }),
  id: text.optional().meta({ description: 'The column that names the items. Left out: the first one.' }),
  product: z.record(z.string(), column, must(A_PRODUCT)).meta({
    description:
      'An item for every combination of the values of these columns, named such as beta=0.1,seed=1. The columns are placeholders.',
  }),
  late: flag.optional().meta({
    description:
      'True: the files, lines or rows are looked for when the batch may start, such as after a batch that makes them. Left out: once, before anything starts.',
  }),
}
const { late } = sourceShapes
const AN_ITEM_SOURCE =
  'a range such as `US-001..US-426`, a list, or one of { count, name }, { glob }, { file }, { command }, { csv, id }, { product }'
const source = must(AN_ITEM_SOURCE)
const items = z.union(
  [
    z.string(),
    z.array(item),
    z.strictObject({ count: sourceShapes.count, name: sourceShapes.name }, source),
    z.strictObject({ glob: sourceShapes.glob, late }, source),
    z.strictObject({ file: sourceShapes.file, late }, source),
    z.strictObject({ command: sourceShapes.command, late }, source),
    z.strictObject({ csv: sourceShapes.csv, id: sourceShapes.id, late }, source),
    z.strictObject({ product: sourceShapes.product }, source),
  ],
  source,
)

const AN_ESTIMATE = 'a time such as `2h`, two such as `3d..5d`, or `{ item: 2s }`'
export const estimateShape = { item: span.meta({ description: 'How long one item takes, such as 2s or 2s..5s.' }) }
const estimate = z.union([span, z.strictObject(estimateShape, must(AN_ESTIMATE))], must(AN_ESTIMATE))

export const batchShape = {
  id: text.meta({ description: "Name of the batch, taken as text (1.10 stays 1.10); no blanks, ':' or '/'." }),
  title: text.optional().meta({ description: 'What people see. Left out: the id.' }),
  phase: text.optional().meta({ description: 'Id of the phase it belongs to.' }),
  category: text.optional().meta({ description: 'A word of `priority`.' }),
  level: z
    .enum(LEVELS, must('critical, high, medium or low'))
    .optional()
    .meta({ description: 'How urgent it is within its phase and category. Left out: medium.' }),
  threads: z.array(count, must('a list of thread numbers such as [1, 2]')).optional().meta({
    description: 'Threads with first call on its items. Others take them when they have nothing of their own.',
  }),
  threadsOnly: flag.optional().meta({ description: 'True: no other thread ever takes its items.' }),
  parallel: count.optional().meta({ description: 'Most of its items that run at once. Left out: no limit.' }),
  items: items.optional().meta({
    description:
      'A range such as US-001..US-426 (padding kept), a list of names or { id, task, run, with, estimate }, { count, name }, ' +
      '{ glob }, { file }, { command }, { csv, id } (each of these also with `late: true`) or { product }. ' +
      'Left out: one item, named as the batch.',
  }),
  task: text.optional().meta({
    description:
      'Task module that its items run (.ts, .mts, .js, .mjs), found from the plan file. Either this or `run`.',
  }),
  run: command.optional().meta({
    description:
      'Command that its items run, with {} for the name of the item; placeholders are quoted. With shell syntax it is run by /bin/sh -e.',
  }),
  shell: shell.optional().meta({
    description:
      'Program that runs `run` and `undo`, given them behind -c: bash, or bash -euo pipefail. Left out: /bin/sh -e where there is shell syntax, else none.',
  }),
  with: json.optional().meta({ description: 'What the task is given, as `context.with`.' }),
  needs: z.array(need, must('a list of batches and phases')).optional().meta({
    description:
      'Batches and phases that must have succeeded before it starts; { batch: A, when: ended } however A ended.',
  }),
  cwd: text.optional().meta({
    description: "Folder its items run in, found from the plan file. Left out: the plan file's folder.",
  }),
  env: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], must('a text')).transform(String),
      must('a map of texts'),
    )
    .optional()
    .meta({ description: 'Added to the environment of its items.' }),
  outputs: z.array(text, must('a list of files')).optional().meta({
    description:
      'Files an item must have made when it succeeds, such as out/{}.md, from the folder it runs in. Their folders are made before, leftovers of a failure removed.',
  }),
  undo: command.optional().meta({
    description: 'Command that takes back what an item did that finally failed, such as rm -f out/{}.md.',
  }),
  breaker: breaker.optional().meta({
    description: 'Stops the batch for a while when too many of its last tries failed. Left out: never.',
  }),
  logLimit: size.optional().meta({ description: "Instead of the plan's `logLimit`." }),
  memory: size.optional().meta({
    description: 'What one item is expected to need, such as 300MB, until the run has learned better. At most a cap.',
  }),
  estimate: estimate.optional().meta({
    description: 'How long it takes: of the whole batch (2h, 3d..5d) or of one item ({ item: 2s }).',
  }),
  retry: retry.optional().meta({ description: "Instead of the plan's `retry`, field by field." }),
  timeout: time.optional().meta({ description: "Instead of the plan's `timeout`." }),
}

const A_THREAD_COUNT = `a whole number from 1 to ${MAX_THREADS}, or auto`
const A_BATCH_SIZE = `a whole number from 1 to ${MAX_BATCH_SIZE}`
export const planShape = {
  name: text.optional().meta({ description: 'Name of the plan. Left out: the name of the file.' }),
  threads: z
    .union(
      [z.int().min(1, must(A_THREAD_COUNT)).max(MAX_THREADS, must(A_THREAD_COUNT)), z.literal('auto')],
      must(A_THREAD_COUNT),
    )
    .optional()
    .meta({ description: 'How many items run at once. auto, or left out: as many as cores and memory allow.' }),
  memory: z
    .strictObject(memoryShape, must('a map with `perThread`, `reserve`, `total`, `act`'))
    .optional()
    .meta({ description: 'How memory is shared out between threads and system. Sizes are powers of 1024.' }),
  batchSize: z
    .int(must(A_BATCH_SIZE))
    .min(1, must(A_BATCH_SIZE))
    .max(MAX_BATCH_SIZE, must(A_BATCH_SIZE))
    .optional()
    .meta({ description: 'Most items handed to a thread at a time. Left out: adaptive.' }),
  priority: z
    .array(text, must('a list of categories'))
    .optional()
    .meta({ description: 'Categories of batches, most urgent first.' }),
  retry: retry
    .optional()
    .meta({ description: 'How often a failing item is tried, with growing waits. Left out: once.' }),
  timeout: time.optional().meta({
    description: 'Longest time of one attempt of an item, such as 10m; paused time does not count. Left out: none.',
  }),
  logLimit: size.optional().meta({ description: LOG_LIMIT }),
  checkpoint: time.optional().meta({
    description: 'Longest time between two checkpoints, such as 10m. Left out: 30m.',
  }),
  phases: z
    .strictObject(phasesShape, must('a map with `ordered` and `list`'))
    .optional()
    .meta({ description: 'Groups of batches, such as the weeks of a project.' }),
  batches: z
    .array(z.strictObject(batchShape, must('a map with `id`, and `task` or `run`')), must('a list of batches'))
    .min(1, must('a list of at least one batch'))
    .meta({ description: 'What there is to do: named sets of items with one task.' }),
}

/** A plan file. Its output has sizes in bytes, times in milliseconds and ids as texts. */
export const planSchema = z
  .strictObject(planShape, must('a map with `batches`'))
  .meta({ title: 'batchtop plan', description: 'A plan file of batchtop.' })

/** A plan file that has the right shape. */
export type PlanInput = z.output<typeof planSchema>
export type BatchInput = PlanInput['batches'][number]
export type ItemsInput = NonNullable<BatchInput['items']>
export type NeedInput = NonNullable<BatchInput['needs']>[number]
