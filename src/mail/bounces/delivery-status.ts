//
// Owns: reports by RFC 3464 (message/delivery-status): per recipient what was done and in whose words.
// Never: what it means; that is classify.ts.

import { type Fields, readFields } from './fields.ts'
import type { ReturnedMessage } from './message-parts.ts'
import type { ReportedRecipient } from './returned.ts'

/** What a report says of one recipient: facts, no verdict yet. */
export interface DeliveryReport {
  readonly recipient: string | null
  readonly originalRecipient: string | null
  readonly action: ReportedRecipient['action']
  /** RFC 3463, as written. */
  readonly status: string | null
  /** The words of whoever refused, as far as the report gives them. */
  readonly diagnostic: string
  /** What the reporting server says itself, where it differs: its own notice for people. */
  readonly remark: string
  readonly remoteMta: string | null
}

const ACTIONS: ReadonlySet<string> = new Set(['failed', 'delayed', 'delivered', 'relayed', 'expanded'])
/** A report with more recipients than an envelope may have is no report. */
const MAX_RECIPIENTS = 1000

export function readDeliveryStatus(message: ReturnedMessage): readonly DeliveryReport[] {
  const reports: DeliveryReport[] = []
  for (const part of message.parts) {
    if (part.type !== 'message/delivery-status' && part.type !== 'message/global-delivery-status') continue
    for (const block of part.text.split(/\n[ \t]*\n/)) {
      const report = reportOf(readFields(block))
      if (report !== null && reports.length < MAX_RECIPIENTS) reports.push(report)
    }
  }
  return reports
}

function reportOf(fields: Fields): DeliveryReport | null {
  const final = fields.get('final-recipient')
  const original = fields.get('original-recipient')
  if (final === null && original === null) return null
  const action =
    fields
      .get('action')
      ?.split(/[\s(;]/, 1)[0]
      ?.toLowerCase() ?? 'failed'
  return {
    recipient: addressOf(final ?? original),
    originalRecipient: addressOf(original),
    action: ACTIONS.has(action) ? (action as DeliveryReport['action']) : 'failed',
    status: fields.get('status')?.split(/[\s(]/, 1)[0] ?? null,
    diagnostic: fields.all('diagnostic-code').map(withoutType).join(' '),
    remark: '',
    remoteMta: hostOf(fields.get('remote-mta')),
  }
}

/** `rfc822; <local@domain>` without type and brackets (RFC 3464 §2.3.2). */
export function addressOf(value: string | null): string | null {
  if (value === null) return null
  const semicolon = value.indexOf(';')
  const address = value.slice(semicolon + 1).trim()
  const bare = address.startsWith('<') ? address.slice(1, address.indexOf('>') >>> 0) : address
  return bare.trim() === '' ? null : bare.trim()
}

const withoutType = (value: string): string => {
  const match = /^\s*[A-Za-z0-9.-]{1,20}\s*;/.exec(value)
  return match === null ? value : value.slice(match[0].length).trim()
}

function hostOf(value: string | null): string | null {
  if (value === null) return null
  const host = withoutType(value).split(/[\s[(]/, 1)[0] ?? ''
  return host === '' ? null : host.toLowerCase()
}
