//
// Owns: what a message is that came back to us: a bounce, a complaint, an automatic answer, or something else.
// Never: throws, and never decides whose it is: the token in the return path or the original's header tells
// (services/inbound), and anybody can write a report.

import type { Verdict } from './classify.ts'
import { type DeliveryReport, readDeliveryStatus } from './delivery-status.ts'
import { judgeReport } from './judge-report.ts'
import { type ReturnedMessage, readMessage } from './message-parts.ts'
import { type OriginalHeader, readOriginal } from './original.ts'

export interface ReportedRecipient {
  /** Final-Recipient, as written; null when the report names nobody (then the return path's token tells). */
  readonly recipient: string | null
  readonly originalRecipient: string | null
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'
  readonly verdict: Verdict
  readonly remoteMta: string | null
}

export type ReturnedMail =
  | {
      readonly kind: 'bounce'
      readonly recipients: readonly ReportedRecipient[]
      readonly original: OriginalHeader | null
    }
  /** An abuse report (RFC 5965): somebody pressed a button. */
  | {
      readonly kind: 'complaint'
      /** `abuse`, `not-spam`, `opt-out`, `auth-failure` …, lower-case. */
      readonly feedbackType: string
      /** Who reports: User-Agent or the sender of the report. */
      readonly reporter: string | null
      readonly originalRecipient: string | null
      /** The envelope sender of the reported message: our return path, when it is given. */
      readonly originalMailFrom: string | null
      readonly sourceIp: string | null
      readonly original: OriginalHeader | null
    }
  /** RFC 3834: recognised so that nobody takes it for an answer or a failure. */
  | { readonly kind: 'auto-reply'; readonly original: OriginalHeader | null }
  | { readonly kind: 'other' }

export function readReturnedMail(bytes: Uint8Array): ReturnedMail {
  const message = readMessage(bytes)
  const reports = readDeliveryStatus(message)
  if (reports.length > 0) return bounce(reports, message)
  return { kind: 'other' }
}

const bounce = (reports: readonly DeliveryReport[], message: ReturnedMessage): ReturnedMail => ({
  kind: 'bounce',
  recipients: reports.map((report) => ({
    recipient: report.recipient,
    originalRecipient: report.originalRecipient,
    action: report.action,
    verdict: judgeReport(report),
    remoteMta: report.remoteMta,
  })),
  original: readOriginal(message),
})
