//
// Owns: reports by RFC 3464 (message/delivery-status): per recipient what was done and in whose words. Also the same
// fields where a server wrote them into plain text.
// Never: what it means; that is classify.ts.

import { type Fields, readFields } from './fields.ts'
import type { ReturnedMessage } from './message-parts.ts'
import { isFromServer } from './notice.ts'

export type ReportedAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'

/** What a report says of one recipient: facts, no verdict yet. */
export interface DeliveryReport {
  readonly recipient: string | null
  readonly originalRecipient: string | null
  readonly action: ReportedAction
  /** RFC 3463, as written. */
  readonly status: string | null
  /** The words of whoever refused, as far as the report gives them. */
  readonly diagnostic: string
  /** What the report says for people about this recipient: the command that failed stands there, or the only words. */
  readonly remark: string
  readonly remoteMta: string | null
}

const ACTIONS: ReadonlySet<string> = new Set(['failed', 'delayed', 'delivered', 'relayed', 'expanded'])
/** Every delivery has its own return path, so a report speaks of one; each costs a look through all phrases. */
export const MAX_RECIPIENTS = 100

export function readDeliveryStatus(message: ReturnedMessage): readonly DeliveryReport[] {
  const reports: DeliveryReport[] = []
  for (const part of message.parts) {
    if (part.type === 'message/delivery-status' || part.type === 'message/global-delivery-status') {
      readBlocks(part.text, reports)
    }
  }
  return reports
}

/** Damaged MIME, and servers that write the fields as text (Amazon WorkMail). */
export function readEmbeddedStatus(message: ReturnedMessage): readonly DeliveryReport[] {
  if (!isFromServer(message)) return []
  const reports: DeliveryReport[] = []
  for (const part of message.parts) {
    if (!MAY_HOLD_FIELDS.test(part.type)) continue
    const at = part.text.toLowerCase().indexOf('final-recipient:')
    if (at !== -1) readBlocks(part.text, reports)
  }
  return reports
}

/** Some gateways forget what the second part of a report is, and attach it as any file. */
const MAY_HOLD_FIELDS = /^(?:text\/(?!rfc822-headers)|application\/octet-stream)/

function readBlocks(text: string, into: DeliveryReport[]): void {
  for (const block of text.split(/\n[ \t]{0,8}\n/)) {
    for (const record of recordsIn(block)) {
      const report = reportOf(readFields(record))
      if (report !== null && into.length < MAX_RECIPIENTS) into.push(report)
    }
  }
}

/** Some servers leave out the empty line between recipients (RFC 3464 §2.1 demands it). */
function recordsIn(block: string): readonly string[] {
  const records: string[][] = [[]]
  let seen = false
  for (const line of block.split('\n')) {
    if (/^final-recipient\s{0,8}:/i.test(line)) {
      if (seen) records.push([])
      seen = true
    }
    records.at(-1)?.push(line)
  }
  return records.map((lines) => lines.join('\n'))
}

function reportOf(fields: Fields): DeliveryReport | null {
  const final = fields.get('final-recipient')
  const original = fields.get('original-recipient')
  if (final === null && (original === null || !fields.has('action'))) return null
  const action =
    fields
      .get('action')
      ?.split(/[\s(;]/, 1)[0]
      ?.toLowerCase() ?? 'failed'
  const status = fields.get('status') ?? ''
  return {
    recipient: addressOf(final ?? original),
    originalRecipient: addressOf(original),
    action: ACTIONS.has(action) ? (action as ReportedAction) : 'failed',
    status: /^[245]\.\d{1,3}\.\d{1,3}/.exec(status)?.[0] ?? null,
    diagnostic: fields.all('diagnostic-code').map(withoutType).join(' ').trim() || commentIn(status),
    remark: '',
    remoteMta: hostOf(fields.get('remote-mta')),
  }
}

/** `4.0.0 (host name lookup failure)`: a comment that says why (RFC 3464 §2.3.4). */
function commentIn(status: string): string {
  const open = status.indexOf('(')
  return open === -1 ? '' : status.slice(open + 1).replace(/\)\s*$/, '')
}

/** `rfc822; <local@domain>` without type and brackets (RFC 3464 §2.3.2). */
export function addressOf(value: string | null): string | null {
  if (value === null) return null
  const semicolon = value.indexOf(';')
  const address = value.slice(semicolon + 1).trim()
  const close = address.indexOf('>')
  const bare = address.startsWith('<') && close !== -1 ? address.slice(1, close) : address
  return bare.trim() === '' ? null : bare.trim()
}

const withoutType = (value: string): string => {
  const match = /^\s{0,8}[A-Za-z0-9.-]{1,20}\s{0,8};/.exec(value)
  if (match === null) return value
  const rest = value.slice(match[0].length).trim()
  // The exit code of a program, by the names of sysexits.h; alone it would look like any number.
  return match[0].toLowerCase().includes('unix') && /^\d{1,3}$/.test(rest) ? `x-unix exit code ${rest}` : rest
}

function hostOf(value: string | null): string | null {
  if (value === null) return null
  const host = (withoutType(value).split(/[\s[(]/, 1)[0] ?? '').replace(/\.$/, '')
  return host === '' ? null : host.toLowerCase()
}
