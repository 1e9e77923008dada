//
// Owns: that every host has a certificate of the authority, by the clock: looks once a minute what is due, orders one after
// the other, hands out what is to be served.
// Never: when something is due (course.ts), how it is ordered (ordering.ts).
//
// One certificate a host: a tracking host that no longer leads here fails alone, and everybody else's is renewed.

import type { Certificate } from '../../core/certificate.ts'
import type { Dice, Log, Meter } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import { type AcmeFault, ours, remedyOf } from '../../net/tls/acme/fault.ts'
import { suggestedWindow } from '../../net/tls/acme/renewal-info.ts'
import type { StoredCertificate } from '../../store/certificate-store.ts'
import { afterFailure, afterIssue, afterWindow, isDue, isPast } from './course.ts'
import { type Kept, keptOf, leafFacts, rowOf } from './kept.ts'
import { clientOf, type OrderingParts, orderOne } from './ordering.ts'

export interface CareParts extends Omit<OrderingParts, 'signal'> {
  readonly dice: Dice
  readonly log: Log
  readonly meter: Meter
  readonly resolver: Pick<Resolver, 'addresses'>
  /** The same after a restart: what it left is its own. */
  readonly node: string
  /** Those that must not wait first. */
  readonly hosts: () => Promise<readonly string[]>
  /** Called when it is another than before; what is told is all of it. */
  readonly serve: (pairs: ReadonlyMap<string, Certificate>) => void
  /** After each look: what the first host lacks; null: nothing. */
  readonly judged: (lack: string | null) => void
}

const LOOK_EVERY: Milliseconds = MINUTE
/** Longer than an order takes; a node that died holds it no longer. */
const LEASE: Milliseconds = 15 * MINUTE
/** Let's Encrypt takes 300 new orders in 3 hours. */
const ORDERS_AT_MOST = 200
const ORDERS_WITHIN: Milliseconds = 3 * HOUR

export class CertificateCare {
  readonly #parts: CareParts
  readonly #stop = new AbortController()
  readonly #served = new Map<string, { readonly row: StoredCertificate; readonly pair: Certificate }>()
  #cancel: () => void = () => {}
  #turning: Promise<void> | null = null
  #again = false

  constructor(parts: CareParts) {
    this.#parts = parts
  }

  /** What is in the store is served before anybody listens; the first look is not waited for. */
  async start(): Promise<void> {
    const rows = await this.#parts.store.all()
    this.#serve(rows)
    this.#tell(await this.#parts.hosts(), rows)
  }

  /** Looks now. While it looks already, once more afterwards. */
  wake(): void {
    if (this.#stop.signal.aborted) return
    if (this.#turning !== null) {
      this.#again = true
      return
    }
    this.#cancel()
    this.#turning = this.#look().finally(() => {
      this.#turning = null
      if (this.#stop.signal.aborted) return
      this.#cancel = this.#parts.clock.after(this.#again ? 0 : LOOK_EVERY, () => this.wake())
      this.#again = false
    })
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cancel()
    await this.#turning
  }

  async #look(): Promise<void> {
    try {
      await this.#turn()
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        this.#parts.log.error('certificates could not be looked at; it is tried again', {
          error: String(error),
        })
      }
    }
  }

  async #turn(): Promise<void> {
    const { clock, store } = this.#parts
    const hosts = await this.#parts.hosts()
    await this.#tidy(hosts)
    const before = await store.all()
    this.#serve(before)
    let orders = ordersLately(before, clock.now())
    for (const [place, host] of hosts.entries()) {
      const row = before.find((one) => one.host === host)
      const work = row === undefined ? null : this.#workOn(this.#kept(row))
      if (work === null || (work === 'order' && orders >= ORDERS_AT_MOST)) continue
      if (work === 'order') orders += 1
      await this.#leased(host, work)
      if (this.#stop.signal.aborted) return
      // The node's own name does not wait for those of its tenants.
      if (place > 0) continue
      const rows = await store.all()
      this.#serve(rows)
      this.#tell(hosts, rows)
    }
    const rows = await store.all()
    this.#serve(rows)
    this.#tell(hosts, rows)
  }

  /** A row for each host; of hosts that are no longer ours, those whose certificate has ended go. */
  async #tidy(hosts: readonly string[]): Promise<void> {
    const { clock, store } = this.#parts
    const now = clock.now()
    await store.forgetChallenges(now)
    const rows = await store.all()
    const known = new Set(rows.map(({ host }) => host))
    for (const host of hosts) if (!known.has(host)) await store.expect(host)
    const wanted = new Set(hosts)
    for (const row of rows) {
      if (wanted.has(row.host)) continue
      const facts = leafFacts(this.#kept(row).pair)
      if (facts === null || facts.notAfter < now) await store.drop(row.host)
    }
  }

  #workOn({ course, pair, wantedAt }: Kept): 'order' | 'ask' | null {
    const now = this.#parts.clock.now()
    if (isDue(course, wantedAt > 0, now)) return 'order'
    return pair !== null && course.renewAt !== null && isPast(course.askAt, now) ? 'ask' : null
  }

  /** Under a lease, and on the row as it is under it: another node may just have done the work. */
  async #leased(host: string, work: 'order' | 'ask'): Promise<void> {
    const { clock, node, store, seals } = this.#parts
    const now = clock.now()
    const leased = await store.lease({ host, by: node, now, until: now + LEASE })
    if (!leased.ok || !leased.value) return
    const row = (await store.all()).find((one) => one.host === host)
    if (row === undefined) return
    const kept = this.#kept(row)
    let next = kept
    if (this.#workOn(kept) === work) next = work === 'order' ? await this.#order(kept) : await this.#ask(kept)
    await store.save({ ...rowOf(next, seals), leaseUntil: 0 }, node)
  }

  async #order(kept: Kept): Promise<Kept> {
    const { authority, clock, dice, log, meter, node, seals, store } = this.#parts
    const { directory } = authority
    const { host, course } = kept
    const lost = await this.#leadsNowhere(host)
    let order = kept.order
    const made: Result<Certificate, AcmeFault> =
      lost !== null
        ? fault(lost)
        : await orderOne(this.#ordering(), kept, async (fresh) => {
            order = fresh
            const row = rowOf({ ...kept, order: fresh, directory }, seals)
            const saved = await store.save({ ...row, leaseUntil: clock.now() + LEASE }, node)
            return saved.ok && saved.value ? ok(undefined) : fault(ours('the order cannot be kept'))
          })
    const chance = { now: clock.now(), dice: dice() }
    const facts = made.ok ? leafFacts(made.value) : null
    if (made.ok && facts !== null) {
      const next = afterIssue(course, facts, chance)
      meter.count('certificate_orders_total', 1, { result: 'issued' })
      log.info('certificate issued', { host, issuer: facts.issuer, until: iso(facts.notAfter) })
      return { host, pair: made.value, order: null, course: next, wantedAt: 0, directory }
    }
    // What stands goes on with the next start.
    if (made.ok || this.#stop.signal.aborted) return { ...kept, order, directory }
    const counts = lost === null
    const remedy = remedyOf(made.error, host)
    const next = afterFailure(course, { fault: made.error, remedy, counts }, chance)
    meter.count('certificate_orders_total', 1, { result: counts ? made.error.kind : 'no_address' })
    log.warn('certificate not issued; it is tried again', {
      host,
      detail: made.error.detail,
      remedy,
      next: iso(Math.max(next.nextTryAt, next.limitedUntil)),
    })
    const goesOn = made.error.kind === 'away' || made.error.kind === 'limited'
    // Whoever asked for it gets this answer; the next try is ours to choose.
    return { ...kept, order: goesOn ? order : null, course: next, wantedAt: 0, directory }
  }

  /** What the authority would find out at the cost of one of our few tries. */
  async #leadsNowhere(host: string): Promise<AcmeFault | null> {
    const found = await this.#parts.resolver.addresses(host)
    if (found.ok || (found.error !== 'nxdomain' && found.error !== 'nodata')) return null
    const detail = `${host} has neither an A nor an AAAA record: the authority was not asked`
    return { kind: 'refused', type: 'dns', detail, retryAfter: null }
  }

  async #ask(kept: Kept): Promise<Kept> {
    const { clock, dice, log } = this.#parts
    const client = await clientOf(this.#ordering())
    const window =
      client.ok && kept.pair !== null ? await suggestedWindow(client.value, kept.pair.cert) : null
    const chance = { now: clock.now(), dice: dice() }
    // Its silence changes nothing (RFC 9773 §4.3.3): the date by the life of the certificate stands.
    if (window === null || !window.ok)
      return { ...kept, course: { ...kept.course, askAt: chance.now + HOUR } }
    const course = afterWindow(kept.course, window.value, chance)
    const before = kept.course.renewAt ?? 0
    if (course.renewAt !== null && before - course.renewAt > 24 * HOUR) {
      log.info('the authority wants an earlier renewal', {
        host: kept.host,
        at: iso(course.renewAt),
        why: course.why,
      })
    }
    return { ...kept, course }
  }

  #ordering(): OrderingParts {
    return { ...this.#parts, signal: this.#stop.signal }
  }

  #kept(row: StoredCertificate): Kept {
    return keptOf(row, this.#parts.authority.directory, this.#parts.seals)
  }

  /** Keys are opened when they changed, not once a minute. */
  #serve(rows: readonly StoredCertificate[]): void {
    let changed = false
    for (const row of rows) {
      if (this.#served.get(row.host)?.row.chain === row.chain || row.chain === '') continue
      const { pair } = this.#kept(row)
      if (pair === null) continue
      this.#served.set(row.host, { row, pair })
      changed = true
    }
    const here = new Set(rows.map(({ host }) => host))
    for (const host of this.#served.keys()) {
      if (here.has(host)) continue
      this.#served.delete(host)
      changed = true
    }
    if (changed) this.#parts.serve(new Map([...this.#served].map(([host, { pair }]) => [host, pair])))
  }

  #tell(hosts: readonly string[], rows: readonly StoredCertificate[]): void {
    const { judged, meter } = this.#parts
    for (const [host, { pair }] of this.#served) {
      const facts = leafFacts(pair)
      if (facts !== null)
        meter.gauge('certificate_expiry_seconds', Math.floor(facts.notAfter / 1000), { host })
    }
    const [first] = hosts
    judged(
      first === undefined
        ? 'server.hostname is no name that an authority certifies'
        : this.#lackOf(first, rows),
    )
  }

  /** Null: nothing. */
  #lackOf(first: string, rows: readonly StoredCertificate[]): string | null {
    const now = this.#parts.clock.now()
    const row = rows.find(({ host }) => host === first)
    const kept = row === undefined ? null : this.#kept(row)
    const facts = leafFacts(kept?.pair ?? null)
    if (facts !== null && facts.notAfter > now) return null
    const state = facts === null ? 'is self-signed until an authority has issued one' : 'has expired'
    const detail = kept?.course.fault?.detail
    return `the certificate of ${first} ${state}${detail === undefined ? '' : `: ${detail}`}`
  }
}

const iso = (at: Milliseconds): string => new Date(at).toISOString()

/** Of all hosts together, whatever came of them. */
function ordersLately(rows: readonly StoredCertificate[], now: Milliseconds): number {
  const moments = rows.flatMap(({ course }) => momentsIn(course))
  return moments.filter((at) => at > now - ORDERS_WITHIN && at <= now).length
}

function momentsIn(course: string): readonly number[] {
  const { failedAt = [], issuedAt = [] } = JSON.parse(course) as { failedAt?: number[]; issuedAt?: number[] }
  return [...failedAt, ...issuedAt]
}
