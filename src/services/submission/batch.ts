//
// Owns: many messages through the door in one go: each is judged alone, what is good is one commit (decision 3).
// Never: reads bodies (edge/api/batch.ts), or says yes to one before all are stored.

import type { Domain, ForwardPath } from '../../core/address.ts'
import type { Content, StoredContent } from '../../core/content.ts'
import type { ContentId } from '../../core/ids.ts'
import type { MessageWishes } from '../../core/message.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { NewFill, Submission, Submitter } from '../../core/submission.ts'
import type { IdempotencyRecord } from '../../store/store.ts'
import type { Blocking } from '../../store/suppression-store.ts'
import type { LimitVerdict } from '../accounts/authenticate.ts'
import { acceptance } from './acceptance.ts'
import { encodeContent } from './content.ts'
import type { Batch, BatchAccepted, EntryEnd, EntryFault } from './door.ts'
import { feedbackFields, withFields } from './feedback-fields.ts'
import { limitRefusal } from './limit-refusal.ts'
import { listFields } from './list-fields.ts'
import type { Offer, Offers } from './offers.ts'
import type { SubmissionParts } from './parts.ts'
import { pausedFor, refusalFor, type SenderFacts } from './policy.ts'
import { type Refusal, refusesAll } from './refusal.ts'
import { storeRefusal } from './store-refusal.ts'
import { asksTracking, withTracking } from './tracking-wish.ts'

/** One that may be sent. */
interface Good {
  readonly place: number
  readonly submission: Submission
  readonly content: StoredContent
  readonly sender: SenderFacts
  readonly signingDomain: Domain
}

type Done = Result<BatchAccepted, Refusal> | 'idempotency-conflict'

export class BatchDoor {
  readonly #parts: SubmissionParts
  readonly #offers: Offers

  constructor(parts: SubmissionParts, offers: Offers) {
    this.#parts = parts
    this.#offers = offers
  }

  async enter(batch: Batch): Promise<Done> {
    const { limiter } = this.#parts
    const { submitter } = batch
    const judged = await this.#judge(batch)
    if (!judged.ok) return judged
    const { ends, good } = judged.value
    if (good.length === 0) return ok({ ends, replayed: false })
    const mails = good.reduce((sum, { submission }) => sum + submission.forwardPaths.length, 0)
    const bucket = submitter.mode === 'test' ? 'played' : 'mail'
    const verdict = await limiter.take(submitter.accountId, bucket, mails)
    if (!verdict.allowed) return fault(limitRefusal(verdict))
    const done = await this.#promise(batch, ends, await this.#tracked(good))
    if (done === 'idempotency-conflict' || !done.ok) {
      if (bucket === 'mail') limiter.giveBack?.(submitter.accountId, verdict.plan, mails)
      return done
    }
    return withMailsLeft(done.value, verdict)
  }

  /** Who is refused, and why; with `whole` the first of them refuses all. */
  async #judge(batch: Batch): Promise<Result<{ ends: EntryEnd[]; good: Good[] }, Refusal>> {
    const judging = new Judging(this.#parts, batch.submitter)
    const ends: EntryEnd[] = []
    const good: Good[] = []
    for (const [place, entry] of batch.entries.entries()) {
      const judged = entry.ok ? await judging.judge(entry.value, place) : null
      if (judged?.ok) good.push(judged.value)
      else if (judged !== null && batch.whole) return fault(refusalAt(place, judged.error))
      else if (judged !== null)
        this.#parts.meter.count('messages_refused_total', 1, { code: judged.error.code })
      // What is good gets its end with the commit.
      ends.push({ refused: judged === null || judged.ok ? faultOf(entry) : asFault(judged.error) })
    }
    return ok({ ends, good })
  }

  /** What of opens and clicks is counted: the same for all that share a content and were asked the same. */
  async #tracked(good: readonly Good[]): Promise<readonly Good[]> {
    const known = new Map<string, MessageWishes['tracking']>()
    const tracked: Good[] = []
    for (const one of good) {
      const { content, sender, submission } = one
      const { options } = submission
      const name = `${content.id} ${options.trackOpens} ${options.trackClicks}`
      if (!known.has(name) && asksTracking(submission)) {
        known.set(name, (await withTracking(submission, sender, this.#parts.trackingHost)).tracking)
      }
      const tracking = known.get(name)
      const wishes = tracking === undefined ? options.wishes : { ...options.wishes, tracking }
      tracked.push({ ...one, submission: { ...submission, options: { ...options, wishes } } })
    }
    return tracked
  }

  async #promise(batch: Batch, ends: EntryEnd[], good: readonly Good[]): Promise<Done> {
    const { ids, queue, store } = this.#parts
    const blocked = await this.#blocked(batch.submitter, good)
    const offers = this.#make(good, blocked)
    for (const [index, { answer }] of offers.entries()) ends[good[index]?.place ?? 0] = { accepted: answer }
    const brought = new Set<ContentId>()
    const acceptances = offers.map((offer) => {
      const first = !brought.has(offer.content.id)
      brought.add(offer.content.id)
      const one = acceptance({ ...offer, holder: queue.holder, ids })
      return first ? one : { ...one, content: null }
    })
    const idempotency = recordOf(batch, ends, this.#parts.clock.now())
    const dropped = (): void => {
      for (const offer of offers) this.#offers.dropped(offer)
    }
    const committed = await store
      .acceptAll({ acceptances, idempotency, holder: queue.holder })
      .catch((error: unknown) => {
        dropped()
        throw error
      })
    if (!committed.ok) {
      dropped()
      return committed.error === 'idempotency-conflict'
        ? committed.error
        : fault(storeRefusal(committed.error))
    }
    this.#parts.meter.count('messages_accepted_total', offers.length, { source: 'api' })
    for (const offer of offers) this.#offers.kept(offer)
    return ok({ ends, replayed: false })
  }

  /** One question for all of a kind, however many they are. */
  async #blocked(
    { accountId }: Submitter,
    good: readonly Good[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<ForwardPath, Blocking>>> {
    const kinds = Map.groupBy(good, ({ submission }) => kindOf(submission))
    const found = new Map<string, ReadonlyMap<ForwardPath, Blocking>>()
    for (const [kind, of] of kinds) {
      const [first] = of
      if (first === undefined) continue
      const paths = [...new Set(of.flatMap(({ submission }) => submission.forwardPaths))]
      found.set(kind, await this.#parts.suppressed(accountId, paths, first.submission.options))
    }
    return found
  }

  #make(
    good: readonly Good[],
    blocked: ReadonlyMap<string, ReadonlyMap<ForwardPath, Blocking>>,
  ): readonly Offer[] {
    // A content is in memory once, however many were granted room.
    const here = new Set<ContentId>()
    return good.map(({ content, signingDomain, submission }) => {
      const offer = this.#offers.make(submission, {
        content,
        signingDomain,
        blocked: blocked.get(kindOf(submission)) ?? new Map(),
        octets: here.has(content.id) ? 0 : content.bytes.length,
      })
      if (offer.granted !== null) here.add(content.id)
      return offer
    })
  }
}

/** What a batch needs to know once: senders' domains, and contents that several messages share. */
class Judging {
  readonly #parts: SubmissionParts
  readonly #submitter: Submitter
  readonly #senders = new Map<Domain, SenderFacts>()
  readonly #contents = new Map<Content, { readonly stored: StoredContent; readonly added: number }>()

  constructor(parts: SubmissionParts, submitter: Submitter) {
    this.#parts = parts
    this.#submitter = submitter
  }

  async judge(asked: Submission, place: number): Promise<Result<Good, Refusal>> {
    const { options, paused } = this.#parts
    const sender = this.#senders.get(asked.fromDomain) ?? (await this.#look(asked.fromDomain))
    const { added, content, submission } = this.#encoded(asked, sender)
    const { data, header } = asked.fill ?? NO_FILL
    const size = content.bytes.length - added + header.length + (data?.length ?? 0)
    const refusal = refusalFor(submission, { ...options, sender, size })
    if (refusal) return fault(refusal)
    const signingDomain = sender.kind === 'unknown' ? submission.fromDomain : sender.signingDomain
    const pause = pausedFor(submission, signingDomain, paused)
    if (pause) return fault(pause)
    return ok({ place, submission, content, sender, signingDomain })
  }

  async #look(domain: Domain): Promise<SenderFacts> {
    const facts = await this.#parts.senders.factsFor(this.#submitter.accountId, domain)
    this.#senders.set(domain, facts)
    return facts
  }

  /** Fields that name the message stand with what is its own; those of its list are the same for all that share a content. */
  #encoded(submission: Submission, sender: SenderFacts) {
    const { feedback, ids, ways } = this.#parts
    const { content, fill } = submission
    const own = feedbackFields(submission, sender, feedback)
    if (fill === undefined) {
      const fields = own + listFields(submission, sender, ways)
      const stored = encodeContent(withFields(content, fields), ids.content())
      return { submission, content: stored, added: fields.length }
    }
    let known = this.#contents.get(content)
    if (known === undefined) {
      const fields = listFields(submission, sender, ways)
      known = { stored: encodeContent(withFields(content, fields), ids.content()), added: fields.length }
      this.#contents.set(content, known)
    }
    const filled = { ...submission, fill: { ...fill, header: fill.header + own } }
    return { submission: filled, content: known.stored, added: known.added }
  }
}

const NO_FILL: NewFill = { header: '', data: null }

const kindOf = ({ options }: Submission): string => `${options.stream} ${options.wishes.list ?? ''}`

const asFault = ({ code, fields, say }: Refusal): EntryFault => ({
  code,
  message: say,
  ...(fields ? { fields } : null),
})

/** Of one that is good its place is taken until the commit. */
const faultOf = (entry: Batch['entries'][number]): EntryFault => (entry.ok ? PENDING : entry.error)
const PENDING: EntryFault = { code: 'internal_error', message: 'It was not accepted.' }

function refusalAt(place: number, refusal: Refusal): Refusal {
  const path = `messages[${place}]`
  return {
    ...refusal,
    say: refusesAll(path, refusal.say),
    fields: (refusal.fields ?? []).map((field) => ({ ...field, path: `${path}.${field.path}` })),
  }
}

function recordOf({ idempotency, submitter }: Batch, ends: readonly EntryEnd[], now: number) {
  if (idempotency === null) return null
  const { bodyHash, key } = idempotency
  const { accountId } = submitter
  return {
    accountId,
    key,
    bodyHash,
    answer: JSON.stringify(ends),
    createdAt: now,
  } satisfies IdempotencyRecord
}

export const readBatchAnswer = (text: string): BatchAccepted => ({
  ends: JSON.parse(text) as readonly EntryEnd[],
  replayed: true,
})

const withMailsLeft = (accepted: BatchAccepted, { remaining }: LimitVerdict): Result<BatchAccepted, never> =>
  ok(remaining === null ? accepted : { ...accepted, mailsLeft: remaining })
