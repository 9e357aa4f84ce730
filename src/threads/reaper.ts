/**
 * The process that kills what the supervisor leaves behind, however it dies: a frozen process gets neither disconnect nor TERM. One
 * /bin/sh in a session of its own reads `+ group` and `- group` from a pipe only the supervisor holds; at its end of file it sends
 * KILL to every group still on the list.
 */
import { spawn } from 'node:child_process'

/** Groups are process ids of group leaders. */
export interface Reaper {
  readonly add: (group: number) => void
  readonly remove: (group: number) => void
  /** Ends the reaper; what was not removed is killed. */
  readonly close: () => void
}

// dash rejects `kill -KILL -- -N`. A shell alone, so that nothing needs to be started when the machine has no memory left.
const script = `
trap '' TERM INT HUP QUIT
groups=' '
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
`

/** Starts it. One a supervisor is enough. */
export function startReaper(): Reaper {
  const shell = spawn('/bin/sh', ['-c', script], { detached: true, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] })
  // It can only be gone because somebody killed it: the hosts still end by themselves when their channel closes, unless frozen.
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  shell.unref()
  return {
    add: (group) => void shell.stdin.write(`+ ${group}\n`),
    remove: (group) => void shell.stdin.write(`- ${group}\n`),
    close: () => void shell.stdin.end(),
  }
}
