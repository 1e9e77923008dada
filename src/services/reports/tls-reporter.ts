//
// Owns: the daily sending of TLS reports to the domains that ask for them (RFC 8460 §3, §5).
// Never: what they say (tls-report.ts). That a report was sent is known by its tallies being gone: a second node finds
// none, and what two nodes do in the same moment is held together by the notice's key and the report's id.

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock, Dice, Log } from '../../core/ports.ts'
import { HOUR, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import type { OutgoingHttp } from '../../net/http/outgoing.ts'
import type { TlsStore } from '../../store/tls-store.ts'
import type { NoticeSender } from '../notices/notices.ts'
import {
  endpointsOf,
  type ReportEndpoint,
  type ReportHead,
  reportFile,
  reportId,
  reportJson,
  reportSubject,
  reportText,
} from './tls-report.ts'
import { dayOf } from './tls-tally.ts'

export interface TlsReporterParts {
  readonly store: Pick<TlsStore, 'talliedDomains' | 'tallies' | 'dropTalliesOf' | 'dropTallies'>
  readonly resolver: Pick<Resolver, 'txt'>
  readonly notices: Pick<NoticeSender, 'offer'>
  readonly http: Pick<OutgoingHttp, 'post'>
  readonly clock: Clock
  readonly dice: Dice
  readonly log: Log
  /** Our host name. */
  readonly organization: string
  readonly contact: string
  /** False: tallies are only thrown away. */
  readonly send: boolean
}

/** The last counts of a day are in the store by then, on every node. */
const EARLIEST: Milliseconds = 10 * MINUTE
/** RFC 8460 §4.1 asks for the reports of all senders not to come at midnight. */
const SPREAD: Milliseconds = 4 * HOUR
/** §5.5: a report that cannot be handed over is tried for a day, and then it is old news. */
const DAYS_BACK = 2
const POST_WITHIN: Milliseconds = 30 * SECOND
const MAX_ANSWER_OCTETS = 64 * 1024

const packed = promisify(gzip)

export class TlsReporter {
  readonly #parts: TlsReporterParts
  readonly #after: Milliseconds
  #running = false
  /** The day before which nothing is kept any more. */
  #dropped = 0

  constructor(parts: TlsReporterParts) {
    this.#parts = parts
    this.#after = EARLIEST + parts.dice() * SPREAD
  }

  /** By the clock, every few minutes: sends what is due and was not sent yet. */
  async turn(): Promise<void> {
    const { clock, store } = this.#parts
    if (this.#running) return
    this.#running = true
    try {
      const today = dayOf(clock.now() - this.#after)
      for (let day = today - DAYS_BACK; day < today; day++) await this.#day(day)
      // A commit a day, not one at every turn.
      if (today > this.#dropped && (await store.dropTallies(today - DAYS_BACK)).ok) this.#dropped = today
    } finally {
      this.#running = false
    }
  }

  async #day(day: number): Promise<void> {
    const { log, send, store } = this.#parts
    for (const domain of await store.talliedDomains(day)) {
      const done = !send || (await this.#report(day, domain))
      if (!done) continue
      const dropped = await store.dropTalliesOf(day, domain)
      if (!dropped.ok)
        log.warn('tallies of a sent TLS report stay for now', { domain, detail: dropped.error })
    }
  }

  /** True when nothing is left to be done for this day and domain. */
  async #report(day: number, domain: string): Promise<boolean> {
    const { contact, organization, resolver, store } = this.#parts
    const found = await resolver.txt(`_smtp._tls.${domain}`)
    // Nobody knows yet whether they want one.
    if (!found.ok && (found.error === 'servfail' || found.error === 'timeout')) return false
    const endpoints = found.ok ? endpointsOf(found.value.records) : []
    if (endpoints.length === 0) return true
    const head: ReportHead = { organization, contact, day, domain }
    const bytes = await packed(reportJson(head, await store.tallies(day, domain)))
    const ends = await Promise.all(endpoints.map((endpoint) => this.#hand(endpoint, head, bytes)))
    // One that has it is enough: sending it again would double it there.
    return ends.includes(true)
  }

  async #hand(endpoint: ReportEndpoint, head: ReportHead, bytes: Uint8Array): Promise<boolean> {
    const { http, log } = this.#parts
    if (endpoint.kind === 'mail') return this.#mail(endpoint.to, head, bytes)
    const answered = await http.post(endpoint.url, {
      headers: { 'content-type': 'application/tlsrpt+gzip' },
      body: bytes,
      maxOctets: MAX_ANSWER_OCTETS,
      within: POST_WITHIN,
    })
    const taken = answered.ok && answered.value.status >= 200 && answered.value.status < 300
    const detail = answered.ok ? `HTTP status ${answered.value.status}` : answered.error.detail
    if (!taken) log.info('a TLS report was not taken', { domain: head.domain, detail })
    return taken
  }

  async #mail(
    to: Extract<ReportEndpoint, { kind: 'mail' }>['to'],
    head: ReportHead,
    bytes: Uint8Array,
  ): Promise<boolean> {
    const sent = await this.#parts.notices.offer({
      to,
      kind: 'report',
      from: 'tls-reports',
      key: `tlsrpt:${reportId(head)}:${to}`,
      subject: reportSubject(head),
      text: reportText(head),
      reportType: 'tlsrpt',
      parts: [{ contentType: 'application/tlsrpt+gzip', filename: reportFile(head), content: bytes }],
      headers: {
        'TLS-Report-Domain': head.domain,
        'TLS-Report-Submitter': head.organization,
        // RFC 8689 §5: what is broken must not keep the news of it from arriving.
        'TLS-Required': 'No',
      },
      wishes: { tlsOptional: true },
    })
    // What the door refuses for good is refused tomorrow as well.
    return sent.ok || !sent.error.passes
  }
}
