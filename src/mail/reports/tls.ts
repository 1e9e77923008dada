//
// Owns: a report about TLS sessions that others had with us or wanted to have (RFC 8460 §4). JSON in, report or fault out.

import { fault, ok, type Result } from '../../core/result.ts'
import {
  fieldsOf,
  listOf,
  plainText,
  type ReportFault,
  type TlsPolicyRow,
  type TlsReport,
  wholeNumber,
} from './report.ts'

/** One per MX host and policy of one domain. */
const MAX_POLICIES = 100
const MAX_FAILURES = 1000
const MAX_MX = 20

export function readTlsReport(json: Uint8Array): Result<TlsReport, ReportFault> {
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  let report: Readonly<Record<string, unknown>>
  try {
    report = fieldsOf(JSON.parse(text))
  } catch {
    return fault('unreadable')
  }
  const range = fieldsOf(report['date-range'])
  const policies = listOf(report['policies']).slice(0, MAX_POLICIES).map(policyOf)
  const domain = policies[0]?.policy_domain ?? ''
  const reportId = plainText(report['report-id'])
  if (domain === '' || reportId === '') return fault('unreadable')
  return ok({
    kind: 'tls',
    domain,
    organization: plainText(report['organization-name']),
    reportId,
    beginAt: timeOf(range['start-datetime']),
    endAt: timeOf(range['end-datetime']),
    body: { contact: plainText(report['contact-info']), policies },
  })
}

function policyOf(value: unknown): TlsPolicyRow {
  const fields = fieldsOf(value)
  const policy = fieldsOf(fields['policy'])
  const summary = fieldsOf(fields['summary'])
  return {
    policy_type: plainText(policy['policy-type']),
    policy_domain: plainText(policy['policy-domain']).toLowerCase().replace(/\.$/, ''),
    mx_host: listOf(policy['mx-host']).slice(0, MAX_MX).map(plainText),
    successful: wholeNumber(summary['total-successful-session-count']),
    failed: wholeNumber(summary['total-failure-session-count']),
    failures: listOf(fields['failure-details'])
      .slice(0, MAX_FAILURES)
      .map((failure) => {
        const found = fieldsOf(failure)
        return {
          result_type: plainText(found['result-type']),
          sending_mta_ip: plainText(found['sending-mta-ip']),
          receiving_mx: plainText(found['receiving-mx-hostname']),
          receiving_ip: plainText(found['receiving-ip']),
          count: wholeNumber(found['failed-session-count']),
          detail: plainText(found['failure-reason-code']) || plainText(found['additional-information']),
        }
      }),
  }
}

/** RFC 3339; what is none is no time. */
function timeOf(value: unknown): number {
  const at = Date.parse(plainText(value))
  return Number.isNaN(at) ? 0 : at
}
