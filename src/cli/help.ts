/** The two help texts of `batchtop` itself. Verbs have theirs from commander. */

/** For `-h`: fits a screen of 24 lines and 80 columns. */
export const SHORT_HELP = `Usage: batchtop <verb> [options]
Run
  run PLAN              start a plan and watch it (-d: in the background)
  recover [RUN]         continue a run that was interrupted or stopped
Watch
  attach [RUN]          the full screen on a live run
  ls, status [RUN]      runs, newest first; one run in full
  items                 its items, one a line (--state failed, --batch ID)
  events, wait          what happened, as JSON lines; until the run ends
  log, why ITEM         its output (-f: as it is written); why it does not run
  replay [RUN]          the full screen over what was (--speed 10x)
Steer
  pause, resume         everything, or --thread N,... or --batch ID
  threads N|+N|-N       more or fewer threads
  retry, skip ITEM...   back to the queue, out of it; retry --failed
  end ITEM [--now]      ends its running attempt
  stop [--now]          finishes what runs (or ends it), then the run is over
  checkpoint, reclaim   writes a checkpoint; threads give memory back
Plans and runs
  plan check|show PLAN  what is wrong with a plan, what it comes to
  prune, repair RUN     remove old runs (--dry-run); save a damaged one
-R RUN says which run where several are live: an id, a plan's name or last.
More: batchtop <verb> -h; examples: batchtop --help; batchtop --version
`

/** Added for `--help`. */
export const EXAMPLES = `
Examples
  batchtop run plans/audit-dependencies.yaml
        on a terminal the full screen; d leaves it, the run goes on
  batchtop run plan.yaml --threads 6 --memory-per-thread 2GB --reserve 4GB
  batchtop run plan.yaml --only build,test --retries 3 --timeout 10m
  batchtop run plan.yaml --dry-run
        what would run, and in which order
  run=$(batchtop run -d plan.yaml); batchtop wait $run
        in the background; the exit code tells how it went
  batchtop run plan.yaml --json | jq -c 'select(.type == "item.failed")'
  batchtop attach
        the full screen again, from any folder
  batchtop items --state failed
  batchtop log US-252 --attempt 2
  batchtop why tests:US-252
  batchtop pause --thread 3; batchtop resume
  batchtop threads +2
  batchtop retry --failed
        on a run that has ended, too: it goes on with these
  batchtop recover
        the run that was interrupted or stopped last, where it was left
  batchtop run plan.yaml --recover --changed keep
        the same, or a new run where there is nothing to continue

Exit codes
  0 all succeeded   1 items failed   2 usage or plan   3 stopped or interrupted
  4 no such run or item   70 bug in batchtop   75 the plan has a live run
`
