//
// Owns: the MTA-STS policy of each recipient domain (RFC 8461): asked for once, kept until its end, renewed before it.
// Never: drops a policy that still lives because somebody cannot be reached: that is what an attacker would bring about
// (§5.1, §10.2, T4). What a policy does to a route is tls-policy.ts's.

import { ClockStep } from '../../core/clock-step.ts'
import type { TlsResultType } from '../../core/outcome.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { Resolver } from '../../net/dns/resolver.ts'
import type { HttpAnswer, HttpFault, OutgoingHttp } from '../../net/http/outgoing.ts'
import type { StoredStsPolicy, TlsStore } from '../../store/tls-store.ts'
import { announcedId, parseStsPolicy, type StsPolicy } from './sts-policy.ts'

export interface StsParts {
  readonly resolver: Pick<Resolver, 'txt'>
  readonly http: Pick<OutgoingHttp, 'get'>
  readonly store: Pick<TlsStore, 'stsPolicy' | 'keepStsPolicy' | 'ageingStsPolicies' | 'dropStsPolicies'>
  readonly clock: Clock
  readonly log: Log
  /** 443, but for tests and labs. */
  readonly port: number
  /** A domain's policy is another one now: what was made of the old one is to be forgotten. */
  readonly onChanged: (domain: string) => void
  /** For TLS reports (RFC 8460 §4.3.2.2). */
  readonly onFault: (domain: string, fault: StsFault) => void
}

/** A policy that is in force, with what its reader needs besides. */
export interface StsInForce extends StsPolicy {
  readonly lines: readonly string[]
  readonly policyId: string
  readonly fetchedAt: Milliseconds
  readonly expiresAt: Milliseconds
}

export interface StsKnown {
  readonly policy: StsInForce | null
  /** Whether a newer one is announced is being found out; resolves when that is done. */
  readonly renewing: Promise<void> | null
  /** One is announced and cannot be had: worth asking again once its web server is asked again. */
  readonly missing: boolean
}

export const NOTHING_KNOWN: StsKnown = { policy: null, renewing: null, missing: false }

/** RFC 8461 §3.3 suggests 64 KB, and a minute: mail to a new domain waits for this, so a part of that. */
const MAX_POLICY_OCTETS = 64 * 1024
const FETCH_WITHIN: Milliseconds = 10 * SECOND
/** §3.3 asks for five minutes, so that a broken web server is not asked at every message. */
export const FAILED_HOLD: Milliseconds = 5 * MINUTE
/** §10.2: once a day, so that an attacker has to hold us off for all of max_age. */
const RENEW_AFTER: Milliseconds = DAY
/** Policies renewed at once by the clock; the others come with the next turn. */
const RENEWED_PER_TURN = 100
/** Domains remembered in memory; a kilobyte each. */
const REMEMBERED = 20_000
const EXPIRED_KEPT: Milliseconds = 7 * DAY

export class StsPolicies {
  readonly #parts: StsParts
  readonly #step: ClockStep
  readonly #known = new Map<string, StsInForce>()
  readonly #flights = new Map<string, Promise<StsInForce | null>>()
  /** Monotonic times until which a domain's web server is left alone. */
  readonly #held = new Map<string, Milliseconds>()
  #sweptAt: Milliseconds = 0

  constructor(parts: StsParts) {
    this.#parts = parts
    this.#step = new ClockStep(parts.clock)
  }

  /** A known domain never waits for anybody; a new one waits for one look-up, and for its web server if that says so. */
  async policyFor(domain: string): Promise<StsKnown> {
    const known = await this.cached(domain)
    if (known !== null) return { policy: known, renewing: this.#renew(known, domain), missing: false }
    const id = await this.#announced(domain)
    if (id === null) return NOTHING_KNOWN
    const policy = await this.#fetched(domain, id)
    return { policy, renewing: null, missing: policy === null }
  }

  /** What is kept and lives, without asking anybody. */
  async cached(domain: string): Promise<StsInForce | null> {
    const remembered = this.#known.get(domain)
    if (remembered && this.#lives(remembered)) return remembered
    this.#known.delete(domain)
    const stored = await this.#parts.store.stsPolicy(domain)
    const policy = stored && this.#lives(stored) ? inForce(stored) : null
    if (policy) this.#remember(domain, policy)
    return policy
  }

  /** By the clock: policies in the second half of their life are renewed, also those of domains that get no mail now. */
  async upkeep(): Promise<void> {
    const { clock, store } = this.#parts
    const now = clock.now()
    for (const { domain } of await store.ageingStsPolicies(now, RENEWED_PER_TURN)) {
      const id = await this.#announced(domain)
      if (id !== null) await this.#fetched(domain, id)
    }
    if (this.#sweptAt > now - DAY && this.#sweptAt <= now) return
    if ((await store.dropStsPolicies(now - EXPIRED_KEPT)).ok) this.#sweptAt = now
  }

  /** Whoever can set our clock ahead could have mail sent in clear otherwise. */
  #lives({ expiresAt, fetchedAt }: Pick<StsInForce, 'expiresAt' | 'fetchedAt'>): boolean {
    return expiresAt > this.#parts.clock.now() - this.#step.since(fetchedAt)
  }

  async #renew(known: StsInForce, domain: string): Promise<void> {
    const { clock, log } = this.#parts
    try {
      // Without the record the policy lives on to its end (§3.1): only its owner can shorten it, by a newer one.
      const id = await this.#announced(domain)
      const age = clock.now() - known.fetchedAt
      const ageing = age >= Math.min(RENEW_AFTER, (known.expiresAt - known.fetchedAt) / 2)
      if (id === null || (id === known.policyId && !ageing)) return
      await this.#fetched(domain, id)
    } catch (error) {
      log.error('an MTA-STS policy could not be renewed', { domain, error: String(error) })
    }
  }

  async #announced(domain: string): Promise<string | null> {
    const found = await this.#parts.resolver.txt(`_mta-sts.${domain}`)
    return found.ok ? announcedId(found.value.records) : null
  }

  /** The newest policy that could be had; null when that failed. One fetch per domain at a time. */
  #fetched(domain: string, id: string): Promise<StsInForce | null> {
    const underWay = this.#flights.get(domain)
    if (underWay !== undefined) return underWay
    if ((this.#held.get(domain) ?? 0) > this.#parts.clock.monotonic()) return Promise.resolve(null)
    this.#held.delete(domain)
    const flight = this.#fetch(domain, id).finally(() => this.#flights.delete(domain))
    this.#flights.set(domain, flight)
    return flight
  }

  async #fetch(domain: string, id: string): Promise<StsInForce | null> {
    const { clock, http, log, onFault, port, store } = this.#parts
    const host = port === 443 ? `mta-sts.${domain}` : `mta-sts.${domain}:${port}`
    const answered = await http.get(`https://${host}/.well-known/mta-sts.txt`, {
      maxOctets: MAX_POLICY_OCTETS,
      within: FETCH_WITHIN,
    })
    const read = answered.ok ? readPolicy(answered.value) : fault(fetchFault(answered.error))
    if (!read.ok) {
      this.#hold(domain)
      log.info('an MTA-STS policy could not be fetched', { domain, ...read.error })
      onFault(domain, read.error)
      return null
    }
    const now = clock.now()
    const { body, policy } = read.value
    const { mode, maxAge } = policy
    const kept = { domain, policyId: id, mode, body, fetchedAt: now, expiresAt: now + maxAge }
    // It holds in memory even where it cannot be stored: the store's trouble is told elsewhere.
    await store.keepStsPolicy(kept)
    return this.#taken(domain, { ...policy, ...facts(kept) })
  }

  #taken(domain: string, fresh: StsInForce): StsInForce {
    const before = this.#known.get(domain)
    this.#remember(domain, fresh)
    if (before !== undefined && saysOther(before, fresh)) this.#parts.onChanged(domain)
    return fresh
  }

  #remember(domain: string, policy: StsInForce): void {
    this.#known.delete(domain)
    bound(this.#known)
    this.#known.set(domain, policy)
  }

  #hold(domain: string): void {
    this.#held.delete(domain)
    bound(this.#held)
    this.#held.set(domain, this.#parts.clock.monotonic() + FAILED_HOLD)
  }
}

function bound(map: Map<string, unknown>): void {
  if (map.size < REMEMBERED) return
  const oldest = map.keys().next()
  if (!oldest.done) map.delete(oldest.value)
}

const facts = ({
  body,
  policyId,
  fetchedAt,
  expiresAt,
}: StoredStsPolicy): Omit<StsInForce, keyof StsPolicy> => ({
  lines: body.split(/\r?\n/).filter((line) => line.trim() !== ''),
  policyId,
  fetchedAt,
  expiresAt,
})

/** Null for what a later version kept and this one cannot read. */
function inForce(stored: StoredStsPolicy): StsInForce | null {
  const policy = parseStsPolicy(stored.body)
  return policy.ok ? { ...policy.value, ...facts(stored) } : null
}

const saysOther = (one: StsPolicy, other: StsPolicy): boolean =>
  one.mode !== other.mode || one.mx.join() !== other.mx.join()

export interface StsFault {
  readonly type: TlsResultType
  readonly detail: string
}

function readPolicy({
  status,
  headers,
  body,
}: HttpAnswer): Result<{ readonly body: string; readonly policy: StsPolicy }, StsFault> {
  // §3.3: a redirect must not be followed, and is no policy.
  if (status !== 200) return fault({ type: 'sts-policy-fetch-error', detail: `HTTP status ${status}` })
  // §3.2: so that nobody's uploaded file becomes a policy.
  const type = headers['content-type'] ?? ''
  if (!/^text\/plain\s*(?:;|$)/i.test(type)) {
    return fault({
      type: 'sts-policy-fetch-error',
      detail: `media type ${JSON.stringify(type.slice(0, 60))}`,
    })
  }
  const text = body.toString('utf8')
  const policy = parseStsPolicy(text)
  return policy.ok
    ? ok({ body: text, policy: policy.value })
    : fault({ type: 'sts-policy-invalid', detail: policy.error })
}

const fetchFault = ({ kind, detail }: HttpFault): StsFault => ({
  type: kind === 'certificate' ? 'sts-webpki-invalid' : 'sts-policy-fetch-error',
  detail: detail.slice(0, 200),
})
