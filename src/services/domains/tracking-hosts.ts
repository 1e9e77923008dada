//
// Owns: under which host the links of a domain's mail stand, and whether that host leads here with a valid certificate:
// the answer to a real request, kept and looked at again by the clock.
// Never: decides what is tracked (services/submission/tracking-wish.ts).
//
// One question for every way an operator may have set it up: his certificate here, a proxy in front, a balancer. Reading
// DNS and certificates instead would be three rules, and none of them would see a proxy that answers with something else.

import type { Domain } from '../../core/address.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import { READY_PATH, readyProof } from '../../mail/tracking/ready.ts'
import type { OutgoingHttp } from '../../net/http/outgoing.ts'
import { trackingHost } from './records.ts'

export interface TrackingHostParts {
  readonly http: Pick<OutgoingHttp, 'get'>
  /** Current first: any node with one of our secrets is us. */
  readonly keys: readonly Uint8Array[]
  readonly clock: Clock
  readonly log: Log
  /** server.public_url. */
  readonly publicUrl: string
  /** Domains whose links stand under another host than track.<domain>. */
  readonly named?: () => Promise<ReadonlyMap<Domain, string>>
  /** A lab, or mail that is only kept: whatever the links lead to is good enough. */
  readonly lab: boolean
}

export type Readiness = { readonly base: string } | { readonly off: string }

interface Look {
  /** Null: it leads here. */
  readonly fault: string | null
  /** In a row. */
  readonly failures: number
  readonly at: Milliseconds
  readonly usedAt: Milliseconds
}

const WITHIN: Milliseconds = 3 * SECOND
const LOOK_AGAIN: Milliseconds = 5 * MINUTE
/** Who has just put it right does not want to wait. */
const LOOK_AGAIN_IN_TROUBLE: Milliseconds = MINUTE
/** Links are in mail already: a host that was right is not given up for one lost packet. */
const FAILURES_THAT_COUNT = 3
/** Domains that send no more are not looked at for ever. */
const FORGET_AFTER: Milliseconds = 60 * MINUTE
const MAX_HOSTS = 10_000
/** Of a look round, so that a thousand domains do not open a thousand connections. */
const AT_ONCE = 8

export class TrackingHosts {
  readonly #parts: TrackingHostParts
  readonly #looks = new Map<string, Look>()
  readonly #looking = new Map<string, Promise<Look>>()
  /** Whoever serves his own name elsewhere than on 443 serves all names there. */
  readonly #port: string
  #labBase: string
  #named: ReadonlyMap<Domain, string> = new Map()

  constructor(parts: TrackingHostParts) {
    this.#parts = parts
    this.#labBase = parts.publicUrl
    const { port } = new URL(parts.publicUrl)
    this.#port = port === '' ? '' : `:${port}`
  }

  /** This node answers now. In a lab that is where links lead; elsewhere the first mail shall find its host looked at. */
  listens(base: string): void {
    this.#labBase = base
    const { log, publicUrl } = this.#parts
    if (this.#parts.lab) return
    void this.#readNamed()
    this.#look(publicUrl).catch((error) =>
      log.error('the public host could not be looked at', { error: String(error) }),
    )
  }

  /** Scheme and host before `/u/…`: a way out always stands, if need be under our own name. At once, from memory. */
  publicBaseFor(domain: Domain): string {
    if (this.#parts.lab) return this.#labBase
    for (let name: string = domain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
      const base = this.#ownBase(name as Domain)
      if (this.#looks.get(base)?.fault === null) return base
    }
    return this.#parts.publicUrl
  }

  /**
   * Where links of this domain's mail may lead over us. Waits only for the first look at a host after a start.
   * `seen`: its CNAME was, at the last look at the domain's records.
   */
  async readiness(domain: Domain, seen: boolean): Promise<Readiness> {
    const { lab, publicUrl } = this.#parts
    if (lab) return { base: this.#labBase }
    const own = this.#ownBase(domain)
    const atOwn = seen ? await this.#known(own) : null
    if (atOwn?.fault === null) return { base: own }
    const atPublic = await this.#known(publicUrl)
    if (atPublic.fault === null) return { base: publicUrl }
    return { off: sayOff([atOwn && [own, atOwn.fault], [publicUrl, atPublic.fault]]) }
  }

  /** Once a minute. */
  async upkeep(): Promise<void> {
    const { clock, lab, publicUrl } = this.#parts
    if (lab) return
    await this.#readNamed()
    const now = clock.monotonic()
    if (!this.#looks.has(publicUrl)) await this.#look(publicUrl)
    const due: string[] = []
    for (const [base, look] of this.#looks) {
      if (base !== publicUrl && now - look.usedAt > FORGET_AFTER) this.#looks.delete(base)
      else if (now - look.at >= (look.failures === 0 ? LOOK_AGAIN : LOOK_AGAIN_IN_TROUBLE)) due.push(base)
    }
    for (let at = 0; at < due.length; at += AT_ONCE) {
      await Promise.all(due.slice(at, at + AT_ONCE).map((base) => this.#look(base)))
    }
  }

  /** The records of a domain were looked at, or it was changed: the next mail asks again. */
  forget(domain: Domain): void {
    this.#looks.delete(this.#ownBase(domain))
    if (!this.#parts.lab) void this.#readNamed()
  }

  #ownBase(domain: Domain): string {
    return `https://${this.#named.get(domain) ?? trackingHost(domain)}${this.#port}`
  }

  /** They are few: nearly everybody leaves it at track.<domain>. What cannot be read stays as it was. */
  async #readNamed(): Promise<void> {
    const { log, named } = this.#parts
    if (named === undefined) return
    try {
      this.#named = await named()
    } catch (error) {
      log.warn('the hosts of links could not be read; those that are known stay', { error: String(error) })
    }
  }

  async #known(base: string): Promise<Look> {
    const known = this.#looks.get(base)
    if (known === undefined) return this.#look(base)
    const now = this.#parts.clock.monotonic()
    if (now - known.usedAt > MINUTE) this.#looks.set(base, { ...known, usedAt: now })
    return known
  }

  #look(base: string): Promise<Look> {
    const underWay = this.#looking.get(base)
    if (underWay !== undefined) return underWay
    const looking = this.#ask(base)
      .then((fault) => this.#note(base, fault))
      .finally(() => this.#looking.delete(base))
    this.#looking.set(base, looking)
    return looking
  }

  async #ask(base: string): Promise<string | null> {
    if (!base.startsWith('https://')) return 'is not https'
    const answer = await this.#parts.http.get(`${base}${READY_PATH}`, { maxOctets: 1024, within: WITHIN })
    if (!answer.ok) return answer.error.detail
    const said = answer.value.body.toString('latin1')
    return this.#parts.keys.some((key) => readyProof(key) === said)
      ? null
      : `answers with ${answer.value.status}, and not as this installation`
  }

  #note(base: string, fault: string | null): Look {
    const { clock, log } = this.#parts
    const before = this.#looks.get(base)
    const now = clock.monotonic()
    const failures = fault === null ? 0 : (before?.failures ?? 0) + 1
    const stillGood = before?.fault === null && failures < FAILURES_THAT_COUNT
    const look: Look = { fault: stillGood ? null : fault, failures, at: now, usedAt: before?.usedAt ?? now }
    if (before?.fault !== look.fault) {
      if (look.fault === null) log.info('links of mail may lead over this host', { host: base })
      else
        log.warn('links of mail stay untracked: the host does not lead here', {
          host: base,
          detail: look.fault,
        })
    }
    if (before === undefined && this.#looks.size >= MAX_HOSTS) {
      const [oldest] = this.#looks.keys()
      if (oldest !== undefined) this.#looks.delete(oldest)
    }
    this.#looks.set(base, look)
    return look
  }
}

/** Longer words of a peer are cut: it stands in every event. */
const MAX_WORDS = 160

const sayOff = (looks: readonly (readonly [base: string, fault: string | null] | null)[]): string =>
  `the tracking host does not lead here with a valid certificate: ${looks
    .flatMap((look) => (look === null ? [] : [`${look[0]}: ${(look[1] ?? '').slice(0, MAX_WORDS)}`]))
    .join('; ')}`
