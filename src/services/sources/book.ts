//
// Owns: our outgoing addresses: which there are, in which pool each is, and whether its PTR is right, checked at the
// start and every hour.
// Never: which of them a delivery takes (queue/sources.ts), or what they may send (ledger.ts).

import type { AccountId } from '../../core/ids.ts'
import type { Stream } from '../../core/message.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import type { Family, Resolver } from '../../net/dns/resolver.ts'
import { isIpv6, reachOf } from '../../net/http/reach.ts'
import { isRight, OutgoingSource, type SourceSetting } from './outgoing.ts'
import { DEFAULT_POOL, type PoolFacts, type PoolRule, poolFor } from './pools.ts'
import { checkPtr, type PtrFinding, UNCHECKED } from './ptr.ts'

export interface PoolSetting {
  readonly name: string
  readonly domains: readonly string[]
  /** By name. */
  readonly accounts: readonly string[]
  readonly streams: readonly Stream[]
}

export interface SourceBookParts {
  /** None: the choice is the system's. */
  readonly sources: readonly SourceSetting[]
  readonly pools: readonly PoolSetting[]
  /** This machine's, for when the choice is the system's. */
  readonly ownAddresses: readonly string[]
  /** `server.hostname`. */
  readonly ownName: string
  readonly resolver: Pick<Resolver, 'ptr' | 'addresses'>
  readonly accountId: (name: string) => Promise<AccountId | null>
  readonly clock: Clock
  readonly log: Log
}

/** An address from which the system may send, though no source names it. */
export interface OwnAddress {
  readonly address: string
  readonly ptr: PtrFinding
}

const EVERY: Milliseconds = HOUR
/** While some PTR or account is not known yet. */
const EVERY_UNTIL_KNOWN: Milliseconds = MINUTE
const SYSTEMS_CHOICE: SourceSetting = {
  address: '',
  hostname: '',
  pool: DEFAULT_POOL,
  warm: false,
  maxPerDay: 0,
}

export class SourceBook {
  readonly sources: readonly OutgoingSource[]
  readonly #parts: SourceBookParts
  readonly #byPool = new Map<string, OutgoingSource[]>()
  readonly #own = new Map<string, PtrFinding>()
  readonly #warned = new Map<string, string>()
  #rules: readonly PoolRule[] = []
  #look: Promise<void> = Promise.resolve()
  #cancel: () => void = () => {}
  #stopped = false

  constructor(parts: SourceBookParts) {
    this.#parts = parts
    const settings = parts.sources.length > 0 ? parts.sources : [SYSTEMS_CHOICE]
    this.sources = settings.map((setting) => new OutgoingSource(setting, parts.ownName))
    for (const source of this.sources) {
      const pool = this.#byPool.get(source.setting.pool)
      if (pool) pool.push(source)
      else this.#byPool.set(source.setting.pool, [source])
    }
    if (parts.sources.length === 0) {
      for (const address of parts.ownAddresses) if (isOutside(address)) this.#own.set(address, UNCHECKED)
    }
    this.#rules = parts.pools.map((pool) => ({ ...pool, accounts: [] }))
  }

  /** What `ip_pool` may say. */
  get pools(): readonly string[] {
    return [DEFAULT_POOL, ...this.#rules.map(({ name }) => name)]
  }

  /** The machine's own addresses while the choice among them is the system's. */
  get own(): readonly OwnAddress[] {
    return [...this.#own].map(([address, ptr]) => ({ address, ptr }))
  }

  /**
   * Whether the system may choose an IPv6 address: all those that the world could see must have a right PTR, for
   * nobody knows which it takes (RFC 6724). Null while that is not known.
   */
  get systemMayUseIpv6(): boolean | null {
    let mayUse: boolean | null = true
    for (const [address, ptr] of this.#own) {
      if (!isIpv6(address) || isRight(ptr)) continue
      if (ptr.state !== 'unchecked') return false
      mayUse = null
    }
    return mayUse
  }

  poolOf(facts: PoolFacts): string {
    return poolFor(facts, this.#rules)
  }

  /** Never empty: a pool without addresses is refused with the configuration. */
  of(facts: PoolFacts): readonly OutgoingSource[] {
    return this.#byPool.get(this.poolOf(facts)) ?? this.#byPool.get(DEFAULT_POOL) ?? this.sources
  }

  /** The families worth asking the DNS for. */
  families(ofMachine: readonly Family[]): readonly Family[] {
    if (this.#parts.sources.length === 0) return ofMachine
    const families: readonly Family[] = ['ipv4', 'ipv6']
    return families.filter((family) => this.sources.some((source) => source.isIpv6 === (family === 'ipv6')))
  }

  /** Accounts are known when it resolves; what the DNS says of us comes later, and mail over IPv6 waits for it. */
  async start(): Promise<void> {
    await this.#learnAccounts()
    this.#look = this.#checkAll()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#look
  }

  async #checkAll(): Promise<void> {
    const { log } = this.#parts
    await this.check().catch((error) =>
      log.error('PTR records could not be checked', { error: String(error) }),
    )
    if (this.#stopped) return
    const known = this.#isKnown()
    this.#cancel = this.#parts.clock.after(known ? EVERY : EVERY_UNTIL_KNOWN, () => {
      this.#look = this.#learnAccounts()
        .catch((error) => log.error('accounts of pools could not be read', { error: String(error) }))
        .then(() => this.#checkAll())
    })
  }

  /** Looks at every PTR now. */
  async check(): Promise<void> {
    const { resolver } = this.#parts
    const ofSources = this.sources.map(async (source) => {
      if (source.address === null) return
      source.ptr = await checkPtr(source.address, resolver, source.ptr)
      this.#warn(source.address, source.ptr)
    })
    const ofMachine = [...this.#own].map(async ([address, before]) => {
      const ptr = await checkPtr(address, resolver, before)
      this.#own.set(address, ptr)
      this.#warn(address, ptr)
    })
    await Promise.all([...ofSources, ...ofMachine])
  }

  #isKnown(): boolean {
    const isUnchecked = ({ ptr }: { readonly ptr: PtrFinding }): boolean => ptr.state === 'unchecked'
    if (this.sources.some((source) => source.address !== null && isUnchecked(source))) return false
    if (this.own.some(isUnchecked)) return false
    return this.#parts.pools.every(({ accounts }, i) => this.#rules[i]?.accounts.length === accounts.length)
  }

  async #learnAccounts(): Promise<void> {
    const { accountId, pools } = this.#parts
    const rules: PoolRule[] = []
    for (const pool of pools) {
      const ids = await Promise.all(pool.accounts.map(accountId))
      rules.push({ ...pool, accounts: ids.filter((id) => id !== null) })
    }
    this.#rules = rules
  }

  /** Once per address and finding: every hour the same line would be read by nobody. */
  #warn(address: string, { state, name }: PtrFinding): void {
    if (this.#warned.get(address) === state) return
    this.#warned.set(address, state)
    if (state !== 'missing' && state !== 'mismatch') return
    const used = isIpv6(address) ? 'it is not used' : 'it is used, and many receivers will refuse it'
    this.#parts.log.warn(`the PTR record of an outgoing address is not right: ${used}`, {
      address,
      ptr: name,
      state,
    })
  }
}

/** What the world could see: not loopback, not a network of our own. */
const isOutside = (address: string): boolean => reachOf(address) === 'public'
