//
// Owns: what a message is that came back to us: a bounce, a complaint, an automatic answer, or something else.
// Never: throws, and never decides whose it is: the token in the return path or the original's header tells
// (services/inbound), and anybody can write a report.

import { isAutoReply } from './auto-reply.ts'
import type { Verdict } from './classify.ts'
import { type Complaint, readComplaint } from './complaint.ts'
import {
  type DeliveryReport,
  type ReportedAction,
  readDeliveryStatus,
  readEmbeddedStatus,
} from './delivery-status.ts'
import { readFreeForm, readNameless, withRemarks } from './free-form.ts'
import { judgeReport } from './judge-report.ts'
import { enclosedNotice, type ReturnedMessage, readMailbox } from './message-parts.ts'
import { hasServersName, isFromServer } from './notice.ts'
import { type OriginalHeader, readOriginal } from './original.ts'
import { readSesNotification } from './ses-notification.ts'

export interface ReportedRecipient {
  /** Final-Recipient, as written; null when the report names nobody (then the return path's token tells). */
  readonly recipient: string | null
  readonly originalRecipient: string | null
  readonly action: ReportedAction
  readonly verdict: Verdict
  readonly remoteMta: string | null
}

export interface Bounce {
  readonly kind: 'bounce'
  readonly recipients: readonly ReportedRecipient[]
  readonly original: OriginalHeader | null
}

export type ReturnedMail =
  | Bounce
  /** An abuse report (RFC 5965): somebody pressed a button. */
  | Complaint
  /** RFC 3834: recognised so that nobody takes it for an answer or a failure. */
  | { readonly kind: 'auto-reply'; readonly original: OriginalHeader | null }
  | { readonly kind: 'other' }

export function readReturnedMail(bytes: Uint8Array): ReturnedMail {
  const messages = readMailbox(bytes)
  const [first, ...others] = messages.map(readOne)
  if (first?.kind !== 'bounce') return first ?? { kind: 'other' }
  const more = others.flatMap((other) => (other.kind === 'bounce' ? other.recipients : []))
  return more.length === 0 ? first : { ...first, recipients: [...first.recipients, ...more] }
}

function readOne(message: ReturnedMessage): ReturnedMail {
  const complaint = readComplaint(message)
  if (complaint !== null) return complaint
  const ses = readSesNotification(message)
  if (ses !== null) return fromSes(ses)
  const reports = reportsIn(message)
  if (reports.length > 0) {
    const bounce = bounceOf(withRemarks(reports, message), readOriginal(message))
    if (hasServersName(message) || givesReason(bounce)) return bounce
  }
  const enclosed = isFromServer(message) ? enclosedNotice(message) : null
  if (enclosed !== null) {
    const inner = reportsIn(enclosed)
    if (inner.length > 0) return bounceOf(withRemarks(inner, enclosed), readOriginal(enclosed))
  }
  const nameless = readNameless(message)
  if (nameless !== null) {
    const nobody = bounceOf([nameless], readOriginal(message))
    // Without a name and without a reason there is nothing to report.
    if (givesReason(nobody)) return nobody
  }
  if (isAutoReply(message)) return { kind: 'auto-reply', original: readOriginal(message) }
  return { kind: 'other' }
}

/** The standard's fields first, then the same fields as text, then words for people. */
function reportsIn(message: ReturnedMessage): readonly DeliveryReport[] {
  const standard = readDeliveryStatus(message)
  if (standard.length > 0) return standard
  const embedded = readEmbeddedStatus(message)
  if (embedded.length > 0) return embedded
  // A person's absence names a deputy, and may regret that the mail was not read.
  return isAutoReply(message) && !hasServersName(message) ? [] : readFreeForm(message)
}

/** What was done may be news too: a success, a delay. */
const givesReason = ({ recipients }: Bounce): boolean =>
  recipients.some(({ action, verdict }) => action !== 'failed' || verdict.reason !== 'other')

function fromSes(ses: NonNullable<ReturnType<typeof readSesNotification>>): ReturnedMail {
  if (ses.kind !== 'complaint') {
    return ses.reports.length === 0 ? { kind: 'other' } : bounceOf(ses.reports, ses.original)
  }
  return {
    kind: 'complaint',
    feedbackType: ses.feedbackType ?? 'abuse',
    reporter: 'Amazon SES',
    originalRecipient: ses.reports[0]?.recipient ?? null,
    originalMailFrom: ses.original.returnPath,
    sourceIp: null,
    feedbackId: null,
    original: ses.original,
  }
}

const bounceOf = (reports: readonly DeliveryReport[], original: OriginalHeader | null): Bounce => ({
  kind: 'bounce',
  recipients: reports.map((report) => ({
    recipient: report.recipient,
    originalRecipient: report.originalRecipient,
    action: report.action,
    verdict: judgeReport(report),
    remoteMta: report.remoteMta,
  })),
  original,
})
