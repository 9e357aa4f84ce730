/**
 * Where the control groups of this process stand on Linux: version 1, version 2 and both side by side, and a container whose
 * mount shows only its part of the tree.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

export interface Hierarchy {
  readonly version: 1 | 2
  /** The group of this process and all above it that can be seen, lowest first. Absolute paths. */
  readonly folders: readonly string[]
}

/** Where a controller's groups of this process stand, in each version that is mounted. */
export function findHierarchies(controller: string, proc = '/proc'): readonly Hierarchy[] {
  const groups = readText(join(proc, 'self/cgroup'))
    .split('\n')
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
  const path = (version: 1 | 2) =>
    groups.find((group) => (version === 2 ? group?.[1] === '' : group?.[1]?.split(',').includes(controller)))?.[2]
  return readMounts(proc).flatMap(({ type, options, root, point }) => {
    const version = type === 'cgroup2' ? 2 : 1
    const group = path(version)
    if (group === undefined || (version === 1 && !options.split(',').includes(controller))) return []
    return [{ version, folders: foldersUp(point, root, group) }]
  })
}

/** The folders of a group and those above it, up to the mount point. */
function foldersUp(point: string, root: string, group: string): readonly string[] {
  const inside = relative(root, group)
  // A container without a namespace of its own sees a path of the host here: what it can see is the mount point.
  if (inside.startsWith('..')) return [point]
  const folders: string[] = []
  for (let part = inside; part !== '' && part !== '.'; part = dirname(part)) folders.push(join(point, part))
  return [...folders, point]
}

interface Mount {
  readonly type: string
  readonly options: string
  readonly root: string
  readonly point: string
}

function readMounts(proc: string): readonly Mount[] {
  return readText(join(proc, 'self/mountinfo'))
    .split('\n')
    .flatMap((line) => {
      const [left = '', right = ''] = line.split(' - ')
      const [, , , root = '', point = ''] = left.split(' ')
      const [type = '', , options = ''] = right.split(' ')
      return type === 'cgroup' || type === 'cgroup2'
        ? [{ type, options, root: unescape(root), point: unescape(point) }]
        : []
    })
}

/** mountinfo writes blanks and backslashes as octal. */
function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
}

/** A file that holds one whole number; `otherwise` where it holds something else (`max`) or is not there. */
export function readNumber(folder: string, name: string, otherwise = Infinity): number {
  const text = readText(join(folder, name)).trim()
  return /^-?\d+$/.test(text) ? Number(text) : otherwise
}

/** Empty where there is none. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
