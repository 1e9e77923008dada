//
// Owns: events as they happen, as server-sent events (WHATWG HTML §9.2): each client reads the log at its own pace, from
// the place that it names, so that nothing is lost between two connections.

import type { LogEventType } from '../../core/event.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { EventStore } from '../../store/event-store.ts'
import type { LogCursor, LogEntry } from '../../store/log-store.ts'
import { eventView, isBehind } from './view.ts'

export interface StreamParts {
  readonly events: EventStore
  readonly clock: Clock
  /** Calls `hears` soon after such events were committed here; what it returns ends that. */
  readonly listen: (ear: {
    hears(): void
    wants(type: LogEventType): boolean
    readonly apart: Milliseconds
  }) => () => void
}

export interface StreamAsk {
  readonly account: AccountId
  /** Null: from now on. */
  readonly after: LogCursor | null
  readonly types: readonly LogEventType[]
  /** Whether whoever opened it still may: asked before anything more is told. Absent: he may. */
  readonly stands?: () => Promise<boolean>
}

/** Of a node; each is a connection and a query every second. */
const MAX_STREAMS = 500
const MAX_PER_ACCOUNT = 20
/** Other nodes ring no bell here. */
const LOOK_EVERY: Milliseconds = SECOND
/** Proxies and our own listener close what is silent. */
const PING_EVERY: Milliseconds = 15 * SECOND
const PAGE = 100
const APART: Milliseconds = 100

export class EventStreams {
  readonly #parts: StreamParts
  readonly #open = new Map<Stream, AccountId>()
  #stopped = false

  constructor(parts: StreamParts) {
    this.#parts = parts
  }

  async open(ask: StreamAsk): Promise<Result<ReadableStream<string>, 'too-many'>> {
    const ofAccount = [...this.#open.values()].filter((account) => account === ask.account).length
    if (this.#stopped || this.#open.size >= MAX_STREAMS || ofAccount >= MAX_PER_ACCOUNT) {
      return fault('too-many')
    }
    const stream = new Stream(this.#parts, ask)
    this.#open.set(stream, ask.account)
    const end = (): void => {
      this.#open.delete(stream)
      stream.close()
    }
    const source = {
      async pull(controller: ReadableStreamDefaultController<string>) {
        const text = await stream.next().catch(() => null)
        if (text !== null && (await stands(ask))) {
          controller.enqueue(text)
          return
        }
        end()
        controller.close()
      },
      cancel: end,
    }
    return ok(new ReadableStream(source, { highWaterMark: 0 }))
  }

  /** Ends all: a client comes again by itself, with the place where it stood. */
  stop(): void {
    this.#stopped = true
    for (const stream of this.#open.keys()) stream.close()
  }
}

/** A store that cannot say so ends it: a client comes again by itself. */
const stands = async (ask: StreamAsk): Promise<boolean> =>
  ask.stands === undefined || (await ask.stands().catch(() => false))

class Stream {
  readonly #parts: StreamParts
  readonly #ask: StreamAsk
  readonly #deaf: () => void
  #after: LogCursor | null
  #greeted = false
  #closed = false
  #isNews = true
  #wake: () => void = () => undefined

  constructor(parts: StreamParts, ask: StreamAsk) {
    this.#parts = parts
    this.#ask = ask
    this.#after = ask.after
    this.#deaf = parts.listen({
      hears: () => this.#rouse(),
      wants: (type) => ask.types.length === 0 || ask.types.includes(type),
      apart: APART,
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#deaf()
    this.#wake()
  }

  /** Null: it has ended. */
  async next(): Promise<string | null> {
    const { clock, events } = this.#parts
    if (!this.#greeted) {
      this.#greeted = true
      const end = await events.end()
      // A place that the log has not reached is of a log that was restored from a copy: nothing comes before it.
      if (this.#after === null || isBehind(this.#after, end)) this.#after = end
      return 'retry: 2000\n\n'
    }
    const end = clock.monotonic() + PING_EVERY
    while (!this.#closed) {
      this.#isNews = false
      const text = await this.#read()
      if (text !== '') return text
      const left = end - clock.monotonic()
      if (left <= 0) return ': ping\n\n'
      await this.#wait(Math.min(LOOK_EVERY, left))
    }
    return null
  }

  async #read(): Promise<string> {
    const { account, types } = this.#ask
    const filter = { messageId: null, recipient: null, since: null, until: null } as const
    const page = await this.#parts.events.page({
      ...filter,
      account,
      types,
      order: 'asc',
      after: this.#after,
      limit: PAGE,
    })
    this.#after = page.next ?? this.#after
    if (!page.isEnd) this.#isNews = true
    if (page.entries.length === 0) return ''
    const ids = new Set(page.entries.map(({ event }) => event.messageId))
    const facts = await this.#parts.events.messageFacts([...ids])
    return page.entries.map((entry) => frameOf(entry, facts.get(entry.event.messageId) ?? null)).join('')
  }

  #rouse(): void {
    this.#isNews = true
    this.#wake()
  }

  #wait(time: Milliseconds): Promise<void> {
    if (this.#isNews || this.#closed) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(time, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}

const frameOf = (entry: LogEntry, facts: Parameters<typeof eventView>[1]): string =>
  `id: ${entry.cursor}\nevent: ${entry.event.type}\ndata: ${JSON.stringify(eventView(entry, facts))}\n\n`
