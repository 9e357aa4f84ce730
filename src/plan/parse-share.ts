/** Reads `95%` and `0.95`; undefined where the text is neither. */
export function parseShare(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)\s*$/.exec(text)
  return match ? Number(match[1]) / (match[2] === '%' ? 100 : 1) : undefined
}
