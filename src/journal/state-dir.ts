/** The folder that holds all runs: made where it is missing, refused where its promise could not be kept. */
import { chmod, mkdir, readdir, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BatchtopError } from '../model/errors.ts'
import { hasCode, syncFolder, writeNewFile } from './disk.ts'

/** Magic numbers of statfs(2) for file systems whose locks and syncs do not hold what they say. */
const NETWORKS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
])

const OTHERS_MAY_WRITE = 0o022

/** What we put there, and what a project's checkout has there: with nothing else in it the folder is ours alone. */
const OURS = new Set(['.gitignore', 'README.md', 'plans', 'runs'])

/** @throws BatchtopError `state-dir` where others can write into it or it is on a network */
export async function prepareStateDir(
  stateDir: string,
  { isNetworkAllowed = false }: { readonly isNetworkAllowed?: boolean } = {},
): Promise<void> {
  const isNew = (await mkdir(stateDir, { recursive: true, mode: 0o700 })) !== undefined
  await keepOthersOut(stateDir)
  const network = NETWORKS.get((await statfs(stateDir)).type)
  if (network !== undefined && !isNetworkAllowed) {
    throw new BatchtopError(
      'state-dir',
      `The state folder ${stateDir} is on ${network}, where locks and syncs cannot be trusted.`,
      {
        hint: 'Give a folder on a local disk with --state-dir, or --state-on-network to take the risk.',
      },
    )
  }
  if (isNew) await ignoreAll(stateDir)
  await makeOurs(stateDir)
  if (isNew) await syncFolder(dirname(stateDir))
}

async function makeOurs(stateDir: string): Promise<void> {
  const folders = ['plans', 'runs'].map((name) => join(stateDir, name))
  const made = await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })))
  if (made.some((path) => path !== undefined)) await syncFolder(stateDir)
}

/** State is nobody's source: git is told so, but only in a folder that was made here. */
async function ignoreAll(stateDir: string): Promise<void> {
  try {
    await writeNewFile(join(stateDir, '.gitignore'), '*\n')
    await syncFolder(stateDir)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
}

async function keepOthersOut(stateDir: string): Promise<void> {
  const { mode, uid } = await stat(stateDir)
  const me = process.getuid?.() ?? uid
  if (uid === me || me === 0) {
    if ((mode & OTHERS_MAY_WRITE) === 0) return
    // Where umask is 002 git makes folders that the group may write: no reason to turn a fresh checkout down.
    if ((await readdir(stateDir)).every((name) => OURS.has(name)))
      return chmod(stateDir, mode & 0o777 & ~OTHERS_MAY_WRITE)
  }
  throw new BatchtopError('state-dir', `Others can write into the state folder ${stateDir}.`, {
    hint: `chmod go-w '${stateDir}', or --state-dir with a folder of your own.`,
  })
}
