/**
 * One SHA-256 for all files of a folder, which anybody can check with a line of shell, in the package's folder:
 *
 *     find . -name node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum | sha256sum
 *
 * It is the SHA-256 of the lines that sha256sum prints for the files, ordered by the bytes of their paths: the file's
 * SHA-256, two blanks, `./`, its path, a line feed.
 */
import { createHash } from 'node:crypto'

export interface TreeHash {
  /** Adds the next file, in order. `sha256`: of its contents, as hex digits. */
  readonly add: (path: Buffer, sha256: string) => void
  readonly digest: () => string
}

export function createTreeHash(): TreeHash {
  const tree = createHash('sha256')
  return {
    add(path, sha256) {
      // Where sha256sum has to escape a name it says so with a backslash before the line. latin1 keeps every byte as
      // it is.
      const name = path.toString('latin1')
      const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
      tree.update(`${escaped === name ? '' : '\\'}${sha256}  ./${escaped}\n`, 'latin1')
    },
    digest: () => tree.digest('hex'),
  }
}
