import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Lines } from '../../src/link/protocol.ts'
import { parseRequest } from '../../src/link/verbs.ts'

const request = (command: unknown) => parseRequest(JSON.stringify({ type: 'command', id: 7, command }))

test.each([
  { verb: 'pauseThreads', drain: false },
  { verb: 'pauseThreads', drain: true, threads: [1, 2], batch: 'a' },
  { verb: 'resumeThreads' },
  { verb: 'setThreads', by: -1 },
  { verb: 'retryItems', items: 'failed' },
  { verb: 'retryItems', items: [0, 5] },
  { verb: 'skipItems', items: [3] },
  { verb: 'endItem', item: 3, attempt: 1, isNow: true },
  { verb: 'stopRun', isNow: false, grace: 500 },
  { verb: 'explainItem', item: 0 },
  { verb: 'locateLog', item: 0 },
])('%j is a command', (command) => {
  expect(request(command)).toEqual({ type: 'command', id: 7, command })
})

test.each([
  [{ verb: 'pauseThreads' }, 'drain'],
  [{ verb: 'pauseThreads', drain: 1 }, 'drain'],
  [{ verb: 'resumeThreads', threads: 'all' }, 'threads'],
  [{ verb: 'resumeThreads', batch: null }, 'batch'],
  [{ verb: 'resumeThreads', category: 'core' }, 'category'],
  [{ verb: 'setThreads', to: 1.5 }, 'to'],
  [{ verb: 'retryItems', items: 'all' }, 'items'],
  [{ verb: 'skipItems', items: [-1] }, 'items'],
  [{ verb: 'skipItems', items: { length: 1 } }, 'items'],
  [{ verb: 'stopRun', isNow: true, grace: '5s' }, 'grace'],
])('%j is answered, naming the field %s', (command, field) => {
  expect(request(command)).toEqual({ type: 'bad', id: 7, verb: command.verb, field })
})

test.each(['reclaim', 'toString', '__proto__', ''])(
  'a verb this version does not know, %j, can be answered',
  (verb) => {
    expect(request({ verb })).toEqual({ type: 'unknown', id: 7, verb })
  },
)

test.each([
  '',
  'hello',
  '{',
  '[]',
  'null',
  '7',
  '{"type":"command"}',
  '{"type":"command","id":1,"command":{}}',
  '{"type":"x"}',
])('%j is no request', (line) => {
  expect(parseRequest(line)).toBeUndefined()
})

test('lines come out whole, however they were cut', () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ' '))
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(20)), (whole, cuts) => {
      const lines = new Lines()
      let rest = whole.map((one) => `${one}\n`).join('')
      const found: string[] = []
      for (const cut of [...cuts, rest.length]) {
        found.push(...(lines.add(rest.slice(0, cut)) ?? ['too long']))
        rest = rest.slice(cut)
      }
      found.push(...(lines.add(rest) ?? ['too long']))
      expect(found).toEqual(whole)
    }),
  )
})

test('a line that never ends is noticed before it fills the memory', () => {
  const lines = new Lines(10)
  expect(lines.add('12345678')).toEqual([])
  expect(lines.add('90123')).toBeUndefined()
})
