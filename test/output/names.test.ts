/** Names may hold anything but NUL: whatever is printed about their items, a line stays a line. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { summaryOf } from '../../src/cli/summary.ts'
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import { decodeName, nameFields } from '../../src/model/names.ts'
import type { Reason } from '../../src/model/reason.ts'
import { millis, wallTime } from '../../src/model/units.ts'
import { itemJson, itemLine, itemWidths } from '../../src/output/items.ts'
import { statusObject } from '../../src/output/json.ts'
import { PlainLines } from '../../src/output/plain.ts'
import { planText } from '../../src/output/plan.ts'
import { formatStatus } from '../../src/output/status.ts'
import { summaryText } from '../../src/output/summary.ts'
import { eventView } from '../../src/run/event-views.ts'
import { explainItem } from '../../src/schedule/explain.ts'
import { createJsonLines } from '../../src/view/json-lines.ts'
import { listedPlan } from '../helpers/edit-plan.ts'
import { chunk, failed, runOf } from '../helpers/facts.ts'
import { NOW, storyRun } from '../helpers/story-run.ts'

const byte = fc.oneof(
  fc.constantFrom(0x0a, 0x0d, 0x1b, 0x5b, 0x9b, 0xc2, 0xe2, 0x80, 0xa8, 0x22),
  fc.integer({ min: 1, max: 255 }),
)
const name = fc.array(byte, { minLength: 1, maxLength: 12 }).map((bytes) => decodeName(Uint8Array.from(bytes)))

// oxlint-disable-next-line no-control-regex
const BREAKS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/u

const run = runId('7f3a')

/** A run of one item of this name that has failed, and what is said of it. */
function saidOf(text: string) {
  const plan = listedPlan([{ id: 'a', items: [text] }])
  const reason: Reason = { kind: 'threw', message: `not ${text}` }
  const failure = failed(0, { reason })
  const state = runOf(plan, [chunk(0, [0]), failure])
  const view = eventView(state, { seq: 3, at: wallTime(2000), event: failure })
  const why = { reason }
  const row = { index: 0, name: text, batch: 'a', state: 'failed', attempts: 1, why } as const
  return { plan, state, failure, view, row }
}

/** What people see of it, as lines. */
function shape(text: string) {
  const { plan, state, view, row } = saidOf(text)
  const [thread, ...others] = storyRun().threads
  const item = { index: itemIndex(0), name: text, attempt: 1, tries: 1 }
  const status = { ...storyRun(), threads: [...(thread ? [{ ...thread, item }] : []), ...others] }
  const widths = itemWidths({ items: 1, names: [text], batches: ['a'], hasMemory: false })
  return [
    new PlainLines({ run, plan: 'p', startedAt: wallTime(0), isQuiet: false }).event(view),
    [itemLine(row, widths)],
    summaryText(summaryOf({ run, plan: 'p' }, state)).split('\n'),
    formatStatus(status, NOW).split('\n'),
    // What a task throws may have lines of its own there.
    explainItem(runOf(plan, [chunk(0, [0]), failed(0)]), itemIndex(0)),
    planText(plan, [batchIndex(0)]).split('\n'),
  ]
}

/** What scripts see of it. */
function linesOf(text: string): readonly string[] {
  const { plan, failure, row } = saidOf(text)
  const events: readonly RunEvent[] = [
    { type: 'items.skipped', batch: batchIndex(0), count: 1, items: [itemIndex(0)], because: { kind: 'user' } },
    { type: 'item.undone', item: itemIndex(0), thread: threadNumber(1), ms: millis(1) },
    failure,
  ]
  const lines = createJsonLines({ plans: [plan], run, iso: String })
  const journaled = events.flatMap((event, place) => lines({ seq: place + 1, at: wallTime(1000), event }))
  const [thread, ...others] = storyRun().threads
  const item = { index: itemIndex(0), name: text, attempt: 1, tries: 1 }
  const status = statusObject({ ...storyRun(), threads: [{ ...thread, item } as never, ...others] }, NOW)
  const [first] = (status as { readonly threads: readonly object[] }).threads
  return [...journaled, itemJson(run, row), JSON.stringify(first)]
}

test('no name breaks a line for people', () => {
  const plain = shape('plain')
  fc.assert(
    fc.property(name, (text) => {
      for (const [place, lines] of shape(text).entries()) {
        expect(lines).toHaveLength(plain[place]?.length ?? 0)
        for (const line of lines) expect(line).not.toMatch(BREAKS)
      }
    }),
  )
})

test('JSON for scripts has every name in a form that others can read, with its bytes', () => {
  fc.assert(
    fc.property(name, (text) => {
      const lines = linesOf(text)
      expect(lines).toHaveLength(5)
      for (const line of lines) {
        expect(line.isWellFormed()).toBe(true)
        expect(line).not.toMatch(/\n|\\ud[89a-f]/i)
        const { item, itemBase64 } = JSON.parse(line) as { item: string; itemBase64?: string }
        expect({ item, ...(itemBase64 === undefined ? {} : { itemBase64 }) }).toEqual(nameFields(text))
      }
    }),
  )
})
