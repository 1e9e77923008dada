//
// Owns: how routes of incoming mail and reports of others look to an operator.

import type { DmarcReport, TlsReport } from '../mail/reports/report.ts'

export type DmarcBody = DmarcReport['body']
export type TlsBody = TlsReport['body']

export interface InboundRouteAsk {
  readonly account: string
  /** `support@example.com` or `*@example.com`. */
  readonly pattern: string
  readonly action: 'forward' | 'webhook'
  /** An address or a URL. */
  readonly target: string
}

export interface InboundRouteRow {
  readonly id: string
  readonly pattern: string
  readonly action: string
  readonly target: string
  /** Closed: its webhook answered 410, and mail for it is refused. */
  readonly state: 'open' | 'closed'
  readonly account: string
  readonly created_at: string
}

/** The only time at which a webhook's secret is told. */
export interface MadeInboundRoute extends InboundRouteRow {
  readonly secret: string | null
}

export interface ReportListAsk {
  readonly kind: 'dmarc' | 'tls' | null
  readonly domain: string | null
  readonly limit: number
}

export interface ReportRow {
  readonly id: string
  readonly kind: string
  readonly domain: string
  readonly organization: string
  readonly from: string
  readonly to: string
  /** Messages that passed DMARC, or TLS sessions that came about. */
  readonly passed: number
  readonly failed: number
}

export interface ReportView extends ReportRow {
  readonly report_id: string
  readonly received_at: string
  readonly body: DmarcBody | TlsBody
}
