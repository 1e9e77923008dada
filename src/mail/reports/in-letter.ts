//
// Owns: finding the reports that a letter carries: aggregate XML or TLS JSON, packed or not, attached or as its body.

import type { Letter } from '../mime/letter.ts'
import { readDmarcReport } from './dmarc.ts'
import type { Report } from './report.ts'
import { readTlsReport } from './tls.ts'
import { unpack } from './unpack.ts'

/** One is usual; several are seen where one tool reports for many domains. */
const MAX_REPORTS = 10

export function reportsIn(letter: Letter): readonly Report[] {
  const reports: Report[] = []
  for (const { content } of letter.attachments) {
    const report = readReport(content)
    if (report && reports.push(report) === MAX_REPORTS) break
  }
  if (reports.length > 0 || letter.text === null) return reports
  const whole = readReport(Buffer.from(letter.text))
  return whole ? [whole] : []
}

/** What it is shows in what it says: media types and file names are wrong often (RFC 8460 §5.3, RFC 9990). */
function readReport(content: Uint8Array): Report | null {
  const unpacked = unpack(content)
  if (!unpacked.ok) return null
  const start = unpacked.value
    .subarray(0, 200)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  const read = start.startsWith('<')
    ? readDmarcReport(unpacked.value)
    : start.startsWith('{')
      ? readTlsReport(unpacked.value)
      : null
  return read?.ok ? read.value : null
}
