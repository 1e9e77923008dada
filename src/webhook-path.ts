//
// Owns: wiring the way of events to applications: webhooks, with the follower that feeds them, and streams.

import { SECOND } from './core/time.ts'
import type { Foundation } from './foundation.ts'
import { OutgoingHttp } from './net/http/outgoing.ts'
import { VERSION } from './ops/version.ts'
import type { Ear } from './services/following/bell.ts'
import { Follower } from './services/following/follower.ts'
import type { Notices } from './services/notices/notices.ts'
import { WebhookBook } from './services/webhooks/book.ts'
import { WebhooksByHand } from './services/webhooks/by-hand.ts'
import { Poster } from './services/webhooks/poster.ts'
import { WebhookPosting } from './services/webhooks/posting.ts'
import { EventStreams } from './services/webhooks/streams.ts'
import { Telling } from './services/webhooks/telling.ts'
import { Webhooks } from './services/webhooks/webhooks.ts'

/** What API and command line act upon. */
export interface WebhookDesk {
  readonly webhooks: Webhooks
  readonly byHand: WebhooksByHand
}

export interface WebhookPath extends WebhookDesk {
  readonly streams: EventStreams
  start(): Promise<void>
  stop(): Promise<void>
}

/** Waits of the bell between two steps: an event is posted within a tenth of a second. */
const APART = SECOND / 50

interface Base extends WebhookDesk {
  readonly book: WebhookBook
  readonly poster: Poster
}

/** Without a node nobody is woken: what is due waits for one. */
export const webhookDeskOf = (foundation: Foundation): WebhookDesk => baseOf(foundation, () => {})

function baseOf(foundation: Foundation, wake: () => void): Base {
  const { clock, config, ids, log, resolver, secrets, store } = foundation
  const { allow } = config.webhooks
  const { open, seal } = secrets
  const { events, webhooks } = store
  const http = new OutgoingHttp({
    resolver,
    clock,
    allow,
    allowPrivate: false,
    ca: foundation.ownAuthorities?.ca ?? null,
  })
  const poster = new Poster({ http, clock, agent: `MailWok/${VERSION}` })
  const book = new WebhookBook({ store: webhooks, open, clock, log })
  const parts = { store: webhooks, events, clock, ids, wake }
  return {
    book,
    poster,
    webhooks: new Webhooks({ ...parts, log: store.log, book, seal, allow }),
    byHand: new WebhooksByHand({ ...parts, poster }),
  }
}

export function openWebhookPath(foundation: Foundation, notices: Notices): WebhookPath {
  const { clock, dice, log, meter, store, trail } = foundation
  const { book, byHand, poster, webhooks } = baseOf(foundation, () => posting.wake())
  const posting: WebhookPosting = new WebhookPosting({
    store: store.webhooks,
    book,
    poster,
    clock,
    dice,
    log,
    meter,
    alert: (subject, text, key) => notices.alert(subject, text, key),
    disabled: ({ accountId, id: subject }, note) =>
      trail.note({ accountId, actor: 'system', action: 'webhook disabled', subject, details: { note } }),
  })
  const following = new Following(foundation, { book, posting })
  const listen = (ear: Ear) => foundation.bell.onRing(ear)
  const streams = new EventStreams({ events: store.events, clock, listen })
  return {
    webhooks,
    byHand,
    streams,
    start: async () => {
      book.onRead(() => following.turn())
      await book.start()
    },
    async stop() {
      await book.stop()
      await following.stop()
      await posting.stop()
    },
  }
}

/** Follows the log while there is a webhook: who has none pays nothing. */
class Following {
  readonly #foundation: Foundation
  readonly #book: WebhookBook
  readonly #posting: WebhookPosting
  #end: (() => Promise<void>) | null = null
  #ending: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(
    foundation: Foundation,
    { book, posting }: { readonly book: WebhookBook; readonly posting: WebhookPosting },
  ) {
    this.#foundation = foundation
    this.#book = book
    this.#posting = posting
  }

  turn(): void {
    if (this.#stopped || this.#book.isEmpty === (this.#end === null)) return
    if (this.#end === null) this.#end = this.#begin()
    else this.#finish()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#finish()
    await this.#ending
  }

  #begin(): () => Promise<void> {
    const { bell, clock, log, meter, store } = this.#foundation
    const parts = { store: store.webhooks, events: store.events, book: this.#book, posting: this.#posting }
    const handler = new Telling({ ...parts, clock })
    const follower = new Follower({ log: store.log, handler, clock, say: log, meter })
    const deaf = bell.onRing({
      hears: () => follower.poke(),
      wants: (type) => this.#book.wants(type),
      apart: APART,
    })
    this.#posting.start()
    follower.start()
    return async () => {
      deaf()
      await follower.stop()
    }
  }

  #finish(): void {
    const end = this.#end
    this.#end = null
    if (end !== null) this.#ending = this.#ending.then(end)
  }
}
