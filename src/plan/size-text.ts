const STEPS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const

/** A size as people say it, with powers of 1024: `2 GB`, `7.7 GB`, `512 MB`. */
export function sizeText(size: number): string {
  let value = size
  let step = 0
  while (value >= 1024 && step < STEPS.length - 1) {
    value /= 1024
    step += 1
  }
  return `${Number(value.toFixed(1))} ${STEPS[step] ?? ''}`
}
