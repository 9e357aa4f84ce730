/** A real file system of a few hundred kB that can be filled up and emptied: tmpfs in a mount namespace of its own. */
import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** Why there can be none here; undefined where there can. */
export function noSmallDisk(): string | undefined {
  const { status, stderr, error } = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
    encoding: 'utf8',
  })
  return status === 0 ? undefined : `no mount namespace here: ${error?.message ?? stderr.trim()}`
}

export class SmallDisk {
  /** Puts a command into the namespace. */
  readonly through: readonly string[]
  readonly #folder: string
  readonly #holder: ChildProcess

  private constructor(folder: string, holder: ChildProcess) {
    this.#folder = folder
    this.#holder = holder
    this.through = ['nsenter', '-t', String(holder.pid), '-U', '-m', '--preserve-credentials']
  }

  static async open(folder: string, size: string): Promise<SmallDisk> {
    const script = `mount -t tmpfs -o mode=0700,size=${size} tmpfs "$0" && echo ready && exec sleep 1000000`
    const holder = spawn('unshare', ['-rm', 'sh', '-c', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    return new SmallDisk(folder, holder)
  }

  fill(): void {
    this.sh(`dd if=/dev/zero of="${this.#folder}/filler" bs=1k 2>/dev/null || true`)
  }

  empty(): void {
    this.sh(`rm -f "${this.#folder}/filler"`)
  }

  /** Runs a script inside; what it printed. */
  sh(script: string): string {
    const [command = '', ...args] = this.through
    return execFileSync(command, [...args, 'sh', '-c', script], { encoding: 'utf8' })
  }

  close(): void {
    this.#holder.kill('SIGKILL')
  }
}
