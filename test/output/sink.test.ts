import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createSink } from '../../src/output/sink.ts'

test('writing waits while nobody reads, and goes on when somebody does', async () => {
  const stream = new PassThrough({ highWaterMark: 4 })
  const sink = createSink(stream)
  let isDone = false
  const writing = sink.write('longer than four').then(() => (isDone = true))
  await Promise.resolve()
  expect(isDone).toBe(false)
  expect(String(stream.read())).toBe('longer than four')
  await writing
  expect(isDone).toBe(true)
})

test('a reader that has gone away is told once, and writing does nothing more', async () => {
  const stream = new PassThrough({ highWaterMark: 4 })
  let count = 0
  const sink = createSink(stream, () => (count += 1))
  const writing = sink.write('longer than four')
  stream.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }))
  await writing
  await sink.write('more')
  expect(sink.isBroken()).toBe(true)
  expect(count).toBe(1)
})
