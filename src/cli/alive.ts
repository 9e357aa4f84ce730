/** Whether a run lives that the process list does not show. */
import { readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import type { RunInfo } from '../journal/run-info.ts'
import { connect } from '../link/client.ts'
import { MARK } from '../link/liveness.ts'

export async function isAlive(info: RunInfo): Promise<boolean> {
  return (await isBeginning(info)) || (await answers(info.folder))
}

/** A supervisor that has just noted that the run is its own may not stand in its folder yet, nor listen. */
async function isBeginning({ pid, run }: RunInfo): Promise<boolean> {
  try {
    if (!(await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').includes(MARK)) return false
    const place = path.basename(await readlink(`/proc/${pid}/cwd`))
    // Its number may have gone to the supervisor of another run.
    return place === run || !/^[0-9a-f]{4,8}$/.test(place)
  } catch {
    return false
  }
}

/** Asks over the socket, for systems where live runs cannot be found by their processes. */
async function answers(folder: string): Promise<boolean> {
  try {
    const connection = await connect(folder)
    connection.close()
    return true
  } catch {
    return false
  }
}
