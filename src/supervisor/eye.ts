/** What the supervisor's loop may ask of the one who looks at memory, beside being told. */
import type { ThreadNumber } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'

export interface Eye {
  /** The next look comes within this time. */
  readonly lookWithin: (ms: number) => void
  /** Memory of a thread right now; undefined where that takes longer than a moment. */
  readonly usedNow: (thread: ThreadNumber) => Bytes | undefined
  /** Most memory the thread's first process took since it was asked last; undefined where the kernel does not keep it. */
  readonly takePeak: (thread: ThreadNumber) => Bytes | undefined
}

/** Before anybody looks. */
export const CLOSED_EYE: Eye = { lookWithin: () => undefined, usedNow: () => undefined, takePeak: () => undefined }
