//
// Owns: the one door. Every message enters here, and nobody says yes before its commit (invariant I1).
// Never: grammar (the edges), composing (compose.ts, raw.ts) or when it is tried (the queue).

import type { Domain } from '../../core/address.ts'
import type { StoredContent } from '../../core/content.ts'
import type { Message } from '../../core/message.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Submission } from '../../core/submission.ts'
import { acceptance } from './acceptance.ts'
import { BatchDoor, readBatchAnswer } from './batch.ts'
import { encodeContent } from './content.ts'
import type { Accepted, Batch, BatchAccepted, Door, DoorLimits, RawSubmission, WaysOut } from './door.ts'
import { feedbackFields, withFields } from './feedback-fields.ts'
import { IdempotencyDesk, keyOfItsMode, readAnswer } from './idempotency.ts'
import { limitRefusal } from './limit-refusal.ts'
import { listFields } from './list-fields.ts'
import { Offers } from './offers.ts'
import type { SubmissionParts } from './parts.ts'
import { type PolicyFacts, pausedFor, refusalFor } from './policy.ts'
import { readRaw } from './raw.ts'
import type { Refusal } from './refusal.ts'
import { storeRefusal } from './store-refusal.ts'
import { asksTracking, withTracking } from './tracking-wish.ts'

export class Submissions implements Door {
  readonly limits: DoorLimits
  readonly ways: WaysOut
  readonly #parts: SubmissionParts
  readonly #desk: IdempotencyDesk
  readonly #offers: Offers
  readonly #batches: BatchDoor

  constructor(parts: SubmissionParts) {
    this.#parts = parts
    this.limits = parts.options.limits
    this.ways = parts.ways
    this.#desk = new IdempotencyDesk(parts.messages)
    this.#offers = new Offers(parts)
    this.#batches = new BatchDoor(parts, this.#offers)
  }

  async submitRaw(raw: RawSubmission): Promise<Result<Accepted, Refusal>> {
    const { clock, ids, options } = this.#parts
    const read = readRaw(raw, { id: ids.message(), now: clock.now(), maxReceived: options.maxReceived })
    return read.ok ? this.submit(read.value) : this.#refuse(read.error)
  }

  async submit(asked: Submission): Promise<Result<Accepted, Refusal>> {
    const { options, submitter } = asked
    const idempotency = keyOfItsMode(options.idempotency, submitter.mode)
    const submission =
      idempotency === options.idempotency ? asked : { ...asked, options: { ...options, idempotency } }
    const done = await this.#desk.once(submitter.accountId, idempotency, {
      work: () => this.#enter(submission),
      read: readAnswer,
    })
    return done.ok ? done : this.#refuse(done.error)
  }

  async submitAll(batch: Batch): Promise<Result<BatchAccepted, Refusal>> {
    const { accountId, mode } = batch.submitter
    const idempotency = keyOfItsMode(batch.idempotency, mode)
    const done = await this.#desk.once(accountId, idempotency, {
      work: () => this.#batches.enter({ ...batch, idempotency }),
      read: readBatchAnswer,
    })
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
    const paused = pausedFor(submission, signingDomain, this.#parts.paused)
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

  async #promise(
    submission: Submission,
    content: StoredContent,
    signingDomain: Domain,
  ): Promise<Result<Accepted, Refusal> | 'idempotency-conflict'> {
    const { ids, queue, store } = this.#parts
    const { submitter, options } = submission
    const blocked = await this.#parts.suppressed(submitter.accountId, submission.forwardPaths, options)
    const octets = content.bytes.length
    const offer = this.#offers.make(submission, { content, signingDomain, blocked, octets })
    const offered = acceptance({ ...offer, holder: queue.holder, ids })
    const committed = await store.accept(offered).catch((error: unknown) => {
      this.#offers.dropped(offer)
      throw error
    })
    if (!committed.ok) {
      this.#offers.dropped(offer)
      return committed.error === 'idempotency-conflict'
        ? committed.error
        : fault(storeRefusal(committed.error))
    }
    this.#parts.meter.count('messages_accepted_total', 1, { source: submission.source })
    this.#offers.kept(offer)
    return ok(offer.answer)
  }

  #refuse(refusal: Refusal): Result<never, Refusal> {
    this.#parts.meter.count('messages_refused_total', 1, { code: refusal.code })
    this.#parts.log.info('refused', { code: refusal.code, ...refusal.log })
    return fault(refusal)
  }
}

const withWishes = (submission: Submission, wishes: Message['wishes']): Submission =>
  wishes === submission.options.wishes
    ? submission
    : { ...submission, options: { ...submission.options, wishes } }

/** Notices count against no plan. */
const UNLIMITED = { allowed: true, remaining: null } as const
