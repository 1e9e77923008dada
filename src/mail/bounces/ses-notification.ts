//
// Owns: Amazon's notifications (SNS) as mail: JSON with bounces, complaints and deliveries.

import { type DeliveryReport, MAX_RECIPIENTS } from './delivery-status.ts'
import { Fields } from './fields.ts'
import type { ReturnedMessage } from './message-parts.ts'
import { headerOf, type OriginalHeader } from './original.ts'

interface SesRecipient {
  readonly emailAddress?: unknown
  readonly action?: unknown
  readonly status?: unknown
  readonly diagnosticCode?: unknown
}

export interface SesNotification {
  readonly kind: 'bounce' | 'complaint' | 'delivery'
  readonly reports: readonly DeliveryReport[]
  readonly original: OriginalHeader
  readonly feedbackType: string | null
}

export function readSesNotification(message: ReturnedMessage): SesNotification | null {
  const text = message.parts[0]?.text.trimStart() ?? ''
  if (!text.startsWith('{') || (!text.includes('otificationType') && !text.includes('eventType'))) return null
  const outer = parse(text)
  const inner = typeof outer?.['Message'] === 'string' ? parse(outer['Message']) : outer
  if (inner === null) return null
  const type = String(inner['notificationType'] ?? inner['eventType'] ?? '').toLowerCase()
  const mail = record(inner['mail'])
  const original = headerOf(new Fields(headersIn(mail)))
  if (type === 'bounce') {
    const bounce = record(inner['bounce'])
    const kind = String(bounce['bounceSubType'] ?? '')
    return {
      kind: 'bounce',
      reports: list(bounce['bouncedRecipients']).map((one) => failed(one, kind)),
      original,
      feedbackType: null,
    }
  }
  if (type === 'complaint') {
    const complaint = record(inner['complaint'])
    const feedbackType = String(complaint['complaintFeedbackType'] ?? 'abuse').toLowerCase()
    return {
      kind: 'complaint',
      reports: list(complaint['complainedRecipients']).map((one) => failed(one, '')),
      original,
      feedbackType,
    }
  }
  if (type !== 'delivery') return null
  const delivery = record(inner['delivery'])
  const words = String(delivery['smtpResponse'] ?? '')
  const reports = Array.isArray(delivery['recipients'])
    ? delivery['recipients'].slice(0, MAX_RECIPIENTS).map((one) => ({
        ...failed({ emailAddress: one }, ''),
        action: 'delivered' as const,
        diagnostic: words,
      }))
    : []
  return { kind: 'delivery', reports, original, feedbackType: null }
}

const failed = (one: SesRecipient, kind: string): DeliveryReport => ({
  recipient: typeof one.emailAddress === 'string' ? one.emailAddress : null,
  originalRecipient: null,
  action: one.action === 'delayed' ? 'delayed' : 'failed',
  status: typeof one.status === 'string' ? one.status : null,
  diagnostic:
    typeof one.diagnosticCode === 'string'
      ? one.diagnosticCode.replace(/^smtp;\s{0,8}/i, '')
      : `Amazon SES: ${kind}`,
  remark: kind,
  remoteMta: null,
})

/** Whatever stands behind the closing brace is a footer. */
function parse(text: string): Record<string, unknown> | null {
  const footer = text.indexOf('\n--\n')
  const above = footer === -1 ? text : text.slice(0, footer)
  for (const candidate of [above, text.slice(0, text.lastIndexOf('}') + 1)]) {
    try {
      return record(JSON.parse(candidate.replaceAll('\n', ' ')))
    } catch {
      // The next candidate, or none.
    }
  }
  return null
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}

const list = (value: unknown): readonly SesRecipient[] =>
  Array.isArray(value) ? value.slice(0, MAX_RECIPIENTS).map(record) : []

/** The original's header as Amazon repeats it, when it was asked to. */
function headersIn(mail: Record<string, unknown>): readonly (readonly [string, string])[] {
  const fields = list(mail['headers']) as readonly Record<string, unknown>[]
  const source = typeof mail['source'] === 'string' ? mail['source'] : ''
  return [
    ...fields.map(({ name, value }) => [String(name).toLowerCase(), String(value)] as const),
    ['return-path', source],
  ]
}
