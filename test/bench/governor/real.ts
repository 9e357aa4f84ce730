/** `--real`: the real configuration, once. */
export async function realBench(): Promise<void> {
  console.log('not yet')
}
