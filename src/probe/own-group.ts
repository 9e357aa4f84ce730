/**
 * Groups of version 2 can be made only inside a group that was handed to us (`systemd-run --user --scope -p Delegate=yes batchtop run
 * ...` does that), and a group with limits inside holds no processes itself. So everybody in it moves to a leaf beside the groups that
 * come, which is right only while everybody there is ours: a shell in it, say, must stay where its owner put it.
 */
import { readlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readText } from './cgroup-tree.ts'
import { attempt, type ControlFiles } from './control-files.ts'

/** A group in which groups with limits can be made. */
export interface OwnGroup {
  readonly folder: string
  /** Puts everything back as it was. */
  readonly giveBack: () => void
}

/** Stays when the run ends: other runs of ours may be in it, and the group around it goes with its last process. */
const LEAF = 'batchtop-supervisor'

/** Processes start others while they are moved. */
const MOST_MOVES = 5

/** @throws what the kernel answers where it does not let us; nothing has changed then. Undefined where the group is not ours alone */
export function takeOwnGroup(folder: string, files: ControlFiles, proc: string): OwnGroup | undefined {
  // The client that started us, or a supervisor before us, has been here.
  if (basename(folder) === LEAF && holds(files, dirname(folder), 'cgroup.subtree_control'))
    return { folder: dirname(folder), giveBack: () => {} }
  if (!holds(files, folder, 'cgroup.controllers') || !isOurs(processesIn(files, folder), proc)) return undefined
  const leaf = join(folder, LEAF)
  const giveBack = () => {
    attempt(() => files.write(join(folder, 'cgroup.subtree_control'), '-memory'))
    for (const pid of processesIn(files, leaf)) attempt(() => move(files, folder, pid))
    attempt(() => files.removeGroup(leaf))
  }
  files.makeGroup(leaf)
  try {
    moveAll(files, { folder, leaf, proc })
    return { folder, giveBack }
  } catch (error) {
    giveBack()
    throw error
  }
}

function moveAll(files: ControlFiles, { folder, leaf, proc }: { folder: string; leaf: string; proc: string }): void {
  for (let round = 1; ; round += 1) {
    const pids = processesIn(files, folder)
    if (!isOurs(pids, proc)) throw new Error('Somebody else has come into the group.')
    for (const pid of pids) move(files, leaf, pid)
    try {
      files.write(join(folder, 'cgroup.subtree_control'), '+memory')
      return
    } catch (error) {
      // EBUSY: somebody was started in between.
      if (round === MOST_MOVES) throw error
    }
  }
}

function move(files: ControlFiles, folder: string, pid: number): void {
  try {
    files.write(join(folder, 'cgroup.procs'), String(pid))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function holds(files: ControlFiles, folder: string, list: string): boolean {
  return files.read(join(folder, list)).trim().split(' ').includes('memory')
}

function processesIn(files: ControlFiles, folder: string): readonly number[] {
  return files
    .read(join(folder, 'cgroup.procs'))
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [Number(line)]))
}

/** Whether all these are this process, clients of ours above it, or started by it. */
function isOurs(pids: readonly number[], proc: string): boolean {
  const clients = findClients(proc)
  return pids.every((pid) => clients.has(pid) || parentsOf(pid, proc).includes(process.pid))
}

/** This process, and the programs of ours that started it, one above the other. */
function findClients(proc: string): ReadonlySet<number> {
  const exe = (pid: number) => attempt(() => readlinkSync(join(proc, String(pid), 'exe')))
  const program = (pid: number) => basename(readText(join(proc, String(pid), 'cmdline')).split('\0')[1] ?? '')
  const isClient = (pid: number) => exe(pid) === exe(process.pid) && program(pid) === 'batchtop'
  const above = parentsOf(process.pid, proc).slice(1)
  const stranger = above.findIndex((pid) => !isClient(pid))
  return new Set([process.pid, ...(stranger === -1 ? above : above.slice(0, stranger))])
}

/** A process and those above it, the nearest first. */
function parentsOf(pid: number, proc: string): readonly number[] {
  const found: number[] = []
  for (let next = pid; next > 0 && !found.includes(next); ) {
    found.push(next)
    const stat = readText(join(proc, String(next), 'stat'))
    // The name in brackets may hold anything; then: state, parent.
    next = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
  }
  return found
}
