import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const leashed = fileURLToPath(new URL('./fixtures/leashed.ts', import.meta.url))

/** A process on a leash that says `on`, then does as it is told. */
function start(how: 'waits' | 'exits') {
  const child = spawn(process.execPath, [leashed, how], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
  return { child, leash: child.stdio[3], ended: once(child, 'exit') }
}

test('who is on a leash hears that it was cut', async () => {
  const { child, leash, ended } = start('waits')
  await once(child.stdout ?? child, 'data')
  leash?.destroy()
  expect(await ended).toEqual([7, null])
})

test('who is on a leash can end by itself', async () => {
  const { ended, leash } = start('exits')
  expect(await ended).toEqual([3, null])
  leash?.destroy()
})
