import { Box, Text, useApp, useInput, usePaste } from 'ink'
import { type ReactElement, useEffect, useSyncExternalStore } from 'react'
import { type Layout, type PanelBox, SMALLEST } from '../view/layout.ts'
import type { Controller } from './controller.ts'
import type { Inside } from './host.ts'
import { keysOf } from './input.ts'
import { BatchesPanel } from './panels/BatchesPanel.tsx'
import { DetailsPanel } from './panels/DetailsPanel.tsx'
import { EventsPanel } from './panels/EventsPanel.tsx'
import { FooterPanel } from './panels/FooterPanel.tsx'
import { HeaderPanel } from './panels/HeaderPanel.tsx'
import { HelpPanel } from './panels/HelpPanel.tsx'
import { ItemsPanel } from './panels/ItemsPanel.tsx'
import { LogPanel } from './panels/LogPanel.tsx'
import { MemoryPanel } from './panels/MemoryPanel.tsx'
import type { PanelProps } from './panels/panel-props.ts'
import { ThreadsPanel } from './panels/ThreadsPanel.tsx'
import { TimelinePanel } from './panels/TimelinePanel.tsx'
import { layoutOf } from './selection.ts'
import type { ScreenState } from './state.ts'
import type { ScreenStore } from './store.ts'

interface RootProps {
  readonly store: ScreenStore
  readonly controller: Controller
  /** Gets what Ink offers only from inside the tree. */
  readonly attach: (terminal: Inside) => void
}

export function Root({ store, controller, attach }: RootProps): ReactElement {
  const state = useSyncExternalStore(store.subscribe, store.get)
  const { exit, suspendTerminal } = useApp()
  useEffect(() => {
    attach({ exit, suspendTerminal })
  }, [attach, exit, suspendTerminal])
  // A bug behind a key must end the screen in an orderly way, not the process in the middle of a frame.
  const guarded = (use: () => void): void => {
    try {
      use()
    } catch (error) {
      exit(error instanceof Error ? error : new Error(String(error)))
    }
  }
  useInput((input, key) => {
    guarded(() => controller.press(keysOf(input, key)))
  })
  usePaste((text) => {
    guarded(() => controller.paste(text))
  })
  return <Screen state={state} />
}

function Screen({ state }: { readonly state: ScreenState }): ReactElement {
  const { snapshot, columns, rows } = state
  const shape = layoutOf(state)
  if (shape.kind === 'small') {
    return (
      <Text wrap="truncate-end">{`batchtop needs ${SMALLEST.columns}x${SMALLEST.rows}, this is ${columns}x${rows}`}</Text>
    )
  }
  if (snapshot === undefined) {
    return <Text>{state.status === 'lost' ? ' the supervisor is gone: q leaves' : ' batchtop connects'}</Text>
  }
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <HeaderPanel state={state} snapshot={snapshot} rows={shape.headerRows} />
      <Box flexDirection="column" height={shape.bodyRows}>
        <Body state={state} snapshot={snapshot} shape={shape} />
      </Box>
      <FooterPanel state={state} />
    </Box>
  )
}

interface BodyProps {
  readonly state: ScreenState
  readonly snapshot: PanelProps['snapshot']
  readonly shape: Extract<Layout, { kind: 'panels' }>
}

function Body({ state, snapshot, shape }: BodyProps): ReactElement {
  const { overlay, columns } = state
  if (overlay !== undefined) {
    const props = { state, snapshot, box: { panel: 'log', columns, rows: shape.bodyRows } } as const
    if (overlay.kind === 'help') return <HelpPanel {...props} />
    return overlay.kind === 'log' ? <LogPanel {...props} /> : <DetailsPanel {...props} />
  }
  return (
    <>
      {shape.bands.map((band) => (
        <Box key={band[0]?.panel} height={band[0]?.rows}>
          {band.map((box) => (
            <Panel key={box.panel} state={state} snapshot={snapshot} box={box} />
          ))}
        </Box>
      ))}
    </>
  )
}

const panels: Readonly<Record<PanelBox['panel'], (props: PanelProps) => ReactElement>> = {
  threads: ThreadsPanel,
  memory: MemoryPanel,
  timeline: TimelinePanel,
  batches: BatchesPanel,
  events: EventsPanel,
  items: ItemsPanel,
  log: LogPanel,
}

function Panel(props: PanelProps): ReactElement {
  const Drawn = panels[props.box.panel]
  return <Drawn {...props} />
}
