/** A text in $PAGER; the terminal is the pager's until the person is back. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'

export async function page(text: Buffer): Promise<void> {
  const pager = process.env['PAGER'] || 'less -R'
  const child = spawn(pager, { shell: true, stdio: ['pipe', 'inherit', 'inherit'] })
  child.stdin.on('error', () => undefined)
  child.stdin.end(text)
  await Promise.race([once(child, 'close'), once(child, 'error')])
}
