const STEPS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const

/** A size as people say it, with powers of 1024: `2 GB`, `7.7 GB`, `512 MB`. */
export const sizeText = (size: number): string => textOf(size, (tenths) => Math.round(tenths))

/** The same, never more than the size is: for what somebody is told to ask for. */
export const sizeAtMost = (size: number): string => textOf(size, Math.floor)

function textOf(size: number, whole: (tenths: number) => number): string {
  let value = size
  let step = 0
  while (value >= 1024 && step < STEPS.length - 1) {
    value /= 1024
    step += 1
  }
  return `${whole(value * 10) / 10} ${STEPS[step] ?? ''}`
}
