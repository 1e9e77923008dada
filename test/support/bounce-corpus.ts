//
// Owns: the corpus of real bounces in test/mail/bounces/corpus, and how an answer of ours is held against its labels.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BounceReason } from '../../src/core/failure.ts'
import { type ReturnedMail, readReturnedMail } from '../../src/mail/bounces/returned.ts'

const FOLDER = join(import.meta.dir, '..', 'mail', 'bounces', 'corpus')

/** The labels' names and ours; several of theirs are one of ours. docs/bounces.md has the same table. */
export const OUR_NAME: Readonly<Record<string, BounceReason>> = {
  authfailure: 'authentication',
  badreputation: 'reputation',
  blocked: 'blocked',
  contenterror: 'content',
  emailtoolarge: 'too_large',
  exceedlimit: 'too_large',
  expired: 'expired',
  failedstarttls: 'tls',
  filtered: 'recipient_refused',
  hasmoved: 'mailbox_moved',
  hostunknown: 'domain_unknown',
  mailboxfull: 'mailbox_full',
  mailererror: 'mailer',
  mesgtoobig: 'too_large',
  networkerror: 'network',
  norelaying: 'relay_denied',
  notaccept: 'domain_refuses_mail',
  notcompliantrfc: 'not_compliant',
  onhold: 'on_hold',
  policyviolation: 'policy',
  ratelimited: 'rate_limited',
  rejected: 'sender_refused',
  requireptr: 'ptr_missing',
  securityerror: 'security',
  spamdetected: 'spam',
  speeding: 'rate_limited',
  suppressed: 'suppressed',
  suspend: 'mailbox_disabled',
  syntaxerror: 'syntax',
  systemerror: 'system',
  systemfull: 'system_full',
  toomanyconn: 'too_many_connections',
  undefined: 'other',
  userunknown: 'mailbox_unknown',
  virusdetected: 'virus',
}

interface Label {
  readonly status: string
  readonly replycode: string
  readonly reason: string
  readonly hardbounce: boolean
  readonly feedback: string
}

export interface Specimen {
  readonly name: string
  readonly bytes: Uint8Array
  readonly labels: readonly Label[]
}

/** One answer or label, in words that can be compared. */
export interface Answer {
  /** A reason, or `complaint: abuse`, `auto-reply`, `delivered`, `nothing`. */
  readonly reason: string
  readonly hard: boolean
}

export interface Comparison {
  readonly name: string
  readonly expected: Answer
  readonly got: Answer
}

export function specimens(): readonly Specimen[] {
  const labels = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, Label[]>
  return readdirSync(join(FOLDER, 'mail'))
    .sort()
    .map((name) => ({ name, bytes: read('mail', name), labels: labels[name] ?? [] }))
}

export const notBounces = (): readonly { readonly name: string; readonly bytes: Uint8Array }[] =>
  readdirSync(join(FOLDER, 'not-bounces')).map((name) => ({ name, bytes: read('not-bounces', name) }))

const read = (...path: readonly string[]): Uint8Array => readFileSync(join(FOLDER, ...path))

export const wanted = ({ reason, hardbounce, feedback }: Label): Answer => {
  if (reason === 'feedback') return { reason: `complaint: ${feedback}`, hard: false }
  if (reason === 'vacation') return { reason: 'auto-reply', hard: false }
  if (reason === 'delivered') return { reason: 'delivered', hard: false }
  return { reason: OUR_NAME[reason] ?? `no name for ${reason}`, hard: hardbounce }
}

export function answersOf(mail: ReturnedMail): readonly Answer[] {
  switch (mail.kind) {
    case 'bounce':
      return mail.recipients.map(({ action, verdict }) =>
        action === 'delivered'
          ? { reason: 'delivered', hard: false }
          : { reason: verdict.reason, hard: verdict.hardness === 'hard' },
      )
    case 'complaint':
      return [{ reason: `complaint: ${mail.feedbackType}`, hard: false }]
    case 'auto-reply':
      return [{ reason: 'auto-reply', hard: false }]
    case 'other':
      return []
    default:
      return mail satisfies never
  }
}

/** Each label beside our answer for the same recipient; the labels do not say in which order they stand. */
export function compare({ name, bytes, labels }: Specimen): readonly Comparison[] {
  const left = [...answersOf(readReturnedMail(bytes))]
  const take = (fits: (answer: Answer) => boolean): Answer | undefined => {
    const at = left.findIndex(fits)
    return at === -1 ? undefined : left.splice(at, 1)[0]
  }
  const expected = labels.map(wanted)
  const exact = expected.map((one) => take((had) => had.reason === one.reason && had.hard === one.hard))
  return expected.map((one, at) => ({
    name,
    expected: one,
    got: exact[at] ?? take(() => true) ?? { reason: 'nothing', hard: false },
  }))
}

/** The same message with other line ends. */
export function withLineEnds(bytes: Uint8Array, end: '\n' | '\r' | '\r\n'): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1').replace(/\r\n?/g, '\n')
  return Buffer.from(text.replaceAll('\n', end), 'latin1')
}
