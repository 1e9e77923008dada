//
// Owns: the queue over a real SQLite store, with a clock moved by hand, a table for routes, and in place of the delivery
// workers (a port of the queue) a pool that keeps the orders until the test says what came of them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Domain, parseDomain } from '../../src/core/address.ts'
import { type EventId, idsFor } from '../../src/core/ids.ts'
import type { ClaimedDelivery, Delivery } from '../../src/core/message.ts'
import type { AttemptOutcome } from '../../src/core/outcome.ts'
import type { Route } from '../../src/core/route.ts'
import { HOUR } from '../../src/core/time.ts'
import type { DeliveryOrder, DeliveryPoolOptions } from '../../src/net/delivery/order.ts'
import type { Departures } from '../../src/services/queue/departures.ts'
import { NOT_KEPT } from '../../src/services/queue/doubt.ts'
import type { QueueOptions, Routes } from '../../src/services/queue/parts.ts'
import { Queue } from '../../src/services/queue/queue.ts'
import { ProviderBook } from '../../src/services/routing/provider-book.ts'
import { RelayRoutes } from '../../src/services/routing/relay.ts'
import { openStore } from '../../src/store/open.ts'
import type { Holder, QueueStore, Store } from '../../src/store/store.ts'
import type { StoreFault } from '../../src/store/store-fault.ts'
import { acceptanceOf, NOW, storeOptions, type Wish } from '../store/contract/samples.ts'
import { type HandClock, handClock } from './clock.ts'
import { type DeparturesDraft, departuresOver } from './departures.ts'

export const DELIVERED: AttemptOutcome = {
  kind: 'delivered',
  reply: { code: 250, enhanced: null, text: 'ok' },
}
export const NODE: Holder = { node: '0', boot: 'req_1' }

export interface QueueRig extends AsyncDisposable {
  readonly queue: Queue
  readonly store: Store
  readonly clock: HandClock
  readonly departures: Departures
  /** Given to workers and not answered yet, in order. */
  readonly orders: readonly DeliveryOrder[]
  /** Every recipient that was ever given to a worker. */
  readonly sent: readonly string[]
  /** While set, outcomes cannot be stored. */
  fault: StoreFault | null
  /** While set, marketing mail may not be sent. */
  isPaused: boolean
  /** Hears how many deliveries each claim took out of the store. */
  onClaim: (count: number) => void
  /** Comes before contents are read back. */
  onRead: () => void
  /** While set, destinations are not routed: their look-up goes on. */
  hold(destination: string): () => void
  /** Commits a message as the door does: leased and handed over where the queue reserves room. */
  accept(wish: Wish): Promise<'leased' | 'unleased'>
  /** `took`: how long the peer needed for it. */
  answer(order: DeliveryOrder, outcome?: AttemptOutcome, took?: number): void
  answerAll(): void
  eventId(): EventId
  /** Moves the clock, and waits for what its heartbeat wrote. */
  advance(by: number): Promise<void>
  states(): Promise<Readonly<Record<string, Delivery['state']>>>
  waiting(): Promise<number>
}

const OPTIONS: QueueOptions = {
  transport: { kind: 'mx', hello: 'client.test', messagesPerConnection: 100 },
  memory: 10_000_000,
  book: new ProviderBook([]),
  maxConnections: 100,
  laneConnections: 2,
  laneWaiting: 100,
  stopPatience: 0,
  deliver: true,
}

export async function queueRig(
  options: Partial<QueueOptions> = {},
  departures: DeparturesDraft = {},
): Promise<QueueRig> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-queue-'))
  const store = await openStore(`sqlite:${join(folder, 'queue.db')}`, storeOptions())
  const rig = new Rig(store, folder, { options: { ...OPTIONS, ...options }, departures })
  await rig.departures.ledger.start()
  await rig.departures.relays?.start()
  await rig.queue.start()
  return rig
}

class Rig implements QueueRig {
  readonly departures: Departures
  readonly queue: Queue
  readonly store: Store
  readonly clock = handClock(NOW)
  readonly orders: DeliveryOrder[] = []
  readonly sent: string[] = []
  fault: StoreFault | null = null
  isPaused = false
  onClaim: (count: number) => void = () => undefined
  onRead: () => void = () => undefined
  readonly #ids = idsFor('0', () => this.clock.now())
  readonly #folder: string
  readonly #known = new Map<string, Route>()
  readonly #held = new Map<string, Promise<void>>()
  readonly #messages: string[] = []
  #report: DeliveryPoolOptions['onReports'] = () => undefined

  constructor(
    store: Store,
    folder: string,
    { options, departures }: { readonly options: QueueOptions; readonly departures: DeparturesDraft },
  ) {
    this.store = store
    this.departures = departuresOver({ store, clock: this.clock }, departures)
    this.#folder = folder
    const quiet = storeOptions()
    this.queue = new Queue({
      store: this.#failing(store.queue),
      contents: {
        delivery: (id) => store.messages.delivery(id),
        contents: (ids) => {
          this.onRead()
          return store.messages.contents(ids)
        },
      },
      underWay: NOT_KEPT,
      laneStates: store.lanes,
      router: this.#routes(),
      departures: this.departures,
      identities: { peek: () => IDENTITY, load: async () => IDENTITY },
      isPaused: ({ stream }) => this.isPaused && stream === 'marketing',
      suppressed: async () => new Map(),
      openPool: (hooks) => this.#pool(hooks),
      holder: NODE,
      clock: this.clock,
      dice: () => 0.5,
      ids: this.#ids,
      log: quiet.log,
      meter: quiet.meter,
      options,
    })
  }

  async accept(wish: Wish): Promise<'leased' | 'unleased'> {
    const to = wish.to ?? ['ann@one.example']
    const octets = Buffer.byteLength(wish.text ?? '')
    const leased = this.queue.reserve(to.map(destinationOf), octets, acceptanceOf(wish).message)
    const text = wish.text ?? ''
    const acceptance = acceptanceOf({
      ...wish,
      to,
      text,
      leased,
      holder: NODE,
      message: { size: octets, ...wish.message },
    })
    const { message, content } = acceptance
    const done = await this.store.queue.accept(acceptance)
    if (!done.ok || !content) throw new Error('not accepted')
    this.#messages.push(message.id)
    const claimed = acceptance.deliveries.map(
      (delivery): ClaimedDelivery => ({
        ...message,
        ...delivery,
        messageId: message.id,
        attempts: 0,
        lastSource: null,
      }),
    )
    if (leased) this.queue.handOver(content, claimed)
    else this.queue.wake(to.map(destinationOf))
    return leased ? 'leased' : 'unleased'
  }

  answer(order: DeliveryOrder, outcome: AttemptOutcome = DELIVERED, took = 0): void {
    const at = this.orders.indexOf(order)
    if (at === -1) throw new Error('no such order')
    this.orders.splice(at, 1)
    const now = this.clock.now()
    const { transport } = order
    const evidence = {
      startedAt: now - took,
      endedAt: now,
      mx: transport.kind === 'mx' ? (transport.route.hosts[0]?.exchange ?? null) : null,
      address: null,
      source: transport.kind === 'mx' ? transport.source : null,
      tls: null,
      peerSoftware: null,
      via: transport.kind === 'mx' ? transport.via : 'direct',
      transcript: '',
    }
    this.#report([{ slot: order.slot, deliveryId: order.deliveryId, outcome, evidence }])
  }

  eventId(): EventId {
    return this.#ids.event()
  }

  answerAll(): void {
    for (const order of [...this.orders]) this.answer(order)
  }

  hold(destination: string): () => void {
    const gate = Promise.withResolvers<void>()
    this.#held.set(destination, gate.promise)
    return () => gate.resolve()
  }

  async advance(by: number): Promise<void> {
    this.clock.advance(by)
    await this.store.upkeep.probe()
  }

  async states(): Promise<Readonly<Record<string, Delivery['state']>>> {
    const states: Record<string, Delivery['state']> = {}
    for (const id of this.#messages) {
      for (const { recipient, state } of await this.store.messages.deliveries(messageIdOf(id)))
        states[recipient] = state
    }
    return states
  }

  async waiting(): Promise<number> {
    return (await this.store.queue.overview(0)).waiting
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.fault = null
    const stopped = this.queue.stop()
    // The settler may stand between two tries.
    this.clock.advance(1000)
    await stopped
    await this.departures.ledger.stop()
    await this.store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #routes(): Routes {
    const direct: Routes = {
      peek: (domain) => this.#known.get(domain) ?? null,
      find: (domain) => this.#route(domain),
    }
    const { relays } = this.departures
    return relays === null ? direct : new RelayRoutes({ relays, clock: this.clock, direct })
  }

  #failing(queue: QueueStore): QueueStore {
    return {
      ...queue,
      claim: async (asks, now, holder) => {
        const claimed = await queue.claim(asks, now, holder)
        this.onClaim(claimed.length)
        return claimed
      },
      settle: async (settlements, holder) =>
        this.fault ? { ok: false, error: this.fault } : queue.settle(settlements, holder),
    }
  }

  #pool(hooks: Pick<DeliveryPoolOptions, 'onReports'>) {
    this.#report = hooks.onReports
    return {
      workers: 1,
      send: (orders: readonly DeliveryOrder[]) => {
        this.orders.push(...orders)
        this.sent.push(...orders.map((order) => order.recipient))
      },
      setKeys: () => undefined,
      retire: () => undefined,
      stop: async () => undefined,
    }
  }

  async #route(domain: Domain): Promise<Route> {
    await this.#held.get(domain)
    const exchange = { exchange: `mx.${domain}`, preference: 10, addresses: ['192.0.2.1'] }
    const validUntil = NOW + 1000 * HOUR
    const tls = { kind: 'opportunistic' } as const
    const route: Route = {
      kind: 'mx',
      domain,
      provider: domain,
      hosts: [exchange],
      port: 25,
      tls,
      validUntil,
    }
    this.#known.set(domain, route)
    return route
  }
}

const IDENTITY = { keys: [], returnPath: () => null }

function destinationOf(recipient: string): Domain {
  const parsed = parseDomain(recipient.slice(recipient.lastIndexOf('@') + 1))
  if (!parsed.ok) throw new Error(recipient)
  return parsed.value
}

const messageIdOf = (id: string) => id as Parameters<Store['messages']['deliveries']>[0]
