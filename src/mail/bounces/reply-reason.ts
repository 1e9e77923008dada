//
// Owns: what a peer's refusal is about. Words and codes in, a reason out. Linear in its input (T15).
// Never: whether it is permanent; that is classify.ts.

import type { BounceReason } from '../../core/failure.ts'
import type { SmtpStage } from '../../core/outcome.ts'
import { formatEnhanced, type Reply } from '../../core/reply.ts'

/** Subject and detail of RFC 3463 and its registry; the class is the peer's and does not change the reason. */
const BY_DETAIL: Readonly<Record<string, BounceReason>> = {
  '1.1': 'mailbox_unknown',
  '1.2': 'domain_unknown',
  '1.3': 'mailbox_unknown',
  '1.6': 'mailbox_unknown',
  '1.10': 'domain_refuses_mail',
  '2.1': 'mailbox_disabled',
  '2.2': 'mailbox_full',
  '2.3': 'too_large',
  '3.1': 'mailbox_full',
  '3.2': 'system',
  '3.4': 'too_large',
  '4.4': 'routing',
  '4.5': 'rate_limited',
  '4.6': 'routing',
  '5.3': 'rate_limited',
  '6.7': 'content',
  '7.20': 'authentication',
  '7.21': 'authentication',
  '7.22': 'authentication',
  '7.23': 'authentication',
  '7.24': 'authentication',
  '7.25': 'authentication',
  '7.26': 'authentication',
  '7.27': 'authentication',
  '7.28': 'rate_limited',
}

/** What is left when the detail tells nothing: the subject of RFC 3463 §3. */
const BY_SUBJECT: Readonly<Record<number, BounceReason>> = {
  3: 'system',
  4: 'network',
  6: 'content',
  7: 'policy',
}

/** Words that peers without helpful codes have in common. The first that occurs decides; order matters. */
const PHRASES: readonly (readonly [string, BounceReason])[] = [
  ['user unknown', 'mailbox_unknown'],
  ['unknown user', 'mailbox_unknown'],
  ['no such user', 'mailbox_unknown'],
  ['no such recipient', 'mailbox_unknown'],
  ['no such mailbox', 'mailbox_unknown'],
  ['no mailbox here', 'mailbox_unknown'],
  ['does not exist', 'mailbox_unknown'],
  ["doesn't exist", 'mailbox_unknown'],
  ['mailbox not found', 'mailbox_unknown'],
  ['mailbox unavailable', 'mailbox_unknown'],
  ['invalid recipient', 'mailbox_unknown'],
  ['recipient unknown', 'mailbox_unknown'],
  ['unknown recipient', 'mailbox_unknown'],
  ['over quota', 'mailbox_full'],
  ['quota exceeded', 'mailbox_full'],
  ['mailbox full', 'mailbox_full'],
  ['mailbox is full', 'mailbox_full'],
  ['account disabled', 'mailbox_disabled'],
  ['account is disabled', 'mailbox_disabled'],
  ['account has been disabled', 'mailbox_disabled'],
  ['spam', 'spam'],
  ['blocklist', 'spam'],
  ['blacklist', 'spam'],
  ['block list', 'spam'],
  ['dkim', 'authentication'],
  ['dmarc', 'authentication'],
  ['too many', 'rate_limited'],
  ['rate limit', 'rate_limited'],
  ['greylist', 'rate_limited'],
  ['graylist', 'rate_limited'],
  ['too large', 'too_large'],
  ['relay', 'policy'],
  ['denied', 'policy'],
  ['policy', 'policy'],
]

/** The rest of a peer's words is ornament. */
const MAX_SCANNED_CHARACTERS = 4096

export function reasonOfReply(stage: SmtpStage, reply: Reply): BounceReason {
  const told = reply.enhanced === null ? undefined : BY_DETAIL[formatEnhanced(reply.enhanced).slice(2)]
  if (told !== undefined) return told
  const words = reply.text.slice(0, MAX_SCANNED_CHARACTERS).toLowerCase()
  for (const [phrase, reason] of PHRASES) {
    // Before RCPT and after the content, "does not exist" speaks of a sender or a host.
    if (reason === 'mailbox_unknown' && stage !== 'RCPT') continue
    if (words.includes(phrase)) return reason
  }
  const subject = reply.enhanced === null ? undefined : BY_SUBJECT[reply.enhanced.subject]
  return subject ?? byCode(reply.code)
}

function byCode(code: number): BounceReason {
  switch (code) {
    case 421:
    case 450:
    case 451:
      return 'system'
    case 452:
    case 552:
      return 'mailbox_full'
    case 554:
      return 'policy'
    default:
      return 'other'
  }
}
