//
// Owns: message/delivery-status as we write it (RFC 3464 §2, RFC 6533 §3): the part of a DSN that programs read. Pure.
// Reading those of others is delivery-status.ts's.

import { type ForwardPath, needsSmtpUtf8 } from '../../core/address.ts'
import type { Milliseconds } from '../../core/time.ts'
import { unstructuredField } from '../mime/header-encode.ts'

export interface StatusReport {
  /** Our own host name. */
  readonly reporter: string
  readonly envid: string | null
  readonly arrivedAt: Milliseconds
  /** One DSN may tell of several recipients of one message (RFC 3464 §2). */
  readonly recipients: readonly StatusRecipient[]
}

export interface StatusRecipient {
  readonly forwardPath: ForwardPath
  /** addr-type;address, as submitted. */
  readonly orcpt: string | null
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'
  readonly status: string
  /** The host that answered. */
  readonly remoteMta: string | null
  /** The words of its reply; null when no reply is the cause. */
  readonly diagnostic: string | null
  /** Null where nobody was asked, or it is not known when (RFC 3464 §2.3.7). */
  readonly lastAttemptAt: Milliseconds | null
  readonly willRetryUntil: Milliseconds | null
}

export function writeStatus({ reporter, envid, arrivedAt, recipients }: StatusReport): Buffer {
  const perMessage = [
    field('Original-Envelope-Id', envid),
    field('Reporting-MTA', `dns; ${reporter}`),
    field('Arrival-Date', dateOf(arrivedAt)),
  ]
  return Buffer.from(
    [perMessage, ...recipients.map(fieldsOf)].map((group) => group.join('')).join('\r\n'),
    'latin1',
  )
}

function fieldsOf(it: StatusRecipient): readonly string[] {
  return [
    field('Original-Recipient', it.orcpt === null ? null : original(it.orcpt)),
    field('Final-Recipient', typed(it.forwardPath)),
    field('Action', it.action),
    field('Status', it.status),
    field('Remote-MTA', it.remoteMta === null ? null : `dns; ${it.remoteMta}`),
    field('Diagnostic-Code', it.diagnostic === null ? null : `smtp; ${it.diagnostic}`),
    field('Last-Attempt-Date', it.lastAttemptAt === null ? null : dateOf(it.lastAttemptAt)),
    field('Will-Retry-Until', it.willRetryUntil === null ? null : dateOf(it.willRetryUntil)),
  ]
}

/** Folded where it is long. What is beyond ASCII stands as \x{…}: this media type is 7-bit (RFC 6533 §3). */
function field(name: string, value: string | null): string {
  if (value === null) return ''
  const written = unstructuredField(name, ascii(value).trim())
  return written.ok ? written.value : ''
}

const ascii = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/[^ -~]/gu, (character) => `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`)

const typed = (path: ForwardPath): string => `${needsSmtpUtf8(path) ? 'utf-8' : 'rfc822'}; ${path}`

const original = (orcpt: string): string => orcpt.replace(/^([^;]*);\s*/, '$1; ')

/** RFC 5322 §3.3. */
const dateOf = (at: Milliseconds): string => new Date(at).toUTCString().replace('GMT', '+0000')
