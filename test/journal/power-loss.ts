/**
 * A disk that may lose power after every operation. What a process sees stands in a real folder, so that the reading side works; beside it the
 * model keeps what would be left. Folder operations that no folder sync covers have all happened or none; of what a file was given since its
 * last sync nothing is there, everything, half of it, or zeros. A sync that fails drops what it should have written, for good.
 */
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Disk, DiskFile, OpenHow } from '../../src/journal/disk.ts'

export type Operation = 'open' | 'write' | 'truncate' | 'sync' | 'datasync' | 'syncFolder' | 'rename' | 'remove'

/** What a file holds: in memory, and on the disk. */
interface Content {
  readonly cache: Buffer
  readonly disk: Buffer
  /** So many bytes are the same on both. */
  readonly stable: number
  /** From here on the next sync writes; what stands between is lost. */
  readonly dirty: number
  /** What may have reached the disk by itself before it was cut off. */
  readonly cut?: Buffer
}

type Names = ReadonlyMap<string, number>

/** Everything that decides what is left when the power fails at this moment. */
interface Moment<Promised> {
  readonly operation: string
  readonly names: Names
  readonly durableNames: Names
  readonly contents: ReadonlyMap<number, Content>
  readonly promised: Promised
}

/** What is left of a folder, by path. */
export type Files = ReadonlyMap<string, Buffer>

export interface CrashState<Promised> {
  /** Such as `write journal-00000001.log, half of journal-00000001.log`. */
  readonly name: string
  readonly files: Files
  /** What had been said to be durable. */
  readonly promised: Promised
}

export interface PowerLossOptions<Promised> {
  /** What the process writes to. What it holds at the begin is durable. */
  readonly folder: string
  /** Asked after each operation: what has been said to be durable. */
  readonly promised: () => Promised
  /** Syncs that do nothing although they say they did. */
  readonly skips?: (operation: Operation, path: string) => boolean
  /** Operations that fail, by their number. */
  readonly fails?: (number: number) => boolean
}

export class PowerLossDisk<Promised> implements Disk {
  /** Operations so far. */
  count = 0
  readonly #options: PowerLossOptions<Promised>
  readonly #moments: Moment<Promised>[] = []
  #names = new Map<string, number>()
  #durableNames = new Map<string, number>()
  #contents = new Map<number, Content>()
  #files = 0

  constructor(options: PowerLossOptions<Promised>) {
    this.#options = options
    for (const [path, bytes] of readFiles(options.folder)) {
      this.#names.set(path, ++this.#files)
      this.#contents.set(this.#files, { cache: bytes, disk: bytes, stable: bytes.length, dirty: bytes.length })
    }
    this.#durableNames = new Map(this.#names)
  }

  async open(path: string, how: OpenHow): Promise<DiskFile> {
    return await this.#operate('open', path, () => {
      const name = this.#nameOf(path)
      const known = this.#names.get(name)
      if (how === 'create' && known !== undefined) throw failure('EEXIST', 'open')
      if (how === 'extend' && known === undefined) throw failure('ENOENT', 'open')
      const file = known ?? ++this.#files
      if (known === undefined) {
        this.#names.set(name, file)
        this.#contents.set(file, { cache: Buffer.alloc(0), disk: Buffer.alloc(0), stable: 0, dirty: 0 })
      }
      if (how === 'replace') this.#truncate(file, 0)
      if (how !== 'extend') writeFileSync(path, '')
      return this.#open(path, file)
    })
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#operate('rename', to, () => {
      const file = this.#names.get(this.#nameOf(from))
      if (file === undefined) throw failure('ENOENT', 'rename')
      this.#names.delete(this.#nameOf(from))
      this.#names.set(this.#nameOf(to), file)
      renameSync(from, to)
    })
  }

  async remove(path: string): Promise<void> {
    await this.#operate('remove', path, () => {
      if (!this.#names.delete(this.#nameOf(path))) throw failure('ENOENT', 'unlink')
      rmSync(path)
    })
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#operate('syncFolder', folder, () => {
      const isIn = ([path]: readonly [string, number]) => dirname(join(this.#options.folder, path)) === folder
      const others = [...this.#durableNames].filter((entry) => !isIn(entry))
      this.#durableNames = new Map([...others, ...[...this.#names].filter(isIn)])
    })
  }

  /** What one process writes through: after this operation it is killed, and hears nothing more. */
  process(last: number, killed: () => void): Disk {
    const alive = <Result>(work: () => Promise<Result>): Promise<Result> => {
      if (this.count < last) return work()
      killed()
      return new Promise(() => {})
    }
    return {
      open: (path, how) =>
        alive(async () => {
          const file = await this.open(path, how)
          return {
            write: (bytes) => alive(() => file.write(bytes)),
            truncate: (bytes) => alive(() => file.truncate(bytes)),
            sync: () => alive(() => file.sync()),
            datasync: () => alive(() => file.datasync()),
            close: () => file.close(),
          }
        }),
      rename: (from, to) => alive(() => this.rename(from, to)),
      remove: (path) => alive(() => this.remove(path)),
      syncFolder: (folder) => alive(() => this.syncFolder(folder)),
    }
  }

  /** Everything that may be left, wherever the power failed after this many operations. */
  *crashStates(after = 0): Generator<CrashState<Promised>> {
    for (const moment of this.#moments.slice(after)) {
      for (const names of namesLeft(moment)) {
        const files = [...names].map(([path, file]) => ({ path, ways: waysLeft(moment.contents.get(file) as Content) }))
        for (const ways of product(files.map(({ ways: each }) => each))) {
          const left = files.flatMap(({ path, ways: each }, place) =>
            each.length > 1 ? `${ways[place]?.how} of ${path}` : [],
          )
          yield {
            name: [moment.operation, ...left].join(', '),
            files: new Map(files.map(({ path }, place) => [path, ways[place]?.bytes as Buffer])),
            promised: moment.promised,
          }
        }
      }
    }
  }

  #open(path: string, file: number): DiskFile {
    const change = (to: (content: Content) => Content) => this.#contents.set(file, to(this.#content(file)))
    const sync = (operation: 'sync' | 'datasync') =>
      this.#operate(
        operation,
        path,
        () => void change(synced),
        () => void change(dropped),
      )
    const write = (bytes: Buffer) => {
      change((content) => ({ ...content, cache: Buffer.concat([content.cache, bytes]) }))
      appendFileSync(path, bytes)
    }
    return {
      write: (bytes) =>
        this.#operate(
          'write',
          path,
          () => write(bytes),
          () => write(bytes.subarray(0, bytes.length >> 1)),
        ),
      truncate: (bytes) =>
        this.#operate('truncate', path, () => {
          this.#truncate(file, bytes)
          truncateSync(path, bytes)
        }),
      sync: () => sync('sync'),
      datasync: () => sync('datasync'),
      close: () => Promise.resolve(),
    }
  }

  /** Takes a turn of its own, like a real one. */
  async #operate<Result>(
    operation: Operation,
    path: string,
    work: () => Result,
    failing: () => void = () => {},
  ): Promise<Result> {
    await new Promise(setImmediate)
    const { fails, skips, promised } = this.#options
    this.count += 1
    try {
      if (fails?.(this.count)) {
        failing()
        throw failure('EIO', operation)
      }
      return skips?.(operation, path) ? (undefined as Result) : work()
    } finally {
      this.#moments.push({
        operation: `${operation} ${this.#nameOf(path)}`,
        names: new Map(this.#names),
        durableNames: this.#durableNames,
        contents: new Map(this.#contents),
        promised: promised(),
      })
    }
  }

  #truncate(file: number, bytes: number): void {
    const content = this.#content(file)
    const { cache, disk, stable, dirty } = content
    const to = (place: number) => Math.min(place, bytes)
    const cut = content.cut ?? written(content)
    this.#contents.set(file, { cache: cache.subarray(0, bytes), disk, stable: to(stable), dirty: to(dirty), cut })
  }

  #content(file: number): Content {
    return this.#contents.get(file) as Content
  }

  #nameOf(path: string): string {
    return relative(this.#options.folder, path)
  }
}

/** What the disk would hold once everything was written that is not lost. */
function written({ cache, stable, dirty }: Content): Buffer {
  return Buffer.concat([cache.subarray(0, stable), Buffer.alloc(dirty - stable), cache.subarray(dirty)])
}

function synced(content: Content): Content {
  const { cache, stable, dirty } = content
  return { cache, disk: written(content), stable: stable === dirty ? cache.length : stable, dirty: cache.length }
}

function dropped(content: Content): Content {
  return { ...content, dirty: content.cache.length }
}

/** The names that may be left: of each folder those of its last sync or those of now. */
function namesLeft({ names, durableNames }: Pick<Moment<unknown>, 'names' | 'durableNames'>): Names[] {
  const isNew = ([path, file]: readonly [string, number]) => durableNames.get(path) !== file
  const isGone = ([path]: readonly [string, number]) => !names.has(path)
  const changed = [...[...names].filter(isNew), ...[...durableNames].filter(isGone)]
  const folders = [...new Set(changed.map(([path]) => dirname(path)))]
  return product(folders.map(() => [names, durableNames])).map((chosen) => {
    const of = (path: string) => chosen[folders.indexOf(dirname(path))] ?? names
    const all = [...names, ...durableNames].map(([path]) => path)
    const left = [...new Set(all)].map((path) => [path, of(path).get(path)] as const)
    return new Map(left.filter((entry): entry is readonly [string, number] => entry[1] !== undefined))
  })
}

interface Way {
  readonly how: string
  readonly bytes: Buffer
}

/** What may be left of a file: one way where all of it is synced. */
function waysLeft(content: Content): Way[] {
  const { disk, stable, cut } = content
  const all = written(content)
  if (all.equals(disk) && !cut) return [{ how: 'all', bytes: all }]
  const rest = all.length - stable
  return [
    ...(cut ? [{ how: 'what was cut off', bytes: cut }] : []),
    { how: 'nothing new', bytes: disk },
    { how: 'all', bytes: all },
    { how: 'half', bytes: all.subarray(0, stable + (rest >> 1)) },
    { how: 'zeros', bytes: Buffer.concat([all.subarray(0, stable), Buffer.alloc(rest)]) },
  ]
}

/** Every way to take one of each. */
function product<One>(lists: readonly (readonly One[])[]): One[][] {
  return lists.reduce<One[][]>((rows, list) => rows.flatMap((row) => list.map((one) => [...row, one])), [[]])
}

function failure(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, errno: -1, syscall })
}

/** Every file below a folder. */
function readFiles(folder: string): Map<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = paths.filter((path) => statSync(join(folder, path)).isFile())
  return new Map(files.map((path) => [path, readFileSync(join(folder, path))]))
}

/** Makes a folder hold exactly these files; its folders stay. */
export class Leftovers {
  readonly #folder: string
  #files: Files

  constructor(folder: string) {
    this.#folder = folder
    this.#files = readFiles(folder)
  }

  put(files: Files): void {
    for (const path of this.#files.keys()) if (!files.has(path)) rmSync(join(this.#folder, path))
    for (const [path, bytes] of files)
      if (!this.#files.get(path)?.equals(bytes)) writeFileSync(join(this.#folder, path), bytes)
    this.#files = files
  }
}

/** The same for the same files. */
export function fingerprint(files: Files): string {
  const hash = createHash('sha1')
  for (const [path, bytes] of [...files].toSorted(([left], [right]) => (left < right ? -1 : 1)))
    hash.update(`${path} ${bytes.length}\n`).update(bytes)
  return hash.digest('hex')
}
