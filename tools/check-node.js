// Plain JavaScript: it must run on the Node it complains about.
import { readFileSync } from 'node:fs'

const { devDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
if (process.versions.node !== devDependencies.node) {
  console.error(
    `Tests want the pinned Node ${devDependencies.node}, this is ${process.versions.node} (${process.execPath}).\n` +
      'After `npm ci --ignore-scripts` run `npm rebuild node`; else `npm ci`.',
  )
  process.exit(69)
}
