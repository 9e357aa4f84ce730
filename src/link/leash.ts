/** Notices that the process at the other end of a pipe is gone. */
import { Socket } from 'node:net'

/**
 * @param fd a pipe or socket on which nothing is ever said
 * @param cut called once, when the other end is closed, however its process died
 */
export function watchLeash(fd: number, cut: () => void): void {
  // Read as a file it would keep a thread waiting in `read`, and a process that exits waits for its threads: it would never end by itself.
  const leash = new Socket({ fd, readable: true, writable: false })
  leash.on('error', () => {})
  leash.once('close', cut)
  leash.resume()
}
