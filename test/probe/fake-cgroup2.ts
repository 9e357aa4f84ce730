/**
 * A folder that behaves as a control group file system of version 2: the kernel's files appear with a group and go with it, a process is
 * in one group, and what the kernel refuses is refused. For machines without one; only what `src/probe` uses of it is here.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ControlFiles } from '../../src/probe/control-files.ts'

const PROCESSES = 'cgroup.procs'
const CONTROLLERS = 'cgroup.controllers'
const PASSED_ON = 'cgroup.subtree_control'

const MEMORY: Readonly<Record<string, string>> = {
  'memory.max': 'max',
  'memory.current': '0',
  'memory.stat': 'anon 0\ninactive_file 0\nactive_file 0',
  'memory.events': 'low 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0',
  'memory.oom.group': '0',
  'memory.swap.max': 'max',
}

export interface FakeCgroup2 extends ControlFiles {
  /** Who is in which group, and what each group passes on: all that must be as before when nothing was made. */
  readonly picture: () => Readonly<Record<string, string>>
  /** Makes a group with processes in it, as the system's own manager would. */
  readonly lay: (path: string, pids: readonly number[]) => string
  /** What the kernel counts. */
  readonly set: (path: string, name: string, text: string) => void
}

export interface FakeOptions {
  /** Files a kernel has not. */
  readonly lacks?: readonly string[]
  /** Asked before each change; its error is the kernel's answer. */
  readonly refuse?: (change: string) => Error | undefined
}

const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
const list = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
const pids = (folder: string) => read(join(folder, PROCESSES)).split('\n').filter(Boolean)
const putPids = (folder: string, all: readonly string[]) =>
  writeFileSync(join(folder, PROCESSES), all.map((pid) => `${pid}\n`).join(''))

export function fakeCgroup2(root: string, { lacks = [], refuse = () => undefined }: FakeOptions = {}): FakeCgroup2 {
  const groups = (folder = root): readonly string[] => [
    folder,
    ...list(folder).flatMap((name) => groups(join(folder, name))),
  ]
  const giveMemory = (folder: string) => {
    for (const [name, text] of Object.entries(MEMORY))
      if (!lacks.includes(name)) writeFileSync(join(folder, name), `${text}\n`)
  }
  const fill = (folder: string, controllers: string) => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, CONTROLLERS), `${controllers}\n`)
    writeFileSync(join(folder, PASSED_ON), '\n')
    putPids(folder, [])
    if (controllers.includes('memory')) giveMemory(folder)
  }
  const makeGroup = (folder: string) => {
    if (existsSync(folder)) throw kernelError('EEXIST', folder)
    fill(folder, read(join(dirname(folder), PASSED_ON)).trim())
  }
  const moveIn = (folder: string, pid: string) => {
    if (read(join(folder, PASSED_ON)).trim() !== '') throw kernelError('EBUSY', folder)
    for (const group of groups())
      putPids(
        group,
        pids(group).filter((one) => one !== pid),
      )
    putPids(folder, [...pids(folder), pid])
  }
  const passOn = (folder: string, change: string) => {
    const isOn = change === '+memory'
    if (!read(join(folder, CONTROLLERS)).includes('memory')) throw kernelError('ENOENT', folder)
    if (isOn && pids(folder).length > 0) throw kernelError('EBUSY', folder)
    writeFileSync(join(folder, PASSED_ON), isOn ? 'memory\n' : '\n')
    for (const name of list(folder)) {
      writeFileSync(join(folder, name, CONTROLLERS), isOn ? 'memory\n' : '\n')
      if (isOn) giveMemory(join(folder, name))
      else for (const file of Object.keys(MEMORY)) rmSync(join(folder, name, file), { force: true })
    }
  }
  const change = (what: string) => {
    const error = refuse(what.replace(root, ''))
    if (error) throw error
  }
  const write = (path: string, text: string) => {
    change(`write ${path} ${text}`)
    if (!existsSync(path)) throw kernelError('ENOENT', path)
    if (path.endsWith(PROCESSES)) moveIn(dirname(path), text)
    else if (path.endsWith(PASSED_ON)) passOn(dirname(path), text)
    else writeFileSync(path, `${text}\n`)
  }
  return {
    read,
    write,
    list,
    makeGroup(folder) {
      change(`make ${folder}`)
      makeGroup(folder)
    },
    removeGroup(folder) {
      if (pids(folder).length > 0 || list(folder).length > 0) throw kernelError('EBUSY', folder)
      rmSync(folder, { recursive: true })
    },
    move: async (folder, pid) => write(join(folder, PROCESSES), String(pid)),
    picture: () =>
      Object.fromEntries(
        groups().map((folder) => [
          folder.slice(root.length),
          `${pids(folder).toSorted().join(' ')} | ${read(join(folder, PASSED_ON)).trim()}`,
        ]),
      ),
    lay(path, all) {
      const folder = join(root, path)
      fill(folder, 'cpu memory pids')
      putPids(folder, all.map(String))
      return folder
    },
    set: (path, name, text) => writeFileSync(join(root, path, name), text),
  }
}

export function kernelError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}
