/**
 * All processes that the items of a lane started: those of its session but the lane itself. On Linux they are looked up; elsewhere the group
 * of the item that runs stands for them.
 */
import { existsSync, readFileSync } from 'node:fs'
import { signalAll, signalGroup } from './groups.ts'
import { ps } from './left-behind.ts'
import { isDead, listPids, readStat } from './procfs.ts'

export interface Tree {
  /** Number of the lane, which leads the session. */
  readonly session: number
  /** Items have groups of their own. */
  readonly isGrouped: boolean
  /** The item's first process, where it is known. Where items have groups it leads its own. */
  readonly leader?: number | undefined
}

export interface TreeMember {
  readonly pid: number
  readonly group: number
  readonly isStopped: boolean
  /** It is a copy of the lane that is about to become an item's program. */
  readonly isLane: boolean
}

const hasProcfs = existsSync('/proc/self/stat')

/** Living processes of the tree, the lane left out; undefined where nobody can look. Takes 10 us for each process of the machine. */
export function treeMembers(tree: Tree): readonly TreeMember[] | undefined {
  if (!hasProcfs) return undefined
  const { session } = tree
  const own = ownSession(tree)
  return listPids().flatMap((pid) => {
    const stat = pid === session ? undefined : readStat(pid)
    if (!stat || (stat.session !== session && stat.session !== own) || isDead(stat)) return []
    const isStopped = stat.state === 'T' || stat.state === 't'
    return [{ pid, group: stat.group, isStopped, isLane: stat.isFork && stat.parent === session }]
  })
}

/** An item that shares the lane's group may make a session of its own in its first process, which is then nobody else's. */
function ownSession({ session, leader }: Tree): number {
  const stat = leader === undefined ? undefined : readStat(leader)
  return stat?.parent === session && stat.session === leader ? leader : session
}

/** Those of its processes that are left, of all groups or of its item's. */
export async function leftOf(tree: Tree, of: 'session' | 'group'): Promise<readonly number[]> {
  const members = treeMembers(tree)
  if (!members) return leftOfGroup(tree)
  return members.filter(({ group }) => of === 'session' || group === tree.leader).map(({ pid }) => pid)
}

async function leftOfGroup({ session, isGrouped, leader }: Tree): Promise<readonly number[]> {
  const group = isGrouped ? leader : session
  return group === undefined ? [] : (await ps.allOf(group)).filter((pid) => pid !== session)
}

/**
 * @param members whom to signal, where somebody has looked already: who was born since is left out
 * @returns false: nobody was there
 */
export function signalTree(tree: Tree, signal: NodeJS.Signals, members = treeMembers(tree)): boolean {
  const { session, isGrouped, leader: own } = tree
  // Where the lane shares the group it is hit as well.
  if (!members) return isGrouped ? own !== undefined && signalGroup(own, signal) : signalGroup(session, signal)
  // A group is hit as a whole, whoever is born in it meanwhile.
  for (const group of new Set(members.map((member) => member.group))) if (group !== session) signalGroup(group, signal)
  signalAll(
    members.filter(({ group }) => group === session).map(({ pid }) => pid),
    signal,
  )
  return members.length > 0
}

/** The only child of a lane is its item. Undefined: there is none yet, or nobody can look. */
export function childOf(lane: number): number | undefined {
  try {
    const children = readFileSync(`/proc/${lane}/task/${lane}/children`, 'latin1').trim()
    return children === '' ? undefined : Number(children.split(' ').at(-1))
  } catch {
    return undefined
  }
}
