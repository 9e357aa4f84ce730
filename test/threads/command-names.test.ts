import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { threadNumber } from '../../src/model/ids.ts'
import { decodeName } from '../../src/model/names.ts'
import type { Command } from '../../src/model/template.ts'
import { readLog } from '../../src/threads/logs.ts'
import { LANES, script, shellRig } from './shell-rig.ts'

const printed: Command = {
  kind: 'words',
  text: 'printf %s|%s {} x{}',
  words: [['printf'], ['%s|%s'], [{ slot: 'item' }], ['x', { slot: 'item' }]],
}

const nasty = [
  "it's",
  '"',
  '$(reboot)',
  '`x`',
  '-n',
  '--',
  'a\nb',
  ' ',
  '\\',
  '*',
  '~',
  '$HOME',
  '{}',
  '\u0001\u007f',
  '!!',
  'ü😀',
  "'\\''",
]

/** Names that a plan may hold: any bytes but NUL. Long ones and those with quotes more often than chance would have it. */
const name = fc.oneof(
  fc.uint8Array({ min: 1, max: 255, minLength: 1, maxLength: 60 }),
  fc.constantFrom(...nasty).map((text) => new TextEncoder().encode(text)),
)

describe.each(LANES)('in a lane of $program', (lane) => {
  test('a name arrives byte for byte, as an argument and in a script', async () => {
    const { runAll, folder } = await shellRig(lane)
    await fc.assert(
      fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 20 }), async (names) => {
        for (const run of [printed, script("printf '%s|%s' {} x{}")]) {
          const results = await runAll(names.map(decodeName), { run })
          const logs = await Promise.all(
            results.map(async ({ log }) => log && (await readLog(folder, threadNumber(1), log))),
          )
          const wanted = names.map((bytes) => Buffer.concat([bytes, Buffer.from('|x'), bytes]))
          expect(logs.map((log) => log?.toString('hex'))).toEqual(wanted.map((bytes) => bytes.toString('hex')))
        }
      }),
      { numRuns: 40 },
    )
  })

  test('a name is in the variables of its item byte for byte', async () => {
    const { runAll, folder } = await shellRig(lane)
    const names = [...nasty.map((text) => new TextEncoder().encode(text)), Uint8Array.from([0xff, 0x80, 0x27, 0x0a])]
    const results = await runAll(names.map(decodeName), { run: script('printf %s "$BATCHTOP_ITEM"') })
    const logs = await Promise.all(results.map(async ({ log }) => log && (await readLog(folder, threadNumber(1), log))))
    expect(logs.map((log) => log?.toString('hex'))).toEqual(names.map((bytes) => Buffer.from(bytes).toString('hex')))
  })
})
