//
// Owns: which way a delivery takes out of here, and the books about it: what was sent to whom from where, and which way
// is left when one failed.
// Never: lanes (lanes.ts), permanence, or time of the next attempt (retry.ts).

import type { Domain } from '../../core/address.ts'
import type { ClaimedDelivery, Stream } from '../../core/message.ts'
import type { AttemptEvidence, AttemptOutcome, Cause } from '../../core/outcome.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { Route } from '../../core/route.ts'
import { HOUR } from '../../core/time.ts'
import { judge } from '../../mail/bounces/classify.ts'
import { pressureOfVerdict } from '../../mail/bounces/pressure.ts'
import type { DueAsk } from '../../store/store.ts'
import type { Standing } from '../sources/ledger.ts'
import type { PoolFacts } from '../sources/pools.ts'
import type { Answered } from '../sources/warmup.ts'
import type { Departures } from './departures.ts'
import { Egress } from './egress.ts'
import type { Lanes } from './lanes.ts'
import type { QueueOptions } from './parts.ts'
import { type Ground, type Placement, placementOf } from './placement.ts'

export interface WaysParts {
  readonly departures: Departures
  readonly transport: QueueOptions['transport']
  readonly lanes: Lanes
  readonly meter: Meter
  readonly log: Log
  readonly clock: Pick<Clock, 'monotonic'>
  readonly providerOf: (destination: Domain) => string
}

/** So many may see at once whether an address that was not used yet may go. */
const UNUSED = 50
/** What waited for a new day does not leave in one moment. */
const SPREAD = HOUR
const DIRECT = 'direct'

export class Ways {
  readonly #parts: WaysParts
  readonly #ground: Ground
  readonly #egress = new Egress()

  constructor(parts: WaysParts) {
    this.#parts = parts
    this.#ground = { ...parts, isCutOff: (provider) => this.#isCutOff(provider) }
    parts.departures.relays?.heed((name) => parts.lanes.holdsBack(name))
    parts.meter.gauge('egress_open', 1)
  }

  /** `dice` spreads what has to wait for tomorrow. */
  place(delivery: ClaimedDelivery, route: Route | null, dice: () => number): Placement {
    const placement = placementOf(delivery, route, this.#ground)
    if (placement.kind === 'lane') {
      if (placement.standing !== null && delivery.stream === 'marketing') placement.standing.underWay += 1
      return placement
    }
    if (placement.kind === 'nowhere' || placement.short === null) return placement
    const { departures, meter } = this.#parts
    departures.ledger.ranShort(placement.short)
    meter.count('warmup_waits_total')
    // A smarthost whose lane is full takes it in a moment; without one it is a matter of days.
    return departures.relays === null ? { ...placement, wait: placement.wait + dice() * SPREAD } : placement
  }

  /** It left the hands of the dispatcher, whatever came of it. */
  letGo(delivery: ClaimedDelivery, standing: Standing | null): void {
    if (standing !== null && delivery.stream === 'marketing') standing.underWay -= 1
  }

  /** Books what came of an attempt. True: another way is open, and worth taking at once. */
  finished(delivery: ClaimedDelivery, standing: Standing | null, at: AttemptEnd): boolean {
    const { departures } = this.#parts
    const { outcome, evidence } = at
    const { via } = evidence
    const connected = via === DIRECT ? this.#noteEgress(delivery, at) : true
    if (outcome.kind === 'delivered') {
      if (standing !== null) departures.ledger.answered(standing, 'sent')
      departures.detours.drop(delivery.id)
      return false
    }
    if (standing !== null) this.#bookFailure(standing, outcome)
    const open = via === DIRECT ? this.#isRoundOpen(delivery, at, connected) : this.#isRelayLeft(delivery, at)
    if (!open && outcome.kind === 'bounced') departures.detours.drop(delivery.id)
    return open
  }

  /** All our addresses are unwanted there, and a smarthost takes over: its mail need not wait for the pause to end. */
  goesRound(provider: string): boolean {
    const { departures, lanes } = this.#parts
    if (departures.relays === null || !this.#hasRelaySpace()) return false
    if (this.#egress.isClosed && !departures.relays.names.includes(provider)) return true
    return departures.sources.sources.every((source) => lanes.turnsAway(provider, source.address))
  }

  /** What waits for a smarthost that fails need not wait for it, where another one serves its domain. */
  hasNextRelay({ destination }: ClaimedDelivery, name: string): boolean {
    const { relays } = this.#parts.departures
    if (!relays?.names.includes(name)) return false
    const next = relays.peek(destination)?.name
    return next !== undefined && next !== name
  }

  /** Providers for which the store need not be asked: of any mail, or of marketing mail, of which there may be no more today. */
  busy(): Pick<DueAsk, 'busy' | 'busyMarketing'> {
    const { departures, lanes } = this.#parts
    const { transactional, marketing } = lanes.full()
    for (const full of [transactional, marketing]) {
      for (const provider of full) {
        if (this.#hasUnused(provider) || this.goesRound(provider)) full.delete(provider)
      }
    }
    if (departures.relays === null || !this.#hasRelaySpace()) {
      for (const provider of departures.ledger.exhausted()) marketing.add(provider)
    }
    return { busy: transactional, busyMarketing: marketing }
  }

  /** Of mail out of the store. */
  spaceOf(provider: string, stream: Stream = 'transactional'): number {
    const { departures, lanes } = this.#parts
    if (!this.goesRound(provider)) {
      const space = lanes.spaceOf(provider, stream)
      return space === 0 && this.#hasUnused(provider) ? UNUSED : space
    }
    return (departures.relays?.names ?? []).reduce(
      (most, name) => Math.max(most, lanes.spaceOf(name, stream)),
      0,
    )
  }

  /** Something may go there. */
  isOpen(provider: string): boolean {
    return this.spaceOf(provider) > 0
  }

  /** An address of ours that has no lane there yet may be able to go: whoever is placed will know. */
  #hasUnused(provider: string): boolean {
    const { departures, lanes } = this.#parts
    if (departures.relays?.names.includes(provider)) return false
    return lanes.countAt(provider) < departures.sources.sources.length
  }

  /** For people: why this waits though it is due. */
  whyWaiting(provider: string, facts: PoolFacts): string | null {
    const { ledger, relays, sources } = this.#parts.departures
    if (this.#egress.isClosed && relays === null) return CLOSED
    if (facts.stream !== 'marketing' || relays !== null || !ledger.isExhausted(provider)) return null
    const [source] = sources.of(facts)
    const from = source?.address ?? 'this machine'
    return `It waits for the warm-up budget of ${from} at ${provider}: today’s is used, the next begins at midnight UTC.`
  }

  #bookFailure(standing: Standing, outcome: Failure): void {
    const answered = answeredBy(outcome)
    if (answered !== null) this.#parts.departures.ledger.answered(standing, answered)
  }

  /** A provider that does not want our address may want another one, or a smarthost's (RFC 5321 §5.1 forbids no way that leads there). */
  #isRoundOpen(delivery: ClaimedDelivery, { outcome, evidence }: AttemptEnd, connected: boolean): boolean {
    const { detours, relays } = this.#parts.departures
    if (outcome.kind === 'delivered') return false
    const isUnwanted = isAgainstOurAddress(outcome.cause)
    const isOpen =
      relays === null
        ? isUnwanted && this.#hasOtherSource(delivery, evidence.source)
        : (isUnwanted || (!connected && this.#egress.isClosed)) && relays.peek(delivery.destination) !== null
    if (isOpen) detours.add(delivery.id)
    return isOpen
  }

  /** One other address is tried: who refuses the mail itself would refuse it from all of them. */
  #hasOtherSource(delivery: ClaimedDelivery, used: string | null): boolean {
    const { departures, lanes, providerOf } = this.#parts
    if (used === null || departures.detours.has(delivery.id)) return false
    const mine = departures.sources.of(delivery)
    // The only one may be the system's choice, which has no name here.
    if (mine.length < 2) return false
    const provider = providerOf(delivery.destination)
    return mine.some(({ address }) => address !== used && !lanes.turnsAway(provider, address))
  }

  /** False when nobody took the connection. */
  #noteEgress({ destination }: ClaimedDelivery, { outcome, evidence }: AttemptEnd): boolean {
    // Nobody was asked.
    if (evidence.mx === null) return true
    const { clock, log, meter, providerOf } = this.#parts
    const now = clock.monotonic()
    const met = outcome.kind === 'delivered' ? true : wasMet(outcome.cause)
    if (met === true && this.#egress.reached(now)) {
      meter.gauge('egress_open', 1)
      log.info('providers can be reached on port 25 again')
    }
    if (met === false && this.#egress.failed(providerOf(destination), now)) {
      meter.gauge('egress_open', 0)
      const byRelay = this.#parts.departures.relays !== null
      log.error(CLOSED, { mail: byRelay ? 'goes by relay; a message a minute tries' : 'waits' })
    }
    return met !== false
  }

  /** One message a minute goes out to see. */
  #isCutOff(provider: string): boolean {
    if (!this.#egress.isClosed) return false
    const { clock, lanes } = this.#parts
    if (!this.#egress.takesProbe(clock.monotonic())) return true
    lanes.probe(provider)
    return false
  }

  #isRelayLeft(delivery: ClaimedDelivery, { outcome, evidence }: AttemptEnd): boolean {
    const { relays } = this.#parts.departures
    if (relays === null || outcome.kind === 'delivered' || !isRelaysOwn(outcome.cause)) return false
    return relays.failed(evidence.via, delivery.destination)
  }

  #hasRelaySpace(): boolean {
    const { departures, lanes } = this.#parts
    return departures.relays?.names.some((name) => lanes.spaceOf(name) > 0) ?? false
  }
}

const CLOSED =
  'No provider can be reached on port 25 from here: most hosters block it until asked. Ask yours to open it, or send through a relay (delivery.mode "hybrid" or "relay").'

export interface AttemptEnd {
  readonly outcome: AttemptOutcome
  /** `mx` is null where nobody was asked; `source` is our address that it left from. */
  readonly evidence: Pick<AttemptEvidence, 'via' | 'mx' | 'source'>
}
type Failure = Exclude<AttemptOutcome, { kind: 'delivered' }>

/** Null for what says nothing about us: nobody answered, the recipient's own trouble, greylisting. */
function answeredBy({ kind, cause }: Failure): Answered | null {
  if (cause.kind !== 'reply') return null
  const verdict = judge(cause)
  if (pressureOfVerdict(verdict) === 'blocked') return 'blocked'
  if (kind === 'bounced') return verdict.hardness === 'hard' ? 'hard-bounced' : 'sent'
  return verdict.reason === 'greylisted' || verdict.blame === 'recipient' ? null : 'deferred'
}

function isAgainstOurAddress(cause: Cause): boolean {
  if (cause.kind !== 'reply') return false
  const verdict = judge(cause)
  return pressureOfVerdict(verdict) === 'blocked' || verdict.reason === 'ptr_missing'
}

/** Whether a host took the connection; null where that is not known. */
function wasMet(cause: Cause): boolean | null {
  if (cause.kind === 'network') return cause.at !== 'connect'
  return cause.kind === 'reply' || cause.kind === 'uncertain' ? true : null
}

/** It could not be reached, or let us not in: its word about the recipient is another thing. */
const isRelaysOwn = (cause: Cause): boolean =>
  (cause.kind === 'network' && cause.at !== 'dialogue') ||
  (cause.kind === 'policy' && (cause.rule === 'relay-auth' || cause.rule === 'tls-required'))
