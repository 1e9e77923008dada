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
  if (saidAt === 'mail' && OF_AN_ADDRESS.has(reason)) return 'sender_refused'
  const byHost = reason === 'domain_unknown' && (saidAt === 'rcpt' || saidAt === 'data')
  if (!byHost || detail === '1.2' || detail === '4.310') return reason
  const ofRecipient = OF_RECIPIENT.test(words) || matchesAny(words, DOMAIN_UNKNOWN_SURELY)
  return ofRecipient && saidAt === 'rcpt' ? reason : 'sender_refused'
}

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
    case 'spam':
      return 'blocked'
    case 'mailbox_full':
      return temporary ? 'rate_limited' : 'blocked'
    default:
      return reason
  }
}

const OF_RECIPIENT = /\brecipient|\brcpt|\baccount|\btenant/
