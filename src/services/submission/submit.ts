//
// Owns: the one door. Every message enters here, and nobody says yes before its commit (invariant I1).
// Never: grammar (the edges), composing (compose.ts, raw.ts) or when it is tried (the queue).

import type { Domain, ForwardPath } from '../../core/address.ts'
import { domainOf } from '../../core/address.ts'
import type { StoredContent } from '../../core/content.ts'
import type { Ids } from '../../core/ids.ts'
import { beginOf, type ClaimedDelivery, type Message } from '../../core/message.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Submission } from '../../core/submission.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Holder, MessageStore, QueueStore } from '../../store/store.ts'
import type { Blocking } from '../../store/suppression-store.ts'
import type { Limiter } from '../accounts/authenticate.ts'
import { acceptance, claimedFrom } from './acceptance.ts'
import { encodeContent } from './content.ts'
import type { Accepted, Door, DoorLimits, RawSubmission, WaysOut } from './door.ts'
import { type FeedbackMarks, feedbackFields, withFields } from './feedback-fields.ts'
import { IdempotencyDesk } from './idempotency.ts'
import { limitRefusal } from './limit-refusal.ts'
import { listFields } from './list-fields.ts'
import { deliveriesOf, messageOf } from './message.ts'
import { type PolicyFacts, refusalFor, type SenderFacts } from './policy.ts'
import { readRaw } from './raw.ts'
import type { Refusal } from './refusal.ts'
import { sayTime } from './scheduled-at.ts'
import { storeRefusal } from './store-refusal.ts'
import { asksTracking, type FindHost, withTracking } from './tracking-wish.ts'

/** The queue as the door sees it; the root hands it in (decision 4). */
export interface QueueDoor {
  readonly holder: Holder
  /** For mail of one account and stream: none gets all of the memory. */
  reserve(
    destinations: readonly Domain[],
    contentOctets: number,
    of: Pick<Message, 'accountId' | 'stream'>,
  ): boolean
  forgo(deliveries: number, contentOctets: number): void
  handOver(content: StoredContent, deliveries: readonly ClaimedDelivery[]): void
  /** Committed, and not in memory. */
  wake(destinations: readonly Domain[]): void
  estimate(destination: Domain): string
}

export interface SubmissionParts {
  readonly store: Pick<QueueStore, 'accept'>
  readonly messages: Pick<MessageStore, 'idempotency'>
  readonly senders: { factsFor(account: Message['accountId'], domain: Domain): Promise<SenderFacts> }
  readonly limiter: Limiter
  readonly suppressed: (
    account: Message['accountId'],
    recipients: readonly Message['from'][],
    of: Pick<Message, 'stream' | 'wishes'>,
  ) => Promise<ReadonlyMap<ForwardPath, Blocking>>
  readonly queue: QueueDoor
  /** Why mail may not be sent at the moment; null: it may. */
  readonly paused: (mail: Pick<Message, 'accountId' | 'signingDomain' | 'stream'>) => string | null
  readonly feedback: FeedbackMarks
  readonly ways: WaysOut
  readonly trackingHost: FindHost
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
  readonly options: SubmissionRules
}

export interface SubmissionRules {
  readonly limits: DoorLimits
  readonly operator: string
  readonly requireVerification: boolean
  readonly giveUpAfter: Milliseconds
  /** Received fields beyond which a message is a loop. */
  readonly maxReceived: number
  /** Pools of outgoing addresses that a sender may ask for. */
  readonly pools: readonly string[]
}

export class Submissions implements Door {
  readonly limits: DoorLimits
  readonly ways: WaysOut
  readonly #parts: SubmissionParts
  readonly #desk: IdempotencyDesk

  constructor(parts: SubmissionParts) {
    this.#parts = parts
    this.limits = parts.options.limits
    this.ways = parts.ways
    this.#desk = new IdempotencyDesk(parts.messages)
  }

  async submitRaw(raw: RawSubmission): Promise<Result<Accepted, Refusal>> {
    const { clock, ids, options } = this.#parts
    const read = readRaw(raw, { id: ids.message(), now: clock.now(), maxReceived: options.maxReceived })
    return read.ok ? this.submit(read.value) : this.#refuse(read.error)
  }

  async submit(asked: Submission): Promise<Result<Accepted, Refusal>> {
    const submission = withKeyOfItsMode(asked)
    const { accountId } = submission.submitter
    const done = await this.#desk.once(accountId, submission.options.idempotency, () =>
      this.#enter(submission),
    )
    return done.ok ? done : this.#refuse(done.error)
  }

  async #enter(submission: Submission): Promise<Result<Accepted, Refusal> | 'idempotency-conflict'> {
    const { limiter, options, senders } = this.#parts
    const { submitter } = submission
    const sender = await senders.factsFor(submitter.accountId, submission.fromDomain)
    const fields =
      feedbackFields(submission, sender, this.#parts.feedback) + listFields(submission, sender, this.ways)
    const content = encodeContent(withFields(submission.content, fields), this.#parts.ids.content())
    // What we add is not the sender's to answer for.
    const facts: PolicyFacts = { ...options, sender, size: content.bytes.length - fields.length }
    const refusal = refusalFor(submission, facts)
    if (refusal) return fault(refusal)
    const signingDomain = sender.kind === 'unknown' ? submission.fromDomain : sender.signingDomain
    const paused = this.#pausedFor(submission, signingDomain)
    if (paused) return fault(paused)
    const counted = submission.forwardPaths.length
    const bucket = submitter.mode === 'test' ? 'played' : 'mail'
    const verdict =
      submission.source === 'notice' ? UNLIMITED : await limiter.take(submitter.accountId, bucket, counted)
    if (!verdict.allowed) return fault(limitRefusal(verdict))
    const wishes = asksTracking(submission)
      ? await withTracking(submission, sender, this.#parts.trackingHost)
      : submission.options.wishes
    const done = await this.#promise(withWishes(submission, wishes), content, signingDomain)
    if (done === 'idempotency-conflict' || !done.ok) {
      if (bucket === 'mail' && 'plan' in verdict)
        limiter.giveBack?.(submitter.accountId, verdict.plan, counted)
      return done
    }
    return verdict.remaining === null ? done : ok({ ...done.value, mailsLeft: verdict.remaining })
  }

  /** Played mail goes nowhere, and is refused nowhere. */
  #pausedFor({ options, submitter }: Submission, signingDomain: Domain): Refusal | null {
    if (submitter.mode === 'test') return null
    const { accountId } = submitter
    const say = this.#parts.paused({ accountId, signingDomain, stream: options.stream })
    return say === null
      ? null
      : { code: 'sending_paused', say, log: { account: accountId, domain: signingDomain } }
  }

  async #promise(
    submission: Submission,
    content: StoredContent,
    signingDomain: Domain,
  ): Promise<Result<Accepted, Refusal> | 'idempotency-conflict'> {
    const { queue, store, meter } = this.#parts
    const { submitter, options } = submission
    const { clock, options: rules } = this.#parts
    const message = messageOf(submission, { content, signingDomain, now: clock.now(), rules })
    const blocked = await this.#parts.suppressed(submitter.accountId, submission.forwardPaths, options)
    const destinations = submission.forwardPaths.filter((path) => !blocked.has(path)).map(domainOf)
    const of = { accountId: submitter.accountId, stream: options.stream }
    const { scheduledAt } = message
    const isDue = destinations.length > 0 && scheduledAt === undefined
    const leased = isDue && queue.reserve(destinations, content.bytes.length, of)
    const deliveries = deliveriesOf(submission, { blocked, leased, dueAt: beginOf(message) })
    const answer: Accepted = {
      messageId: message.id,
      status: statusOf(destinations.length, scheduledAt),
      estimatedDelivery: scheduledAt === undefined ? this.#estimate(destinations) : sayTime(scheduledAt),
      replayed: false,
    }
    const { ids } = this.#parts
    const offered = acceptance({
      message,
      content,
      deliveries,
      holder: queue.holder,
      ids,
      submission,
      answer,
      blocked,
    })
    const committed = await store.accept(offered).catch((error: unknown) => {
      if (leased) queue.forgo(destinations.length, content.bytes.length)
      throw error
    })
    // Past this line the message is ours (RFC 5321 §4.2.5).
    if (!committed.ok) {
      if (leased) queue.forgo(destinations.length, content.bytes.length)
      return committed.error === 'idempotency-conflict'
        ? committed.error
        : fault(storeRefusal(committed.error))
    }
    meter.count('messages_accepted_total', 1, { source: submission.source })
    if (leased) queue.handOver(content, claimedFrom(message, deliveries))
    else if (isDue) queue.wake(destinations)
    return ok(answer)
  }

  /** The slowest of the first few destinations: nobody needs the estimate of the thousandth recipient. */
  #estimate(destinations: readonly Domain[]): string {
    const words = ['<200ms', '<1s', '<5s', '<1m', '<1h']
    let worst = 0
    for (const destination of destinations.slice(0, 5)) {
      worst = Math.max(worst, words.indexOf(this.#parts.queue.estimate(destination)))
    }
    return words[worst] ?? '<1h'
  }

  #refuse(refusal: Refusal): Result<never, Refusal> {
    this.#parts.meter.count('messages_refused_total', 1, { code: refusal.code })
    this.#parts.log.info('refused', { code: refusal.code, ...refusal.log })
    return fault(refusal)
  }
}

/**
 * A test key's answers are its own: repeated to a live key, one would say 200 for a message that nobody sends. No
 * client can write a line break into an idempotency key.
 */
function withKeyOfItsMode(submission: Submission): Submission {
  const { options, submitter } = submission
  const { idempotency } = options
  if (submitter.mode === 'live' || idempotency === null) return submission
  return {
    ...submission,
    options: { ...options, idempotency: { ...idempotency, key: `test\n${idempotency.key}` } },
  }
}

const withWishes = (submission: Submission, wishes: Message['wishes']): Submission =>
  wishes === submission.options.wishes
    ? submission
    : { ...submission, options: { ...submission.options, wishes } }

function statusOf(open: number, scheduledAt: Milliseconds | undefined): Accepted['status'] {
  if (open === 0) return 'suppressed'
  return scheduledAt === undefined ? 'queued' : 'scheduled'
}

/** Notices count against no plan. */
const UNLIMITED = { allowed: true, remaining: null } as const
