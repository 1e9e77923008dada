//
// Owns: bringing events to webhooks: at once what the follower hands over, out of the outbox what had no room or comes
// again, each webhook by itself, with retries over three days.
// Never: lets endpoints that hang hold the others: who is not known to answer has one post under way and a handful in
// memory, and those that failed never have all places.

import { ClockStep } from '../../core/clock-step.ts'
import { timeOf } from '../../core/ids.ts'
import type { Clock, Dice, Log, Meter } from '../../core/ports.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { WebhookId } from '../../core/webhook.ts'
import type { WebhookPost, WebhookStore } from '../../store/webhook-store.ts'
import { Endpoints } from '../posting/endpoints.ts'
import { Looking } from '../posting/looking.ts'
import { PATIENCE } from '../posting/retry.ts'
import type { KnownWebhook, WebhookBook } from './book.ts'
import { Health } from './health.ts'
import { endOf, isTaken, judge, type Tried, untried, wishOf } from './judge.ts'
import type { Lane } from './lane.ts'
import { Lanes, WAITING_UNPROVEN } from './lanes.ts'
import type { Poster } from './poster.ts'
import { Settling } from './settling.ts'

export interface PostingParts {
  readonly store: Pick<WebhookStore, 'take' | 'settle' | 'nextDueAt' | 'disable' | 'forward'>
  readonly book: WebhookBook
  readonly poster: Poster
  readonly clock: Clock
  readonly dice: Dice
  readonly log: Log
  readonly meter: Meter
  /** Somebody should know: a subject, a text, and a key that names the trouble. */
  readonly alert: (subject: string, text: string, key: string) => Promise<unknown>
  readonly disabled?: (hook: KnownWebhook, reason: string) => Promise<void>
}

/** Under way to one endpoint that answers: 2,000 a second where an answer takes 16 ms. */
const WELL = 32
/** A post that hangs costs a socket and its body. */
const AT_ONCE = 2000
/** Read from the outbox at a time, about; and for how many webhooks. */
const BITE = 200
const WEBHOOKS_AT_ONCE = 64
/** Whoever dies over a post leaves it to others after this. */
export const LEASE: Milliseconds = MINUTE
/** Other nodes write into the outbox as well, and tell nobody. */
const LOOK_EVERY: Milliseconds = 15 * SECOND
/** A store that cannot move a due time must not make us spin. */
const SOONEST: Milliseconds = 20

export class WebhookPosting {
  readonly #parts: PostingParts
  readonly #endpoints = new Endpoints(WELL)
  readonly #lanes: Lanes
  /** Lanes that had no place when it was their turn. */
  readonly #starved = new Set<WebhookId>()
  readonly #settling: Settling
  readonly #health: Health
  readonly #step: ClockStep
  #turn = 0
  /** The outbox has something that could be brought into memory. */
  #behind = false
  #started = false
  readonly #looking: Looking

  constructor(parts: PostingParts) {
    this.#parts = parts
    this.#looking = new Looking({
      clock: parts.clock,
      every: LOOK_EVERY,
      look: () => this.#look(),
      onFault: (error) =>
        parts.log.error('webhooks wait: the outbox cannot be read', { error: String(error) }),
    })
    this.#lanes = new Lanes({ book: parts.book, clock: parts.clock, endpoints: this.#endpoints })
    this.#settling = new Settling(parts)
    this.#step = new ClockStep(parts.clock)
    this.#health = new Health(parts, (failing) => this.#settling.note(failing))
  }

  /** With the first webhook; what failed before the start is not believed to be well. */
  start(): void {
    if (this.#started) return
    this.#started = true
    for (const hook of this.#parts.book.all) {
      if (hook.failingSince !== null) this.#endpoints.failed(hook.endpoint)
    }
    this.wake()
  }

  /** There may be something in the outbox. */
  wake(): void {
    if (this.#started) this.#looking.wake()
  }

  /** Posts under way are called off; they come again. */
  async stop(): Promise<void> {
    await this.#looking.stop()
    const now = this.#parts.clock.now()
    for (const post of this.#lanes.clear()) this.#settling.add(untried(post, now))
    await this.#settling.stop()
  }

  /** A place in memory for a post that is about to be committed. */
  grant(hook: KnownWebhook): boolean {
    const isGranted = !this.#looking.isStopped && !this.#settling.isFull && this.#lanes.grant(hook)
    if (!isGranted) this.#behind = true
    return isGranted
  }

  /** What was granted, after its commit; or before it fails, so that the places are free again. */
  hand(posts: readonly WebhookPost[], isCommitted: boolean): void {
    for (const post of posts) this.#lanes.redeem(post, isCommitted)
    for (const id of new Set(posts.map(({ webhookId }) => webhookId))) this.#pump(id)
    if (this.#behind) this.wake()
  }

  #hasRoom(): boolean {
    return this.#looking.underWay < AT_ONCE && !this.#settling.isFull && !this.#looking.isStopped
  }

  /** Begins what this webhook may have under way. */
  #pump(id: WebhookId): void {
    const lane = this.#lanes.of(id)
    const { book, clock } = this.#parts
    this.#starved.delete(id)
    while (lane.waiting > 0) {
      if (!this.#hasRoom()) {
        this.#starved.add(id)
        return
      }
      const hook = book.get(id)
      if (hook === null || hook.state === 'disabled') {
        this.#giveBack(lane, hook)
        return
      }
      if (!this.#endpoints.mayBegin(hook.endpoint, clock.monotonic())) {
        if (this.#lanes.rests(hook)) this.#giveBack(lane, hook)
        return
      }
      const post = this.#lanes.next(lane)
      if (post === null) return
      // Its lease might end before it does: the outbox gives it again.
      if (post.dueAt - clock.now() > PATIENCE + 5 * SECOND) this.#begin(post, lane, hook)
    }
  }

  /** To the store: until the endpoint may be asked again, or somebody enables the webhook. */
  #giveBack(lane: Lane, hook: KnownWebhook | null): void {
    const { clock } = this.#parts
    const posts = this.#lanes.emptied(lane)
    if (hook === null) return
    const rest = Math.max(0, this.#endpoints.restsUntil(hook.endpoint) - clock.monotonic())
    for (const post of posts) {
      const end = endOf(post.createdAt, this.#step.since(post.createdAt))
      const dueAt = hook.state === 'disabled' ? end : Math.min(clock.now() + rest, end)
      this.#settling.add(
        clock.now() < end
          ? untried(post, dueAt)
          : { ...untried(post, end), next: { state: 'given_up', at: clock.now() } },
      )
    }
  }

  #begin(post: WebhookPost, lane: Lane, hook: KnownWebhook): void {
    const { log, poster } = this.#parts
    lane.begin(post)
    this.#endpoints.begin(hook.endpoint)
    const trying = poster
      .post(hook, post, this.#looking.signal)
      .catch((error) => {
        log.error('a webhook could not be told', { event: post.eventId, error: String(error) })
        return null
      })
      .then((tried) => this.#ended(post, hook, tried))
    this.#looking.begin(trying, () => {
      lane.end(post)
      if (!this.#looking.isStopped) this.#afterOne(hook)
    })
  }

  #afterOne(hook: KnownWebhook): void {
    this.#pump(hook.id)
    for (const id of this.#starved) {
      if (!this.#hasRoom()) break
      this.#pump(id)
    }
    if (this.#behind || this.#lanes.hasRoomAgain(hook)) this.wake()
  }

  #ended(post: WebhookPost, hook: KnownWebhook, tried: Tried | null): void {
    const { clock, dice, meter } = this.#parts
    const now = clock.now()
    if (tried === null) {
      this.#endpoints.end(hook.endpoint, null, clock.monotonic())
      this.#settling.add(untried(post, now))
      return
    }
    const ahead = this.#step.since(post.createdAt)
    const end = judge(post, tried, { now, ahead, dice: dice() })
    const taken = isTaken(tried)
    this.#endpoints.end(hook.endpoint, taken, clock.monotonic(), wishOf(tried))
    this.#settling.add(end)
    meter.count('webhook_posts_total', 1, { result: taken ? 'taken' : end.next.state })
    if (post.attempts === 0 && post.replay === 0) {
      const since = Math.max(0, tried.startedAt - timeOf(post.eventId)) / SECOND
      meter.observe('webhook_first_attempt_seconds', since)
    }
    this.#health.heard(hook, tried, { now, aheadSince: (at) => this.#step.since(at) })
  }

  /** Brings into memory what is due, as far as there is room; says when to look again. */
  async #look(): Promise<Milliseconds> {
    const { book, clock, store } = this.#parts
    this.#behind = false
    if (book.isEmpty) return LOOK_EVERY
    await this.#followClock()
    const { unproven, well } = this.#lanes.open()
    await this.#bring(well, BITE)
    await this.#bring(unproven, WAITING_UNPROVEN)
    const left = this.#lanes.open()
    const next = await store.nextDueAt([...left.well, ...left.unproven])
    const rest = this.#endpoints.nextEndOfRest(clock.monotonic())
    const waits = [LOOK_EVERY]
    if (next !== null) waits.push(next - clock.now())
    if (rest !== null) waits.push(rest - clock.monotonic())
    return Math.max(Math.min(...waits), SOONEST)
  }

  /** What is due for these, some webhooks at a time; of one at most `most` at a time. */
  async #bring(ids: readonly WebhookId[], most: number): Promise<void> {
    // Not always the same ones first: where memory is full, the last would never have their turn.
    const start = ids.length === 0 ? 0 : this.#turn++ % ids.length
    const order = [...ids.slice(start), ...ids.slice(0, start)]
    for (let at = 0; at < order.length; at += WEBHOOKS_AT_ONCE) {
      let asked = order.slice(at, at + WEBHOOKS_AT_ONCE)
      while (asked.length > 0 && this.#hasRoom() && !this.#lanes.isFull) {
        const now = this.#parts.clock.now()
        const each = Math.min(most, Math.max(WAITING_UNPROVEN, Math.ceil(BITE / asked.length)))
        const due = await this.#parts.store.take({ now, until: now + LEASE, of: asked, each })
        this.#take(due)
        const counts = Map.groupBy(due, ({ webhookId }) => webhookId)
        asked = asked.filter((id) => (counts.get(id)?.length ?? 0) >= each && this.#isOpen(id))
      }
    }
  }

  #isOpen(id: WebhookId): boolean {
    const hook = this.#parts.book.get(id)
    return hook !== null && this.#lanes.isOpen(hook)
  }

  /** Set back, it would make what is due in a minute wait for all the time that was taken away. */
  async #followClock(): Promise<void> {
    const back = this.#step.setBack()
    if (back === 0) return
    const { clock, log, store } = this.#parts
    const moved = await store.forward(clock.now(), back)
    if (moved.ok) log.warn('the clock was set back; webhooks that wait are due so much sooner', { ms: back })
    else this.#step.notFollowed(back)
  }

  #take(due: readonly WebhookPost[]): void {
    const { book, clock } = this.#parts
    const ids = new Set<WebhookId>()
    for (const post of due) {
      const hook = book.get(post.webhookId)
      // Another node's, that this one has not heard of yet.
      if (hook === null) continue
      if (this.#lanes.add(hook, post)) ids.add(post.webhookId)
      else this.#settling.add(untried(post, clock.now()))
    }
    for (const id of ids) this.#pump(id)
  }
}
