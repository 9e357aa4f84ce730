/** An open breaker in words. */
import { breakerText } from '../model/breaker-text.ts'
import type { BatchView } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { formatAbout } from './format.ts'

type Breaker = NonNullable<BatchView['breaker']>

/** `breaker open, 40 s more`. */
export function breakerWords({ until }: Breaker, now: WallTime): string {
  return `breaker open, ${until > now ? `${formatAbout(until - now)} more` : 'one item tries'}`
}

/** The same with the reason. */
export function breakerSentence(breaker: Breaker, now: WallTime): string {
  return `${breakerWords(breaker, now)}: ${breakerText(breaker)}`
}
