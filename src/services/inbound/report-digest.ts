//
// Owns: what is kept and told of one report: its figures, its JSON, and the rows about mail that left from our own
// addresses and failed. Made in the reading thread: twenty thousand rows are not handed about one by one. Pure.

import type { DmarcReport, DmarcRow, Report, ReportHead, TlsReport } from '../../mail/reports/report.ts'

export interface ReportDigest extends ReportHead {
  readonly kind: Report['kind']
  /** Messages or sessions. */
  readonly passed: number
  readonly failed: number
  /** The body of the report, JSON. */
  readonly json: string
  /** From our own addresses, and failed both ways; so many at most. */
  readonly ourFailures: readonly DmarcRow[]
}

/** Who has more of them needs no more of them. */
const MAX_OUR_FAILURES = 100

export function digestOf(report: Report, ownAddresses: ReadonlySet<string>): ReportDigest {
  const { domain, organization, reportId, beginAt, endAt, body } = report
  const head = { domain, organization, reportId, beginAt, endAt, json: JSON.stringify(body) }
  return report.kind === 'dmarc'
    ? { ...head, kind: 'dmarc', ...dmarcFigures(report), ourFailures: failuresOf(report, ownAddresses) }
    : { ...head, kind: 'tls', ...tlsFigures(report), ourFailures: [] }
}

/** RFC 7489 §3.1.3: either way is enough. */
const hasPassed = ({ dkim, spf }: DmarcRow): boolean => dkim === 'pass' || spf === 'pass'

const failuresOf = ({ body }: DmarcReport, own: ReadonlySet<string>): readonly DmarcRow[] =>
  body.rows.filter((row) => !hasPassed(row) && own.has(row.source_ip)).slice(0, MAX_OUR_FAILURES)

function dmarcFigures({ body }: DmarcReport): Pick<ReportDigest, 'passed' | 'failed'> {
  let passed = 0
  let failed = 0
  for (const row of body.rows) {
    if (hasPassed(row)) passed += row.count
    else failed += row.count
  }
  return { passed, failed }
}

function tlsFigures({ body }: TlsReport): Pick<ReportDigest, 'passed' | 'failed'> {
  const sum = (of: 'successful' | 'failed'): number =>
    body.policies.reduce((total, policy) => total + policy[of], 0)
  return { passed: sum('successful'), failed: sum('failed') }
}
