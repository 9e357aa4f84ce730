/** What stands before one of several sides, and passes on to it whatever it does not do itself. */
import type { ThreadAbilities } from '../model/chunk.ts'
import type { Reason } from '../model/reason.ts'
import type { ThreadSide } from './side.ts'

const NONE: ThreadAbilities = { hold: false, reclaim: false }

export abstract class Forwarded {
  /** The one at work; undefined: there is none yet, and nothing to ask for. */
  protected abstract readonly side: ThreadSide | undefined

  get abilities(): ThreadAbilities {
    return this.side?.abilities ?? NONE
  }

  /** Of its first process: of the host, or of the shell; undefined while there is none. */
  get pid(): number | undefined {
    return this.side?.pid
  }

  takeBack(): void {
    this.side?.takeBack()
  }

  hold(): void {
    this.side?.hold()
  }

  release(): void {
    this.side?.release()
  }

  reclaim(): void {
    this.side?.reclaim()
  }

  freeze(): void {
    this.side?.freeze()
  }

  thaw(): void {
    this.side?.thaw()
  }

  end(place: number, reason: Reason, isNow: boolean): void {
    this.side?.end(place, reason, isNow)
  }

  interrupt(): void {
    this.side?.interrupt()
  }

  evict(isNow: boolean): void {
    this.side?.evict(isNow)
  }

  fail(place: number, reason: Reason): void {
    this.side?.fail(place, reason)
  }

  kill(): void {
    this.side?.kill()
  }
}
