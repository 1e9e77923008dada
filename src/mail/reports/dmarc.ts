//
// Owns: a DMARC aggregate report (RFC 7489 appendix C, RFC 9990) as rows. XML in, report or fault out. Pure.
// Never: resolves an entity or follows a declaration: a report has no need of either (T16).

import { XMLParser } from 'fast-xml-parser'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { isReportMarkup } from './markup.ts'
import {
  type DmarcReport,
  type DmarcRow,
  fieldsOf,
  listOf,
  MAX_ROWS,
  plainText,
  type ReportFault,
  wholeNumber,
} from './report.ts'

/** feedback / record / auth_results / dkim / result is the deepest that the schema has. */
const MAX_DEPTH = 12

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  trimValues: true,
  maxNestedTags: MAX_DEPTH,
})

export function readDmarcReport(xml: Uint8Array): Result<DmarcReport, ReportFault> {
  const text = Buffer.from(xml.buffer, xml.byteOffset, xml.byteLength)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  if (!isReportMarkup(text)) return fault('forbidden')
  let feedback: Readonly<Record<string, unknown>>
  try {
    feedback = fieldsOf(fieldsOf(parser.parse(text))['feedback'])
  } catch {
    return fault('unreadable')
  }
  const metadata = fieldsOf(feedback['report_metadata'])
  const policy = fieldsOf(feedback['policy_published'])
  const range = fieldsOf(metadata['date_range'])
  const domain = plainText(policy['domain']).toLowerCase().replace(/\.$/, '')
  const reportId = written(metadata['report_id'])
  if (domain === '' || reportId === '') return fault('unreadable')
  const records = listOf(feedback['record'])
  return ok({
    kind: 'dmarc',
    domain,
    organization: written(metadata['org_name']) || written(metadata['email']),
    reportId,
    beginAt: momentAt(range['begin']),
    endAt: momentAt(range['end']),
    body: {
      contact: written(metadata['email']),
      policy: policyOf(policy),
      rows: records.slice(0, MAX_ROWS).map(rowOf),
      truncated: records.length > MAX_ROWS,
    },
  })
}

/** Beyond it no calendar goes (ECMA-262 §21.4.1.1): what is no moment is none, or lists with it in could not be shown. */
const LAST_MOMENT: Milliseconds = 8.64e15

function momentAt(seconds: unknown): Milliseconds {
  const at = wholeNumber(seconds) * SECOND
  return at <= LAST_MOMENT ? at : 0
}

function policyOf(published: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const policy: Record<string, string> = {}
  for (const [name, value] of Object.entries(published).slice(0, MAX_POLICY_FIELDS)) {
    if (name !== 'domain' && /^[a-z_]{1,32}$/.test(name)) policy[name] = written(value)
  }
  return policy
}
const MAX_POLICY_FIELDS = 20

function rowOf(record: unknown): DmarcRow {
  const { row, identifiers, auth_results } = fieldsOf(record)
  const { source_ip, count, policy_evaluated } = fieldsOf(row)
  const evaluated = fieldsOf(policy_evaluated)
  const named = fieldsOf(identifiers)
  const results = fieldsOf(auth_results)
  return {
    source_ip: plainText(source_ip),
    count: wholeNumber(count),
    disposition: written(evaluated['disposition']),
    dkim: written(evaluated['dkim']),
    spf: written(evaluated['spf']),
    header_from: written(named['header_from']).toLowerCase(),
    envelope_from: written(named['envelope_from']).toLowerCase(),
    reasons: some(evaluated['reason']).map((reason) => words(reason, ['type', 'comment'])),
    dkim_results: some(results['dkim']).map((result) => words(result, ['domain', 'selector', 'result'])),
    spf_results: some(results['spf']).map((result) => words(result, ['domain', 'result'])),
  }
}

/** A message has a handful of signatures; more is noise. */
const MAX_RESULTS = 10
const some = (value: unknown) => listOf(value).slice(0, MAX_RESULTS)

const words = (value: unknown, names: readonly string[]): string => {
  const fields = fieldsOf(value)
  return names
    .map((name) => written(fields[name]))
    .filter((word) => word !== '')
    .join(' ')
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The five of XML itself and numbers; the parser was told to touch none. */
const written = (value: unknown): string =>
  plainText(
    plainText(value).replace(
      /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi,
      (whole, name, ten, hex) => {
        if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole
        const code = ten === undefined ? Number.parseInt(hex, 16) : Number(ten)
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole
      },
    ),
  )
