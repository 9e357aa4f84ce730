/** The audit in words, as Markdown: what weighs most, under which licences it comes, and what is not in order. */
import type { PackageAudit } from './audit.ts'
import type { Verdict } from './licences.ts'

const MOST_ROWS = 15

export function toSummary(audits: readonly PackageAudit[]): string {
  const sections = [
    headline(audits),
    largest(audits),
    mostJavaScript(audits),
    licences(audits),
    licenceProblems(audits),
    duplicates(audits),
    broken(audits, 'Files that do not parse', ({ unparsable }) => unparsable),
    broken(audits, 'Text files that are not UTF-8', ({ notUtf8 }) => notUtf8),
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

function headline(audits: readonly PackageAudit[]): string {
  const scripts = (key: keyof PackageAudit['javascript']) => sum(audits, ({ javascript }) => javascript[key])
  return [
    '# What the dependencies weigh',
    '',
    `${count(audits.length, 'package')}, ${count(
      sum(audits, ({ files }) => files),
      'file',
    )}, ${size(sum(audits, ({ bytes }) => bytes))}.`,
    `JavaScript: ${size(scripts('bytes'))} in ${count(scripts('files'), 'file')}, ` +
      `${size(scripts('gzip'))} with gzip, ${size(scripts('brotli'))} with brotli.`,
    '',
    'Sizes are those of the files, not of the disk blocks they take; 1 MB is 1024 kB.',
    'Compressed sizes are of each file by itself.',
  ].join('\n')
}

function largest(audits: readonly PackageAudit[]): string {
  const all = sum(audits, ({ bytes }) => bytes)
  const top = audits.toSorted((a, b) => b.bytes - a.bytes).slice(0, MOST_ROWS)
  return section(
    'Largest packages',
    table(
      ['package', 'version', 'size', 'share', 'files'],
      top.map((audit) => [
        name(audit),
        audit.version,
        size(audit.bytes),
        percent(audit.bytes, all),
        group(audit.files),
      ]),
    ),
  )
}

function mostJavaScript(audits: readonly PackageAudit[]): string {
  const top = audits
    .filter(({ javascript }) => javascript.files > 0)
    .toSorted((a, b) => b.javascript.bytes - a.javascript.bytes)
    .slice(0, MOST_ROWS)
  return section(
    'Most JavaScript',
    table(
      ['package', 'version', 'size', 'gzip', 'brotli', 'files'],
      top.map((audit) => {
        const { bytes, gzip, brotli, files } = audit.javascript
        return [name(audit), audit.version, size(bytes), size(gzip), size(brotli), group(files)]
      }),
    ),
  )
}

function licences(audits: readonly PackageAudit[]): string {
  const groups = [...Map.groupBy(audits, ({ licence }) => licence.declared || '(none declared)')]
  return section(
    'Licences',
    table(
      ['licence', 'packages', 'size'],
      groups
        .toSorted(([a, some], [b, others]) => others.length - some.length || (a < b ? -1 : 1))
        .map(([licence, members]) => [licence, group(members.length), size(sum(members, ({ bytes }) => bytes))]),
    ),
  )
}

const PROBLEMS: readonly (readonly [verdict: Verdict, title: string])[] = [
  ['none', 'No licence at all'],
  ['undeclared', 'Licence text, but none declared'],
  ['mismatch', 'Licence text of another licence than declared'],
  ['no text', 'Declared, but no licence text'],
  ['unknown text', 'Licence text not recognised'],
  ['own terms', 'Terms of their own'],
]

function licenceProblems(audits: readonly PackageAudit[]): string {
  const found = PROBLEMS.flatMap(([verdict, title]) => {
    const members = audits.filter(({ licence }) => licence.verdict === verdict)
    return members.length === 0 ? [] : [section(title, members.map(licenceLine).join('\n'))]
  })
  return found.length === 0
    ? section('Licence texts', 'Every package ships the text of the licence it declares.')
    : found.join('\n\n')
}

function licenceLine(audit: PackageAudit): string {
  const { declared, found } = audit.licence
  const texts = found.length === 0 ? '' : `, text: ${found.join(', ')}`
  return `- ${name(audit)} ${audit.version}: ${declared || 'none'}${texts}`
}

function duplicates(audits: readonly PackageAudit[]): string {
  const copies = [...Map.groupBy(audits, plainName)].filter(([, members]) => members.length > 1)
  const lines = copies
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([plain, members]) => `- ${plain}: ${members.map((audit) => `${audit.version} (${name(audit)})`).join(', ')}`)
  return lines.length === 0 ? '' : section('Installed more than once', lines.join('\n'))
}

/** `bar` of `foo/node_modules/bar`. */
function plainName(audit: PackageAudit): string {
  return audit.package.split('/node_modules/').at(-1) ?? audit.package
}

function broken(
  audits: readonly PackageAudit[],
  title: string,
  of: (audit: PackageAudit) => PackageAudit['unparsable'],
): string {
  const lines = audits.flatMap((audit) => {
    const { count: all, first } = of(audit)
    const more = all > first.length ? [`- ${name(audit)}: ${group(all - first.length)} more`] : []
    return [...first.map((text) => `- ${name(audit)}: ${text}`), ...more]
  })
  return lines.length === 0 ? '' : section(title, lines.join('\n'))
}

function section(title: string, body: string): string {
  return `## ${title}\n\n${body}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? ':--' : '--:'))
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function name(audit: PackageAudit): string {
  return `\`${audit.package}\``
}

function count(amount: number, noun: string): string {
  return `${group(amount)} ${noun}${amount === 1 ? '' : 's'}`
}

function group(amount: number): string {
  return String(amount).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ')
}

function percent(part: number, all: number): string {
  return all === 0 ? '-' : `${((part / all) * 100).toFixed(1)} %`
}

function size(bytes: number): string {
  const units = ['kB', 'MB', 'GB']
  if (bytes < 1024) return `${bytes} B`
  let scaled = bytes / 1024
  let unit = 0
  for (; scaled >= 1023.95 && unit < units.length - 1; unit++) scaled /= 1024
  return `${scaled.toFixed(1)} ${units[unit]}`
}

function sum(audits: readonly PackageAudit[], of: (audit: PackageAudit) => number): number {
  return audits.reduce((total, audit) => total + of(audit), 0)
}
