import type { ReactElement } from 'react'
import { type Foot, footerRow } from '../../view/footer.ts'
import { footerHints } from '../keymap.ts'
import { selectedThread } from '../selection.ts'
import type { Prompt, ScreenState } from '../state.ts'
import { Lines } from '../widgets/Lines.tsx'

export function FooterPanel({ state }: { readonly state: ScreenState }): ReactElement {
  const { columns, looks } = state
  const row = footerRow(footOf(state), { columns, rows: 1, looks, isFocused: false })
  return <Lines rows={[row]} columns={columns} looks={looks} />
}

/** The most urgent of: a question, an answer, what has become of the run, the keys. */
function footOf(state: ScreenState): Foot {
  const { prompt, notice, leaveAt, wall, status, overlay, replay } = state
  if (prompt !== undefined) return questionOf(prompt, state)
  if (notice !== undefined) return { kind: 'notice', ...notice }
  if (leaveAt !== undefined) {
    const seconds = Math.max(1, Math.ceil((leaveAt - wall) / 1000))
    return { kind: 'notice', text: `the run is over: this screen closes in ${seconds} s, any key keeps it` }
  }
  if (status === 'lost') {
    return { kind: 'notice', text: 'the supervisor is gone, this is the last picture: q leaves', tone: 'failed' }
  }
  if (overlay === undefined) return keysOf(state)
  const hints =
    overlay.kind === 'log'
      ? [
          { keys: '↑ ↓', label: 'scroll' },
          { keys: 'v', label: 'pager' },
        ]
      : []
  return {
    kind: 'keys',
    note: replay?.note,
    hints,
    last: [{ keys: 'Esc', label: 'close' }, ...footerHints(state).last],
  }
}

/** The same key pauses and resumes: the footer says which of them it would be. */
function keysOf(state: ScreenState): Foot {
  const { replay } = state
  const { hints, last } = footerHints(state)
  const isPaused = replay ? replay.isPaused : selectedThread(state)?.paused !== undefined
  const word = replay ? 'go on' : 'resume'
  return {
    kind: 'keys',
    note: replay?.note,
    hints: hints.map(({ keys, label }) => ({ keys, label: keys === 'p' && isPaused ? word : label })),
    last,
  }
}

function questionOf(prompt: Prompt, state: ScreenState): Foot {
  switch (prompt.kind) {
    case 'search':
      return { kind: 'typing', label: 'items with: ', text: prompt.text }
    case 'end': {
      const { name, attempt } = prompt.item
      const how = prompt.isNow ? ', now and by force' : ''
      const answers = [
        { keys: 'y', label: 'yes' },
        { keys: 'n', label: 'no' },
      ]
      return { kind: 'question', text: `End ${name}, attempt ${attempt}${how}?`, short: `End ${name}?`, answers }
    }
    case 'leave':
      return leaveQuestion(prompt.by, state)
    default:
      return prompt satisfies never
  }
}

function leaveQuestion(by: 'q' | 'd' | 'ctrl-c', { isBound, readOnly }: ScreenState): Foot {
  const stop = [
    ...(readOnly
      ? []
      : [
          { keys: 's', label: 'stop' },
          { keys: 'S', label: 'stop now' },
        ]),
    { keys: 'Esc', label: 'stay' },
  ]
  if (isBound) {
    const text =
      by === 'ctrl-c' ? 'Ctrl-C again: stop, running items finish' : 'The run ends with this command: stop it?'
    return { kind: 'question', text, short: by === 'ctrl-c' ? 'Ctrl-C again: stop' : 'Stop the run?', answers: stop }
  }
  const answers = [{ keys: 'd', label: 'detach' }, ...stop]
  const text = by === 'ctrl-c' ? 'Ctrl-C again: leave, the run goes on' : 'Leave? Detached, the run goes on'
  return { kind: 'question', text, short: by === 'ctrl-c' ? 'Ctrl-C: leave' : 'Leave?', answers }
}
