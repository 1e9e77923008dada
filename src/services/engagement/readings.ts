//
// Owns: from a request for a pixel or a link to an event in the log: whose copy it is, whether a person was there, and the commit.
// Never: lets a reader wait. What was asked is answered by then; what cannot be kept is counted, and said once a minute.
//
// What comes during a commit makes the next batch; where several come during one, more are gathered for a moment. A crash loses
// what waits here, which is what came within that moment; while the store is in trouble up to MAX_WAITING.

import type { DeliveryId, Ids } from '../../core/ids.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import { judgeVisit } from '../../mail/tracking/machine.ts'
import type { Copy, EngagementStore, ReadingEvent } from '../../store/engagement-store.ts'
import { type StoreFault, StoreUnavailable } from '../../store/store-fault.ts'
import { Moments } from './moments.ts'
import type { Reading } from './reading.ts'

export interface ReadingsParts {
  readonly store: Pick<EngagementStore, 'append' | 'copies'>
  /** After the commit of these: who posts to webhooks is in a hurry. */
  readonly ring: (told: readonly { readonly events: readonly ReadingEvent[] }[]) => void
  /** Whether an address is of a hosting or security company. */
  readonly isKnownNetwork: (ip: string) => boolean
  readonly ids: Pick<Ids, 'event'>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** Of one commit; the writer takes 5 ms for so many. */
export const BATCH = 500
/** Of at most 2 KB each: what a store that is away for some seconds costs. */
export const MAX_WAITING = 20_000
const PATIENCE: Milliseconds = SECOND
/** To look for ten copies and to write of them costs little more than for one. */
const GATHER: Milliseconds = 20
const SEVERAL = 4

export class Readings {
  readonly #parts: ReadingsParts
  readonly #moments = new Moments()
  #waiting: Reading[] = []
  #dropped = 0
  #saidAt = Number.NEGATIVE_INFINITY
  #running: Promise<void> | null = null
  #stopped = false
  #wake: () => void = () => undefined

  constructor(parts: ReadingsParts) {
    this.#parts = parts
  }

  /** Never throws, never waits. */
  note(reading: Reading): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#drop(1)
      return
    }
    this.#waiting.push(reading)
    this.#run()
  }

  /** Brings in what waits; tries no longer than once where the store is in trouble. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake()
    await this.#running
    if (this.#dropped > 0) this.#say()
  }

  #run(): void {
    if (this.#running !== null) return
    this.#running = this.#bring().finally(() => {
      this.#running = null
      if (this.#waiting.length > 0) this.#run()
    })
  }

  async #bring(): Promise<void> {
    // What came in the same turn goes along.
    await new Promise((turn) => setImmediate(turn))
    while (this.#waiting.length > 0) {
      const readings = this.#waiting.slice(0, BATCH)
      this.#waiting = this.#waiting.slice(readings.length)
      await this.#keep(readings)
      const left = this.#waiting.length
      if (readings.length >= SEVERAL && left > 0 && left < BATCH && !this.#stopped) await this.#pause(GATHER)
    }
  }

  /** Until it is kept, or until the end. Never rejects: who comes next has to have his turn. */
  async #keep(readings: readonly Reading[]): Promise<void> {
    try {
      const events = await this.#patiently(readings.length, async () => {
        const copies = await this.#parts.store.copies(copiesOf(readings))
        return ok(this.#judged(readings, copies))
      })
      if (events !== null && events.length > 0) await this.#append(events)
    } catch (error) {
      this.#refused(readings.length, error)
    }
  }

  async #append(events: readonly ReadingEvent[], before?: 'again'): Promise<void> {
    let again = before
    try {
      const kept = await this.#patiently(events.length, async () => {
        const end = await this.#parts.store.append(events, again)
        again = 'again'
        return end
      })
      if (kept !== null) this.#tell(events)
    } catch (error) {
      if (events.length === 1) {
        this.#refused(1, error)
        return
      }
      // One that no store would ever take must not take along the others.
      for (const event of events) await this.#append([event], 'again')
    }
  }

  #refused(count: number, error: unknown): void {
    this.#parts.log.error('opens or clicks were refused by the store', { count, error: String(error) })
    this.#drop(count)
  }

  /** What the store answers when it answers; null at the end, when it does not. Throws what is no trouble of the store's. */
  async #patiently<T>(count: number, ask: () => Promise<Result<T, StoreFault>>): Promise<T | null> {
    for (let round = 0; ; round++) {
      const answer = await asked(ask)
      if (answer.ok) return answer.value
      if (round === 0) {
        const what = 'opens and clicks cannot be stored; it is tried again every second'
        this.#parts.log.error(what, { error: answer.error })
      }
      if (this.#stopped) {
        this.#drop(count)
        return null
      }
      await this.#pause(PATIENCE)
    }
  }

  #judged(readings: readonly Reading[], copies: ReadonlyMap<DeliveryId, Copy>): readonly ReadingEvent[] {
    const links = readings.map((reading) =>
      reading.kind === 'click' ? this.#moments.note(reading.deliveryId, reading.link, reading.at) : 1,
    )
    this.#moments.forget(readings.at(-1)?.at ?? 0)
    const most = mostOf(readings, links)
    const events: ReadingEvent[] = []
    for (const reading of readings) {
      const copy = copies.get(reading.deliveryId)
      // Retention has removed it: nobody knows any more whose it was.
      if (copy === undefined) this.#parts.meter.count('readings_of_removed_mail_total')
      else events.push(this.#event(reading, copy, most.get(reading.deliveryId) ?? 1))
    }
    return events
  }

  #event(reading: Reading, copy: Copy, linksInMoment: number): ReadingEvent {
    const { ids, isKnownNetwork } = this.#parts
    const { at, ip, userAgent } = reading
    const verdict = judgeVisit({
      ...reading,
      knownNetwork: ip !== null && isKnownNetwork(ip),
      deliveredAt: deliveredAt(copy),
      linksInMoment,
      links: reading.kind === 'click' ? reading.links : 0,
    })
    const { accountId, messageId, id: deliveryId, recipient } = copy
    const head = { id: ids.event(), accountId, messageId, deliveryId, recipient, at }
    const facts = { ip, userAgent, ...verdict }
    return reading.kind === 'open'
      ? { ...head, type: 'email.opened', ...facts }
      : { ...head, type: 'email.clicked', url: reading.target, ...facts }
  }

  #tell(events: readonly ReadingEvent[]): void {
    const { meter, ring } = this.#parts
    for (const { type, machine } of events) {
      const by = { machine: machine === null ? 'unknown' : String(machine) }
      if (type === 'email.opened') meter.count('opens_total', 1, by)
      else meter.count('clicks_total', 1, by)
    }
    if (events.length > 0) ring([{ events }])
  }

  #drop(count: number): void {
    this.#dropped += count
    this.#parts.meter.count('readings_dropped_total', count)
    if (this.#parts.clock.monotonic() - this.#saidAt >= MINUTE) this.#say()
  }

  #say(): void {
    this.#saidAt = this.#parts.clock.monotonic()
    this.#parts.log.error(
      'opens and clicks were not counted: the store does not take them as fast as they come',
      {
        dropped: this.#dropped,
      },
    )
    this.#dropped = 0
  }

  #pause(wait: Milliseconds): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(wait, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}

async function asked<T>(ask: () => Promise<Result<T, StoreFault>>): Promise<Result<T, StoreFault>> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof StoreUnavailable) return fault('unavailable')
    throw error
  }
}

const copiesOf = (readings: readonly Reading[]): readonly DeliveryId[] => [
  ...new Set(readings.map(({ deliveryId }) => deliveryId)),
]

/** A program's first clicks are judged by those that came with them. */
function mostOf(readings: readonly Reading[], links: readonly number[]): ReadonlyMap<DeliveryId, number> {
  const most = new Map<DeliveryId, number>()
  for (const [at, { deliveryId }] of readings.entries()) {
    most.set(deliveryId, Math.max(most.get(deliveryId) ?? 1, links[at] ?? 1))
  }
  return most
}

/** A late bounce has overwritten when it was taken. */
function deliveredAt({ state, finishedAt }: Copy): Milliseconds | 'not-yet' | null {
  if (state === 'queued' || state === 'held') return 'not-yet'
  return state === 'delivered' ? finishedAt : null
}
