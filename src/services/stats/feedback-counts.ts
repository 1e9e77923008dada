//
// Owns: which counts provider feedback is judged by, and how they are named: of each account, its domains and its
// streams what went out and bounced hard, and at each provider that may report what it took and what was complained of.
// Pure. Who judges is services/feedback.

import type { AccountId } from '../../core/ids.ts'
import type { KeptDimension, StatGroup } from '../../store/stats-store.ts'
import { isLate } from './metrics.ts'

export interface FedBack {
  readonly accountId: AccountId
  readonly dimension: KeptDimension
  readonly name: string
  readonly metric: string
}

/** Whose mail: an account, one of its domains, one of its streams. */
export const SENDING_KINDS = ['account', 'domain', 'stream'] as const
export type SendingKind = (typeof SENDING_KINDS)[number]

/** Under whom it is kept which providers have reported: it is true for all accounts. */
export const EVERYBODY = '' as AccountId

/** Neither a domain nor a stream nor a provider's name holds a space. */
export const feedbackName = (kind: SendingKind, name: string, provider: string): string =>
  `${kind} ${name} ${provider}`

export function readFeedbackName(
  text: string,
): { readonly kind: SendingKind; readonly name: string; readonly provider: string } | null {
  const [word = '', name, provider] = text.split(' ')
  const kind = SENDING_KINDS.find((one) => one === word)
  return kind === undefined || name === undefined || provider === undefined ? null : { kind, name, provider }
}

/** `reports`: whether complaints may come from it, so that what it takes is worth counting. */
export function feedbackOf(
  group: StatGroup,
  provider: string | null,
  reports: (provider: string) => boolean,
): readonly FedBack[] {
  const { accountId, message } = group
  const counted = countedAs(group, provider, reports)
  if (counted.length === 0) return []
  const whose: (readonly [SendingKind, string])[] = [['account', '']]
  if (message !== null) whose.push(['domain', message.signingDomain], ['stream', message.stream])
  return counted.flatMap(({ at, metric }): readonly FedBack[] =>
    metric === 'reported'
      ? [{ accountId: EVERYBODY, dimension: 'reporter', name: at, metric }]
      : whose.map(([kind, name]) => ({
          accountId,
          dimension: 'feedback',
          name: feedbackName(kind, name, at),
          metric,
        })),
  )
}

interface CountedAs {
  readonly metric: 'sent' | 'hard' | 'delivered' | 'complained' | 'reported'
  /** The provider; empty where all of them are counted together. */
  readonly at: string
}

function countedAs(
  group: StatGroup,
  provider: string | null,
  reports: (provider: string) => boolean,
): readonly CountedAs[] {
  switch (group.type) {
    case 'email.delivered': {
      const sent = { metric: 'sent', at: '' } as const
      return provider !== null && reports(provider) ? [sent, { metric: 'delivered', at: provider }] : [sent]
    }
    case 'email.bounced': {
      // What was taken first is among the delivered.
      const sent = isLate(group) ? [] : [{ metric: 'sent', at: '' } as const]
      return group.what?.startsWith('hard.') ? [...sent, { metric: 'hard', at: '' }] : sent
    }
    case 'email.complained':
      if (provider === null) return []
      return [
        { metric: 'complained', at: provider },
        { metric: 'reported', at: provider },
      ]
    default:
      return []
  }
}
