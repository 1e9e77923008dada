//
// Owns: a slot: orders one after the other, over one connection as long as they go the same way.
// Never: how many slots there are, or which order goes to which (services/queue/lanes.ts).

import type { AttemptEvidence, AttemptOutcome, Cause } from '../../core/outcome.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Connection } from '../smtp/connection.ts'
import { frame } from '../smtp/data-framing.ts'
import type { Outgoing } from '../smtp/pending.ts'
import type { TransactionEnd } from '../smtp/transaction.ts'
import { Transcript } from '../smtp/transcript.ts'
import { type Attempted, attempt, type Way } from './attempt.ts'
import { capture } from './capture.ts'
import { type Errand, suits } from './demand.ts'
import type { DeliveryOrder, DeliveryReport } from './order.ts'
import type { Renderer } from './render.ts'

export interface SlotParts {
  readonly way: Way
  readonly renderer: Renderer
  /** `dry`: the slot has nothing left to do. */
  report(report: DeliveryReport, dry: boolean): void
}

interface Waiting {
  readonly order: DeliveryOrder
  readonly since: Milliseconds
  /** Rendered ahead of its turn, to go out behind the one before. */
  outgoing: Outgoing | null
}

export class Slot {
  readonly #parts: SlotParts
  #waiting: Waiting[] = []
  #running: Promise<void> | null = null
  #retired = false
  #connection: Connection | null = null
  #messages = 0

  constructor(parts: SlotParts) {
    this.#parts = parts
  }

  get busy(): boolean {
    return this.#running !== null
  }

  push(order: DeliveryOrder): void {
    this.#waiting.push({ order, since: this.#parts.way.clock.monotonic(), outgoing: null })
    this.#running ??= this.#run()
  }

  /** Closes the connection once nothing is left to do. */
  retire(): void {
    this.#retired = true
    if (!this.busy) this.#letGo()
  }

  /** Starts nothing more; resolves when the transaction under way, if any, has ended. */
  async finish(): Promise<void> {
    // What went out behind the one before is under way as well.
    this.#waiting = this.#waiting.filter(({ outgoing }) => outgoing !== null)
    this.#retired = true
    await this.#running
    this.#letGo()
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const report = await this.#deliver(next)
      this.#parts.report(report, this.#waiting.length === 0)
    }
    this.#running = null
    if (this.#retired) this.#letGo()
  }

  async #deliver(next: Waiting): Promise<DeliveryReport> {
    const { order, since } = next
    const { clock } = this.#parts.way
    // Wall time as the dispatcher sees it, carried on by our monotonic clock: it can be moved by hand in tests.
    const now = (): Milliseconds => Math.round(order.at + clock.monotonic() - since)
    const startedAt = now()
    const tried = await this.#tried(next)
    const { end } = tried
    const evidence = evidenceOf(order, tried, { startedAt, endedAt: now() })
    const outcome = end.kind === 'failed' ? await failureOf(end.cause) : deliveryOf(end)
    return { slot: order.slot, deliveryId: order.deliveryId, outcome, evidence }
  }

  /** An exception is a bug of ours: it must cost neither the slot nor the message (invariant I4). */
  async #tried(next: Waiting): Promise<Tried> {
    try {
      const { order } = next
      if (!isErrand(order)) return await this.#capture(order)
      const outgoing = next.outgoing ?? this.#outgoing(order)
      if (typeof outgoing === 'string') return failedHere(outgoing)
      const attempted = await this.#send(outgoing, order)
      const end = this.#parts.way.stop.aborted ? cutByUs(attempted.end) : attempted.end
      return { ...attempted, end, transcript: outgoing.transcript.text }
    } catch (error) {
      return failedHere(error instanceof Error ? error.message : String(error))
    }
  }

  async #capture(order: DeliveryOrder): Promise<Tried> {
    if (order.transport.kind !== 'capture') throw new Error('an order for the net')
    const { folder } = order.transport
    const rendered = this.#parts.renderer.render(order)
    if (!rendered.ok) return failedHere(rendered.error)
    const { at, deliveryId: delivery } = order
    const path = await capture(folder, { delivery, pieces: rendered.value.pieces, at })
    const reply = { code: 250, enhanced: null, text: `captured as ${path}` }
    return { ...NOWHERE, end: { kind: 'accepted', reply, dsnRelayed: false } }
  }

  /** Or why it cannot be rendered. */
  #outgoing(order: DeliveryOrder): Outgoing | string {
    const transcript = new Transcript(this.#parts.way.clock.monotonic())
    const rendered = this.#parts.renderer.render(order)
    if (!rendered.ok) return rendered.error
    const { size, eightBit, utf8Header, pieces } = rendered.value
    const { reversePath, recipient, dsn, requireTls } = order
    return {
      mail: { reversePath, forwardPath: recipient, size, eightBit, utf8Header, dsn, requireTls },
      content: frame(pieces),
      transcript,
    }
  }

  async #send(outgoing: Outgoing, errand: Errand): Promise<Attempted> {
    const kept = this.#take(outgoing, errand)
    const attempted = await attempt(outgoing, errand, kept, this.#parts.way)
    this.#keep(attempted.connection)
    return attempted
  }

  /** The open connection, if it leads where this route leads, as safely as it demands. */
  #take(outgoing: Outgoing, errand: Errand): Connection | null {
    const connection = this.#connection
    if (connection === null || connection.holds(outgoing)) return connection
    const fresh = this.#messages < errand.transport.messagesPerConnection
    if (fresh && connection.usable && suits(connection, errand)) return connection
    this.#letGo()
    return null
  }

  /** What may go out right behind the message under way: the next order, if it goes the same way. */
  #following(connection: Connection): Outgoing | null {
    // One whose turn has not come may be under way already: its predecessor's end and its own 354 come in one packet.
    const begun = this.#waiting.filter(({ outgoing }) => outgoing !== null).length
    const next = this.#waiting[begun]
    // Those under way are not counted yet.
    if (next === undefined || !isErrand(next.order)) return null
    if (this.#messages + begun + 1 >= next.order.transport.messagesPerConnection) return null
    try {
      if (!suits(connection, next.order)) return null
      const outgoing = this.#outgoing(next.order)
      if (typeof outgoing === 'string') return null
      next.outgoing = outgoing
      return outgoing
    } catch {
      // It fails again when its turn comes, and is reported then.
      return null
    }
  }

  #keep(connection: Connection | null): void {
    if (connection === this.#connection) {
      this.#messages += 1
      return
    }
    this.#connection = connection
    this.#messages = 1
    connection?.serve(
      () => this.#following(connection),
      () => {
        if (this.#connection === connection) this.#connection = null
      },
    )
  }

  #letGo(): void {
    this.#connection?.quit()
    this.#connection = null
  }
}

type Tried = Pick<Attempted, 'end' | 'facts' | 'sessions'> & { readonly transcript: string }

const NOWHERE = { facts: null, sessions: [], transcript: '' } as const

/** What our own stop cut short says nothing of the network or the receiver (invariant I13). */
const cutByUs = (end: TransactionEnd): TransactionEnd =>
  end.kind === 'failed' && end.cause.kind === 'network'
    ? { ...end, cause: { kind: 'internal', detail: `this node stopped: ${end.cause.detail}` } }
    : end

const failedHere = (detail: string): Tried => ({
  ...NOWHERE,
  end: { kind: 'failed', cause: { kind: 'internal', detail }, untouched: true },
})

const isErrand = (order: DeliveryOrder): order is DeliveryOrder & Errand => order.transport.kind === 'mx'

function deliveryOf({ reply, dsnRelayed }: Extract<TransactionEnd, { kind: 'accepted' }>): AttemptOutcome {
  return dsnRelayed ? { kind: 'delivered', reply, dsnRelayed: true } : { kind: 'delivered', reply }
}

/** Its tables are several megabytes in each worker: they are there from the first failure on. */
async function failureOf(cause: Cause): Promise<AttemptOutcome> {
  const { judge } = await import('../../mail/bounces/classify.ts')
  const { permanent, hardness } = judge(cause)
  return permanent ? { kind: 'bounced', cause, hardness } : { kind: 'deferred', cause }
}

function evidenceOf(
  { transport }: DeliveryOrder,
  { facts, sessions, transcript }: Tried,
  time: { readonly startedAt: Milliseconds; readonly endedAt: Milliseconds },
): AttemptEvidence {
  const tls = facts?.tls ?? null
  return {
    startedAt: time.startedAt,
    endedAt: time.endedAt,
    mx: facts?.exchange ?? null,
    address: facts?.address ?? null,
    source: facts?.source ?? null,
    tls: tls && { version: tls.version, cipher: tls.cipher, verified: tls.dane ?? tls.pkix },
    peerSoftware: facts?.peerSoftware ?? null,
    via: transport.kind === 'mx' ? transport.via : 'direct',
    transcript,
    ...(sessions.length === 0 ? {} : { tlsSessions: sessions }),
  }
}
