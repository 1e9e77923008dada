//
// Owns: whether a reason can be true of where it was said.

import type { BounceReason } from '../../core/failure.ts'
import { matchesAny } from './phrase.ts'
import { DOMAIN_UNKNOWN_SURELY } from './phrases-recipient.ts'
import type { Refusal } from './refusal.ts'

/**
 * What would make an address unusable has to speak of the recipient. In answer to MAIL it is the sender's address or
 * domain that does not exist; before, it is us; and a host that takes mail for a domain knows that the domain exists.
 */
export function believed(reason: BounceReason, words: string, refusal: Refusal): BounceReason {
  const { saidAt, detail } = refusal
  if (saidAt === 'connect') return beforeAnybodyIsNamed(reason, refusal)
  if (reason === 'sender_refused' && FROM_A_HOST.test(words)) return 'blocked'
  if (saidAt === 'mail' && OF_AN_ADDRESS.has(reason)) return 'sender_refused'
  const byHost = reason === 'domain_unknown' && (saidAt === 'rcpt' || saidAt === 'data')
  if (!byHost || OF_ITS_DOMAIN.has(detail ?? '')) return reason
  const ofRecipient = OF_RECIPIENT.test(words) || matchesAny(words, DOMAIN_UNKNOWN_SURELY)
  return ofRecipient && saidAt === 'rcpt' ? reason : 'sender_refused'
}

/** The codes of the recipient's domain: it was looked up there. */
const OF_ITS_DOMAIN: ReadonlySet<string> = new Set(['1.2', '4.4', '4.310'])

/** "Mail from 192.0.2.1 rejected" means no sender's address. */
const FROM_A_HOST = /\b(?:mail|messages?) from \[?\d{1,3}\.\d/

const OF_AN_ADDRESS: ReadonlySet<BounceReason> = new Set([
  'mailbox_unknown',
  'mailbox_moved',
  'domain_unknown',
  'domain_refuses_mail',
])

/** Neither sender, recipient nor content can be the matter: it is us. Nobody's mailbox is full: the quota is ours. */
function beforeAnybodyIsNamed(reason: BounceReason, { temporary }: Refusal): BounceReason {
  switch (reason) {
    case 'mailbox_unknown':
    case 'mailbox_moved':
    case 'domain_unknown':
    case 'sender_refused':
    case 'recipient_refused':
    case 'mailbox_disabled':
    case 'spam':
      return 'blocked'
    case 'mailbox_full':
      return temporary ? 'rate_limited' : 'blocked'
    default:
      return reason
  }
}

const OF_RECIPIENT = /\brecipient|\brcpt|\baccount|\btenant/
