/** Restores a run as a supervisor does that has just begun, in a process of its own: nothing is warm. Prints what it took. */
import { readFileSync } from 'node:fs'
import { restore } from '../../src/journal/restore.ts'
import { readRunInfo } from '../../src/journal/run-info.ts'

const [folder = ''] = process.argv.slice(2)
const info = await readRunInfo(folder)
if (!info) throw new Error(`${folder} holds no run`)
const from = performance.now()
const { state, seq } = await restore(folder, info)
const ms = performance.now() - from
const succeeded = state.batches.reduce((sum, { durable }) => sum + durable.succeeded, 0)
const megabytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024
console.log(JSON.stringify({ ms, succeeded, events: seq, megabytes }))
