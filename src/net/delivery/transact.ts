//
// Owns: what a failure means for the rest of this attempt: is another host worth asking? Pure.
// Never: permanence (mail/bounces/classify.ts) or time (services/queue/retry.ts).

import type { Cause, PolicyRule } from '../../core/outcome.ts'

export type Remedy =
  /** This attempt is over. */
  | 'none'
  | 'another-host'
  /** One more host, then the attempt is over: the peer spoke of this mail, not of itself. */
  | 'another-host-once'

export function remedyFor(cause: Cause): Remedy {
  switch (cause.kind) {
    case 'reply':
      return remedyForReply(cause)
    case 'network':
      return 'another-host'
    // The peer may have it: any further host could deliver it twice (F9).
    case 'uncertain':
      return 'none'
    case 'policy':
      return ASKED_ELSEWHERE.has(cause.rule) ? 'another-host' : 'none'
    case 'dns':
    case 'internal':
      return 'none'
    default:
      return cause satisfies never
  }
}

/** They speak of the host. RFC 8461 §4.2, RFC 7672 §2.2, RFC 8689 §4.2.1: it is passed over. */
const ASKED_ELSEWHERE: ReadonlySet<PolicyRule> = new Set([
  'tls-required',
  'requiretls-unsupported',
  'relay-auth',
])

function remedyForReply({ stage, reply }: Extract<Cause, { kind: 'reply' }>): Remedy {
  switch (stage) {
    case 'GREETING':
    case 'EHLO':
    case 'STARTTLS':
      return 'another-host'
    case 'MAIL':
    case 'RCPT':
    case 'DATA':
      if (reply.code === 421) return 'another-host'
      return reply.code >= 500 ? 'none' : 'another-host-once'
    // The content was judged: the same content is not shown to a second host in the same breath.
    case 'BODY':
      return 'none'
    default:
      return stage satisfies never
  }
}
