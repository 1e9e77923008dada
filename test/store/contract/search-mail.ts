//
// Owns: mail to be found, in which everything is rare somewhere, and what a look at every message of it finds.

import { type AccountId, deliveryId, type Ids, type MessageId } from '../../../src/core/ids.ts'
import type { DeliveryState } from '../../../src/core/message.ts'
import { DAY, HOUR, MINUTE } from '../../../src/core/time.ts'
import { inSmall, wordsIn } from '../../../src/store/search/terms.ts'
import type { SearchAsk, SearchState } from '../../../src/store/search-store.ts'
import type { Acceptance, Settlement } from '../../../src/store/store.ts'
import { ACCOUNT, acceptanceOf, attemptNumber, domainNamed, mailboxNamed, NOW } from './samples.ts'

export const OTHER = 'acc_000000000002' as AccountId
export interface Kept {
  readonly id: MessageId
  readonly account: AccountId
  readonly at: number
  readonly from: string
  readonly subject: string
  readonly tags: readonly string[]
  readonly campaign: string | null
  readonly stream: string
  readonly mode: string
  readonly scheduledAt: number | null
  readonly deliveries: { readonly recipient: string; state: DeliveryState; attempts: number }[]
}

export const ALL: SearchAsk = {
  account: ACCOUNT,
  recipient: null,
  destination: null,
  from: null,
  words: [],
  tag: null,
  campaign: null,
  stream: null,
  mode: null,
  states: null,
  since: null,
  until: null,
  after: null,
  before: null,
  limit: 50,
  now: NOW + DAY,
  patience: MINUTE,
}

const SUBJECTS = [
  'Your order %',
  'Ihre Bestellung № %',
  'Пароль сброшен',
  '注文のお知らせ',
  'invoice-% (copy)',
  '',
]
export const HOSTS = ['one.example', 'two.example', 'xn--bcher-kva.example']
export const STATES = ['queued', 'suppressed', 'held', 'delivered', 'bounced', 'deferred'] as const

export interface Made {
  readonly acceptance: Acceptance
  readonly kept: Kept
  /** What becomes of it. */
  readonly word: string
}
interface Making {
  readonly ids: Ids
  readonly at: number
}

/** Message `number` of a mixture in which everything is rare somewhere. */
export function made(number: number, { at, ids }: Making): Made {
  const pick = <T>(from: readonly T[], by: number): T => from[Math.floor(number / by) % from.length] as T
  const word = pick(STATES, 3)
  const to = [`user${number % 997}@${pick(HOSTS, 2)}`]
  if (number % 50 === 0) to.push(`Ann${number}@two.example`, 'jörg@one.example')
  const kept: Kept = {
    id: ids.message(),
    account: number % 3 === 0 ? OTHER : ACCOUNT,
    at,
    from: number % 11 === 0 ? 'News@mail.example.com' : 'shop@example.com',
    subject: pick(SUBJECTS, 5).replace('%', String(number)),
    tags: number % 13 === 0 ? ['rare', 'a"b%_\\'] : ['welcome'],
    campaign: number % 500 === 0 ? 'summer' : null,
    stream: number % 4 === 0 ? 'marketing' : 'transactional',
    mode: number % 17 === 0 ? 'test' : 'live',
    scheduledAt: number % 90 === 0 ? NOW + 2 * DAY : null,
    deliveries: to.map((recipient) => ({
      recipient,
      state: word === 'delivered' || word === 'bounced' || word === 'deferred' ? 'queued' : word,
      attempts: 0,
    })),
  }
  const { account, at: createdAt, deliveries, from, scheduledAt, ...same } = kept
  const acceptance = acceptanceOf({
    to,
    state: deliveries[0]?.state as 'queued',
    leased: word === 'delivered' || word === 'bounced' || word === 'deferred',
    message: {
      ...(same as object),
      accountId: account,
      createdAt,
      from: mailboxNamed(from),
      signingDomain: domainNamed('example.com'),
      ...(scheduledAt === null ? null : { scheduledAt }),
    },
  })
  return { acceptance: { ...acceptance, events: [] }, kept, word }
}

export function ended({ kept, word }: Made): readonly Settlement[] {
  if (word !== 'delivered' && word !== 'bounced' && word !== 'deferred') return []
  const outcome = word
  return kept.deliveries.map((delivery, ordinal) => {
    delivery.attempts = 1
    if (outcome !== 'deferred') delivery.state = outcome
    return {
      deliveryId: deliveryId(kept.id, ordinal),
      attempt: attemptNumber(1, outcome),
      next: outcome === 'deferred' ? { state: 'queued', dueAt: NOW + HOUR } : { state: outcome, at: NOW },
      events: [],
    }
  })
}

const isIn = (
  state: SearchState,
  kept: Kept,
  { attempts, state: is }: Kept['deliveries'][number],
): boolean => {
  if (state === 'deferred') return is === 'queued' && attempts > 0
  if (state === 'scheduled') return is === 'queued' && attempts === 0 && (kept.scheduledAt ?? 0) > ALL.now
  return is === state
}

/** What a look at every message finds, the newest first. */
export function foundIn(mail: readonly Kept[], ask: SearchAsk): readonly MessageId[] {
  const fits = (kept: Kept): boolean =>
    (ask.account === null || kept.account === ask.account) &&
    (ask.from === null ||
      (ask.from.startsWith('@') ? inSmall(kept.from).endsWith(ask.from) : inSmall(kept.from) === ask.from)) &&
    ask.words.every((word) => wordsIn(kept.subject).includes(word)) &&
    (ask.tag === null || kept.tags.includes(ask.tag)) &&
    (ask.campaign === null || kept.campaign === ask.campaign) &&
    (ask.stream === null || kept.stream === ask.stream) &&
    (ask.mode === null || kept.mode === ask.mode) &&
    (ask.since === null || kept.at >= ask.since) &&
    (ask.until === null || kept.at < ask.until) &&
    (ask.after === null || kept.id < ask.after) &&
    (ask.before === null || kept.id > ask.before) &&
    kept.deliveries.some(
      (one) =>
        (ask.recipient === null || inSmall(one.recipient) === ask.recipient) &&
        (ask.destination === null || one.recipient.endsWith(`@${ask.destination}`)) &&
        (ask.states === null || ask.states.some((state) => isIn(state, kept, one))),
    )
  const found = mail.filter(fits).map(({ id }) => id)
  return ask.before !== null && ask.after === null
    ? found.slice(0, ask.limit).reverse()
    : found.reverse().slice(0, ask.limit)
}
