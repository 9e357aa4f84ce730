/** The audit as a table for spreadsheets and scripts: RFC 4180 with line feeds, a row a package, ordered by package. */
import type { PackageAudit } from './audit.ts'

const COLUMNS: readonly (readonly [title: string, of: (audit: PackageAudit) => string | number])[] = [
  ['package', (audit) => audit.package],
  ['version', (audit) => audit.version],
  ['files', (audit) => audit.files],
  ['bytes', (audit) => audit.bytes],
  ['js_files', ({ javascript }) => javascript.files],
  ['js_bytes', ({ javascript }) => javascript.bytes],
  ['js_gzip', ({ javascript }) => javascript.gzip],
  ['js_brotli', ({ javascript }) => javascript.brotli],
  ['licence', ({ licence }) => licence.declared],
  ['licence_text', ({ licence }) => licence.found.join(' ')],
  ['licence_verdict', ({ licence }) => licence.verdict],
  ['unparsable', ({ unparsable }) => unparsable.count],
  ['not_utf8', ({ notUtf8 }) => notUtf8.count],
  ['sha256', (audit) => audit.sha256],
]

export function toCsv(audits: readonly PackageAudit[]): string {
  const rows = audits
    .toSorted((a, b) => (a.package < b.package ? -1 : 1))
    .map((audit) => COLUMNS.map(([, of]) => of(audit)))
  return [COLUMNS.map(([title]) => title), ...rows].map((row) => `${row.map(quote).join(',')}\n`).join('')
}

function quote(cell: string | number): string {
  const text = String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
