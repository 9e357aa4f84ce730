import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Crashes } from '../helpers/crashes.ts'
import { Gates } from '../helpers/gates.ts'
import { BIN, Box } from '../helpers/program.ts'

let box: Box
let gates: Gates
let crashes: Crashes

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
  crashes = new Crashes(gates)
})
afterEach(() => box.close())

interface Line {
  readonly type: string
  readonly seq?: number
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)

const NAMES = Array.from({ length: 60 }, (_, place) => `i${place}`)

/** Every event once, whoever was killed: numbers rise, no line is there twice, none is missing, none is cut. */
async function checkEvents(run: string): Promise<void> {
  const text = await crashes.file('events.jsonl')
  const told = text
    .split('\n')
    .filter(Boolean)
    .filter((line) => (JSON.parse(line) as Line).seq !== undefined)
  expect(told).toEqual((await box.run('events', '-R', run)).out.split('\n').filter(Boolean))
}

/** The recorder as a recovery starts it. */
async function recordAgain(run: string): Promise<number | null> {
  const args = [BIN, 'record', join(box.stateDir, 'runs', run), '--events', '--since', '0']
  const file = openSync(join(box.folder, 'events.jsonl'), 'a+')
  const recorder = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore', 'ignore', file] })
  closeSync(file)
  return await new Promise((resolve) => recorder.on('close', resolve))
}

test('--events has every event once over a crash of the supervisor', async () => {
  const { run } = await crashes.interrupted('once', '--events', 'events.jsonl')
  await gates.go('all')
  expect((await box.run('recover')).code).toBe(0)
  await checkEvents(run)
  const kinds = linesOf(await crashes.file('events.jsonl')).map(({ type }) => type)
  expect(kinds.filter((type) => type === 'run.interrupted' || type === 'run.recovered')).toEqual([
    'run.interrupted',
    'run.recovered',
  ])
})

test('also where what wrote it was killed, in the middle of a line and of an event of many', async () => {
  await gates.go('all')
  const plan = await gates.plan('cut', {
    threads: 1,
    batches: `${gates.batch('a', '[x]')}  - { id: b, items: [${NAMES.join(', ')}], task: ./noop.ts }\n`,
  })
  expect((await box.run('run', plan, '--plain', '--events', 'events.jsonl')).code).toBe(0)
  const [run = ''] = await crashes.runs()
  const whole = await crashes.file('events.jsonl')
  const lines = whole.split('\n')
  const seqs = linesOf(whole).map(({ seq }) => seq)
  const place = seqs.findIndex((seq, one) => one > 0 && seq === seqs[one - 1])
  expect(place).toBeGreaterThan(0)
  const cut = (lines[place] ?? '').slice(0, 60)
  await box.write('events.jsonl', [...lines.slice(0, place), cut].join('\n'))
  expect(await recordAgain(run)).toBe(0)
  expect((await crashes.file('events.jsonl')).replace(`${cut}\n`, '')).toBe(whole)
})
