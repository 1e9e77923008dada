//
// Owns: what a TLS report looks like (RFC 8460 §4, §5) and where a domain wants it (§3). Pure.

import { type ForwardPath, parseMailbox } from '../../core/address.ts'
import type { ReportedPolicy } from '../../core/route.ts'
import { DAY, type Milliseconds, SECOND } from '../../core/time.ts'
import type { TlsTally } from '../../store/tls-store.ts'

export type ReportEndpoint =
  | { readonly kind: 'mail'; readonly to: ForwardPath }
  | { readonly kind: 'https'; readonly url: string }

/** More endpoints than this are somebody else's mailboxes being filled. */
const MAX_ENDPOINTS = 4
/** Ways of failing in one report; the sums count all of them. */
const MAX_DETAILS = 500

/** Empty where a domain wants no report: no record, several, or one without an endpoint that we speak to (§3). */
export function endpointsOf(texts: readonly string[]): readonly ReportEndpoint[] {
  const records = texts.filter((text) => /^v=TLSRPTv1[ \t]*;/.test(text))
  const [record] = records
  if (record === undefined || records.length > 1) return []
  const rua = record
    .split(';')
    .map((field) => /^[ \t]*rua[ \t]*=[ \t]*(.*?)[ \t]*$/.exec(field)?.[1])
    .find((value) => value !== undefined)
  const endpoints = (rua ?? '').split(',').flatMap((uri) => endpointOf(uri.trim()))
  return endpoints.slice(0, MAX_ENDPOINTS)
}

function endpointOf(uri: string): readonly ReportEndpoint[] {
  const parsed = URL.parse(uri)
  if (parsed?.protocol === 'https:') return [{ kind: 'https', url: parsed.href }]
  if (parsed?.protocol !== 'mailto:') return []
  const to = parseMailbox(decoded(parsed.pathname))
  return to.ok ? [{ kind: 'mail', to: to.value }] : []
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone percent sign is no escape; the address parser says whether it may stand there.
    return text
  }
}

export interface ReportHead {
  /** Our host name: who reports. */
  readonly organization: string
  readonly contact: string
  readonly day: number
  readonly domain: string
}

/** The same for the same day and domain: a report that comes twice is known by it. */
export const reportId = ({ organization, day, domain }: ReportHead): string =>
  `${dateText(day)}.${domain}@${organization}`

export function reportJson(head: ReportHead, tallies: readonly TlsTally[]): string {
  return JSON.stringify({
    'organization-name': head.organization,
    'date-range': {
      'start-datetime': `${dateText(head.day)}T00:00:00Z`,
      'end-datetime': `${dateText(head.day)}T23:59:59Z`,
    },
    'contact-info': head.contact,
    'report-id': reportId(head),
    policies: byPolicy(tallies).map((group) => policyRow(head.domain, group)),
  })
}

/** §5.1: sender, policy domain, begin and end in seconds. */
export const reportFile = ({ organization, day, domain }: ReportHead): string =>
  `${organization}!${domain}!${seconds(day * DAY)}!${seconds((day + 1) * DAY) - 1}.json.gz`

/** §5.3. */
export const reportSubject = (head: ReportHead): string =>
  `Report Domain: ${head.domain} Submitter: ${head.organization} Report-ID: <${reportId(head)}>`

export const reportText = (head: ReportHead): string =>
  [
    `This is an aggregate TLS report (RFC 8460) from ${head.organization}`,
    `about sessions with the mail hosts of ${head.domain} on ${dateText(head.day)} (UTC).`,
    '',
    `It is sent because _smtp._tls.${head.domain} asks for it. Questions: ${head.contact}`,
    '',
  ].join('\r\n')

const dateText = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10)
const seconds = (at: Milliseconds): number => Math.floor(at / SECOND)

interface PolicyGroup {
  readonly policy: ReportedPolicy
  readonly tallies: TlsTally[]
}

function byPolicy(tallies: readonly TlsTally[]): readonly PolicyGroup[] {
  const groups = new Map<string, PolicyGroup>()
  for (const tally of tallies) {
    const key = JSON.stringify(tally.policy)
    const group = groups.get(key)
    if (group) group.tallies.push(tally)
    else groups.set(key, { policy: tally.policy, tallies: [tally] })
  }
  return [...groups.values()]
}

function policyRow(domain: string, { policy, tallies }: PolicyGroup): object {
  const good = tallies.filter((tally) => tally.resultType === null)
  const bad = tallies.filter((tally) => tally.resultType !== null)
  return {
    policy: {
      'policy-type': policy.type,
      ...(policy.strings.length === 0 ? {} : { 'policy-string': policy.strings }),
      'policy-domain': domain,
      ...(policy.mxHosts.length === 0 ? {} : { 'mx-host': policy.mxHosts }),
    },
    summary: { 'total-successful-session-count': sum(good), 'total-failure-session-count': sum(bad) },
    ...(bad.length === 0 ? {} : { 'failure-details': bad.slice(0, MAX_DETAILS).map(failureRow) }),
  }
}

const failureRow = ({ resultType, source, mx, address, count, detail }: TlsTally): object => ({
  'result-type': resultType,
  ...given('sending-mta-ip', source),
  ...given('receiving-mx-hostname', mx),
  ...given('receiving-ip', address),
  'failed-session-count': count,
  ...given('failure-reason-code', detail),
})

const given = (name: string, value: string): object => (value === '' ? {} : { [name]: value })

const sum = (tallies: readonly TlsTally[]): number => tallies.reduce((all, { count }) => all + count, 0)
