//
// Owns: a slot: orders one after the other, over one connection as long as they go the same way.
// Never: how many slots there are, or which order goes to which (services/queue/lanes.ts).

import type { AttemptOutcome, Cause } from '../../core/outcome.ts'
import type { Milliseconds } from '../../core/time.ts'
import { judge } from '../../mail/bounces/classify.ts'
import type { Connection } from '../smtp/connection.ts'
import { frame } from '../smtp/data-framing.ts'
import type { ConnectionFacts } from '../smtp/peer.ts'
import type { Outgoing } from '../smtp/pending.ts'
import type { TransactionEnd } from '../smtp/transaction.ts'
import { type Attempted, attempt, type Way } from './attempt.ts'
import { capture } from './capture.ts'
import type { DeliveryOrder, DeliveryReport, MxTransport, ReachableRoute } from './order.ts'
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
    const { end, facts } = await this.#tried(next)
    return {
      slot: order.slot,
      deliveryId: order.deliveryId,
      outcome: outcomeOf(end),
      evidence: { ...evidenceOf(facts), startedAt, endedAt: now() },
    }
  }

  /** An exception is a bug of ours: it must cost neither the slot nor the message (invariant I4). */
  async #tried(next: Waiting): Promise<Pick<Attempted, 'end' | 'facts'>> {
    try {
      const { order } = next
      if (order.transport.kind === 'capture') return await this.#capture(order, order.transport.folder)
      const outgoing = next.outgoing ?? this.#outgoing(order)
      if (typeof outgoing === 'string') return failedHere(outgoing)
      return await this.#send(outgoing, order.transport)
    } catch (error) {
      return failedHere(error instanceof Error ? error.message : String(error))
    }
  }

  async #capture(order: DeliveryOrder, folder: string): Promise<Pick<Attempted, 'end' | 'facts'>> {
    const rendered = this.#parts.renderer.render(order)
    if (!rendered.ok) return failedHere(rendered.error)
    const path = await capture(folder, order.deliveryId, rendered.value.pieces)
    const reply = { code: 250, enhanced: null, text: `captured as ${path}` }
    return { end: { kind: 'accepted', reply }, facts: null }
  }

  /** Or why it cannot be rendered. */
  #outgoing(order: DeliveryOrder): Outgoing | string {
    const rendered = this.#parts.renderer.render(order)
    if (!rendered.ok) return rendered.error
    const { size, eightBit, utf8Header, pieces } = rendered.value
    const { reversePath, recipient } = order
    return {
      mail: { reversePath, forwardPath: recipient, size, eightBit, utf8Header },
      content: frame(pieces),
    }
  }

  async #send(outgoing: Outgoing, transport: MxTransport): Promise<Attempted> {
    const kept = this.#take(outgoing, transport)
    const attempted = await attempt(outgoing, transport, kept, this.#parts.way)
    this.#keep(attempted.connection)
    return attempted
  }

  /** The open connection, if it leads where this route leads, as safely as it demands. */
  #take(outgoing: Outgoing, transport: MxTransport): Connection | null {
    const connection = this.#connection
    if (connection === null || connection.holds(outgoing)) return connection
    const fresh = this.#messages < transport.messagesPerConnection
    if (fresh && connection.usable && suits(connection.facts, transport.route)) return connection
    this.#letGo()
    return null
  }

  /** What may go out right behind the message under way: the next order, if it goes the same way. */
  #following(connection: Connection): Outgoing | null {
    // One whose turn has not come may be under way already: its predecessor's end and its own 354 come in one packet.
    const begun = this.#waiting.filter(({ outgoing }) => outgoing !== null).length
    const next = this.#waiting[begun]
    // Those under way are not counted yet.
    const transport = next?.order.transport
    if (transport?.kind !== 'mx' || next === undefined) return null
    if (this.#messages + begun + 1 >= transport.messagesPerConnection) return null
    try {
      if (!suits(connection.facts, transport.route)) return null
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

function suits(facts: ConnectionFacts, route: ReachableRoute): boolean {
  if (route.tls.kind === 'required' && facts.tls === null) return false
  if (route.tls.kind === 'verified' && facts.tls?.verified !== true) return false
  return route.hosts.some(
    (host) => host.exchange === facts.exchange && host.addresses.includes(facts.address),
  )
}

const failedHere = (detail: string): Pick<Attempted, 'end' | 'facts'> => ({
  end: { kind: 'failed', cause: { kind: 'internal', detail }, untouched: true },
  facts: null,
})

function outcomeOf(end: TransactionEnd): AttemptOutcome {
  return end.kind === 'accepted' ? { kind: 'delivered', reply: end.reply } : failureOf(end.cause)
}

function failureOf(cause: Cause): AttemptOutcome {
  const { permanent, hardness } = judge(cause)
  return permanent ? { kind: 'bounced', cause, hardness } : { kind: 'deferred', cause }
}

const evidenceOf = (facts: ConnectionFacts | null) => ({
  mx: facts?.exchange ?? null,
  address: facts?.address ?? null,
  source: facts?.source ?? null,
  tls: facts?.tls ?? null,
  peerSoftware: facts?.peerSoftware ?? null,
  via: 'direct',
  transcript: '',
})
