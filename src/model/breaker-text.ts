/** Why a breaker is open, for all who tell it to people. */

/** `10 of its last 20 attempts failed`, or of the one attempt that tried alone. */
export function breakerText({ failures, of }: { readonly failures: number; readonly of: number }): string {
  return of === 1 ? 'its last attempt failed' : `${failures} of its last ${of} attempts failed`
}
