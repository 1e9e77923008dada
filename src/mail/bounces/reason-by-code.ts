//
// Owns: what codes mean on their own: the registry of RFC 5248, RFC 3463 and RFC 5321.

import type { BounceReason } from '../../core/failure.ts'

/** Codes that nobody uses for anything else (RFC 3463, RFC 7372): no word beside them says more. */
export const DECISIVE: Readonly<Record<string, BounceReason>> = {
  '2.2': 'mailbox_full',
  '2.3': 'too_large',
  '3.4': 'too_large',
  '7.20': 'authentication',
  '7.21': 'authentication',
  '7.22': 'authentication',
  '7.23': 'authentication',
  '7.24': 'authentication',
  '7.25': 'ptr_missing',
  '7.26': 'authentication',
}

/** Subject and detail of RFC 3463 and the registry of RFC 5248, where the words told nothing. */
export const BY_DETAIL: Readonly<Record<string, BounceReason>> = {
  '1.0': 'recipient_refused',
  '1.1': 'mailbox_unknown',
  '1.2': 'domain_unknown',
  '1.3': 'mailbox_unknown',
  '1.4': 'recipient_refused',
  '1.6': 'mailbox_moved',
  '1.7': 'sender_refused',
  '1.8': 'sender_refused',
  '1.9': 'system',
  '1.10': 'domain_refuses_mail',
  '2.0': 'recipient_refused',
  '2.1': 'mailbox_disabled',
  '2.4': 'recipient_refused',
  '3.0': 'system',
  '3.1': 'system_full',
  '3.2': 'system',
  '3.3': 'system',
  '3.5': 'system',
  '4.0': 'network',
  '4.1': 'expired',
  '4.2': 'expired',
  '4.3': 'system',
  '4.4': 'network',
  '4.5': 'rate_limited',
  '4.6': 'network',
  '4.7': 'expired',
  '4.8': 'network',
  '5.3': 'rate_limited',
  '5.2': 'syntax',
  '5.1': 'syntax',
  '5.4': 'syntax',
  '5.5': 'syntax',
  '6.0': 'content',
  '6.7': 'content',
  '7.2': 'recipient_refused',
  '7.13': 'mailbox_disabled',
  '7.10': 'tls',
  '7.15': 'rate_limited',
  '7.16': 'rate_limited',
  '7.17': 'mailbox_unknown',
  '7.18': 'domain_unknown',
  '7.27': 'sender_refused',
  '7.28': 'rate_limited',
  '7.29': 'authentication',
  '7.30': 'tls',
}

/** The subject of RFC 3463 §3, when the detail tells nothing. */
export const BY_SUBJECT: Readonly<Record<string, BounceReason>> = {
  2: 'recipient_refused',
  3: 'system',
  4: 'network',
  5: 'syntax',
  6: 'content',
  7: 'security',
}

export function byCode(code: number | null): BounceReason {
  switch (code) {
    case 421:
    case 450:
    case 451:
      return 'system'
    case 452:
    case 552:
      return 'mailbox_full'
    case 500:
    case 501:
    case 502:
    case 503:
    case 504:
      return 'syntax'
    case 530:
    case 535:
      return 'security'
    // RFC 7504 §4; 521 is said in greetings, and by some hosts for anything they block.
    case 556:
      return 'domain_refuses_mail'
    default:
      return 'other'
  }
}
