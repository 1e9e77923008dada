//
// Owns: bringing waiting letters to their webhooks, with retries over three days; 2xx ends a post.
// Never: lets slow endpoints hold the others: each has two posts under way at most, and those that
// fail never have all places.

import type { Clock, Dice, Log, Meter } from '../../core/ports.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { OutgoingHttp } from '../../net/http/outgoing.ts'
import type { InboundPost, InboundRoute, InboundStore } from '../../store/inbound-store.ts'
import { Endpoints } from '../posting/endpoints.ts'
import { Looking } from '../posting/looking.ts'
import { GIVE_UP_AFTER, GONE, nextTry, PATIENCE } from '../posting/retry.ts'
import { signatureHeaders } from '../posting/signature.ts'
import { secretOctets } from './route-secret.ts'

export interface PostingParts {
  readonly store: Pick<
    InboundStore,
    'takePosts' | 'endPost' | 'deferPost' | 'nextPostDueAt' | 'routes' | 'countPosts' | 'closeRoute'
  >
  readonly http: Pick<OutgoingHttp, 'post'>
  readonly secretKeys: readonly Uint8Array[]
  /** `MailWok/<version>`. */
  readonly agent: string
  readonly clock: Clock
  readonly dice: Dice
  readonly log: Log
  readonly meter: Meter
  /** Somebody should know: a subject, a text, and a key that names the trouble. */
  readonly alert: (subject: string, text: string, key: string) => Promise<unknown>
}

const MAX_ANSWER_OCTETS = 64 * 1024
/** A post that hangs costs a socket and its body. */
const AT_ONCE = 1000
/** Octets of bodies under way; beyond it nothing more is begun. */
const OCTETS_AT_ONCE = 64 * 1024 * 1024
/** Bodies are read so many at a time; one by one while they are large: each may have 14 MB, and crosses as text. */
const BITE = 8
const LARGE_BITE = 1024 * 1024
/** Whoever dies over a post leaves it to others after this; longer than the longest try. */
const LEASE: Milliseconds = 2 * MINUTE
/** Other nodes take letters in as well, and tell nobody. */
const LOOK_EVERY: Milliseconds = 15 * SECOND
/** A store that cannot move a due time must not make us spin. */
const SOONEST: Milliseconds = 100
/** Under way to one endpoint that answers: a letter may have 14 MB. */
const WELL = 2

function biteAfter(bite: number, due: readonly InboundPost[]): number {
  const octets = due.reduce((sum, { body }) => sum + body.length, 0)
  return octets > LARGE_BITE ? 1 : Math.min(bite * 2, BITE)
}

export class Posting {
  readonly #parts: PostingParts
  readonly #endpoints = new Endpoints(WELL)
  #octets = 0
  #bite = 1
  readonly #looking: Looking

  constructor(parts: PostingParts) {
    this.#parts = parts
    this.#looking = new Looking({
      clock: parts.clock,
      every: LOOK_EVERY,
      look: () => this.#look(),
      onFault: (error) =>
        parts.log.error('webhooks for mail wait: the store cannot be read', { error: String(error) }),
    })
  }

  start(): void {
    this.wake()
  }

  /** Something was taken in. */
  wake(): void {
    this.#looking.wake()
  }

  /** Posts under way are called off; they come again. */
  stop(): Promise<void> {
    return this.#looking.stop()
  }

  /** Begins what is due as far as there is room; says when to look again. */
  async #look(): Promise<Milliseconds> {
    const { clock, store } = this.#parts
    const routes = new Map((await store.routes(null)).map((route) => [route.id, route]))
    while (!this.#looking.isStopped && this.#hasRoom()) {
      const now = clock.now()
      const ask = { now, until: now + LEASE, limit: this.#bite, except: this.#full(routes.values()) }
      const due = await store.takePosts(ask)
      if (due.length === 0) break
      this.#bite = biteAfter(this.#bite, due)
      for (const post of due) {
        const route = routes.get(post.routeId)
        if (!route) await store.endPost(post.id)
        else if (route.closed) await this.#park(post, route)
        else if (this.#mayBegin(route)) this.#begin(post, route)
        // Several routes lead to one endpoint: back with it to its place in the line.
        else await store.deferPost(post.id, post.attempts, now, post.lastError)
      }
    }
    // Whoever ends wakes us.
    if (!this.#hasRoom()) return LOOK_EVERY
    const next = await store.nextPostDueAt(this.#full(routes.values()))
    const rest = this.#endpoints.nextEndOfRest(clock.monotonic())
    const waits = [LOOK_EVERY]
    if (next !== null) waits.push(next - clock.now())
    if (rest !== null) waits.push(rest - clock.monotonic())
    return Math.max(Math.min(...waits), SOONEST)
  }

  #hasRoom(): boolean {
    return this.#looking.underWay < AT_ONCE && this.#octets < OCTETS_AT_ONCE
  }

  /** Routes to endpoints that have their share of posts under way, or rest. */
  #full(routes: Iterable<InboundRoute>): readonly InboundRoute['id'][] {
    const full: InboundRoute['id'][] = []
    for (const route of routes) if (route.action === 'webhook' && !this.#mayBegin(route)) full.push(route.id)
    return full
  }

  #mayBegin({ target }: InboundRoute): boolean {
    return this.#endpoints.mayBegin(target, this.#parts.clock.monotonic())
  }

  #begin(post: InboundPost, route: InboundRoute): void {
    this.#octets += post.body.length
    this.#endpoints.begin(route.target)
    let answered: boolean | null = null
    const trying = this.#try(post, route)
      .then((took) => {
        answered = took
      })
      .catch((error) =>
        this.#parts.log.error('a webhook could not be told', { post: post.id, error: String(error) }),
      )
    this.#looking.begin(trying, () => {
      this.#octets -= post.body.length
      this.#endpoints.end(route.target, answered, this.#parts.clock.monotonic())
      this.wake()
    })
  }

  /** Whether it took the letter; null: nothing was learned of it. */
  async #try(post: InboundPost, route: InboundRoute): Promise<boolean | null> {
    const { agent, clock, http, meter, secretKeys, store } = this.#parts
    const seconds = Math.floor(clock.now() / SECOND)
    const secrets = secretKeys.map((key) => secretOctets(key, route.id))
    const answer = await http.post(route.target, {
      body: post.body,
      headers: {
        'content-type': 'application/json',
        'user-agent': agent,
        ...signatureHeaders(secrets, { id: post.id, seconds, body: post.body }),
      },
      maxOctets: MAX_ANSWER_OCTETS,
      within: PATIENCE,
      signal: this.#looking.signal,
    })
    if (answer.ok && answer.value.status >= 200 && answer.value.status < 300) {
      await store.endPost(post.id)
      meter.count('inbound_posts_total', 1, { result: 'delivered' })
      return true
    }
    if (!answer.ok && answer.error.kind === 'aborted') {
      await store.deferPost(post.id, post.attempts, clock.now(), post.lastError)
      return null
    }
    const status = answer.ok ? answer.value.status : null
    await this.#failed(post, route, answer.ok ? `HTTP ${status}` : answer.error.detail, status)
    return false
  }

  /** Nobody is asked: it waits for somebody to open its route, as long as it would wait for an answer. */
  async #park(post: InboundPost, route: InboundRoute): Promise<void> {
    const { clock, log, meter, store } = this.#parts
    const now = clock.now()
    const end = post.createdAt + GIVE_UP_AFTER
    const isOver = now >= end
    await store.deferPost(post.id, post.attempts, isOver ? null : end, post.lastError)
    if (!isOver) return
    meter.count('inbound_posts_total', 1, { result: 'failed' })
    log.error('a letter could not be brought to its webhook and is given up', {
      post: post.id,
      route: route.pattern,
      attempts: post.attempts,
      reason: 'the route is closed',
    })
  }

  /** Told once: of posts under way together, one closes it. */
  async #close(route: InboundRoute): Promise<void> {
    const { alert, clock, log, store } = this.#parts
    const closed = await store.closeRoute(route.id)
    if (!closed.ok || !closed.value) return
    const { pattern, target } = route
    log.error('a webhook is gone (410): its route is closed', { route: pattern, webhook: target })
    await alert(
      `The webhook for ${pattern} is gone`,
      `${target} answered 410, so mail for ${pattern} is refused from now on (550 5.2.1).\n\n` +
        'What was taken before waits for three days. When the webhook is there again:\n\n' +
        `    mailwok inbound route open ${pattern}\n`,
      `inbound-route-closed:${route.id}:${clock.now()}`,
    )
  }

  async #failed(post: InboundPost, route: InboundRoute, why: string, status: number | null): Promise<void> {
    const { clock, dice, log, meter, store } = this.#parts
    const now = clock.now()
    const attempts = post.attempts + 1
    if (status === GONE) await this.#close(route)
    const wait = nextTry(attempts, now - post.createdAt, dice())
    await store.deferPost(post.id, attempts, wait === null ? null : now + wait, why.slice(0, 500))
    meter.count('inbound_posts_total', 1, { result: wait === null ? 'failed' : 'deferred' })
    const facts = { post: post.id, route: route.pattern, attempts, reason: why }
    if (wait === null) log.error('a letter could not be brought to its webhook and is given up', facts)
    else log.info('a webhook did not take a letter; it is tried again', facts)
  }
}
