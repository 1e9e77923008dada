//
// Owns: counting how TLS sessions to receivers went, by day and policy domain (RFC 8460 §4.4): in memory first, since a
// write per connection would cost the queue its commits.
// Never: sends anything, or sees a message. What a crash loses is a minute of counts.

import { SYSTEM_ACCOUNT } from '../../core/account.ts'
import type { ClaimedDelivery } from '../../core/message.ts'
import type { AttemptEvidence, TlsSession } from '../../core/outcome.ts'
import type { Clock } from '../../core/ports.ts'
import type { ReportedPolicy } from '../../core/route.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { TlsStore, TlsTally } from '../../store/tls-store.ts'
import type { PolicyFault } from '../routing/policy-faults.ts'

export interface TlsTallyParts {
  readonly store: Pick<TlsStore, 'addTallies'>
  readonly clock: Clock
  /** What sessions to a domain are measured by; undefined: it publishes nothing. */
  readonly policyOf: (domain: string) => ReportedPolicy | undefined
}

/** Kinds of outcome held in memory; those beyond are not counted. Half a kilobyte each. */
const MAX_HELD = 20_000
/** Peers write these words: a report is no place for novels. */
const MAX_DETAIL = 200

const NO_POLICY: ReportedPolicy = { type: 'no-policy-found', strings: [], mxHosts: [] }

export const dayOf = (at: Milliseconds): number => Math.floor(at / DAY)

type Counted = Omit<TlsTally, 'count'> & { count: number }

export class TlsTallies {
  readonly #parts: TlsTallyParts
  readonly #texts = new WeakMap<ReportedPolicy, string>()
  #held = new Map<string, Counted>()

  constructor(parts: TlsTallyParts) {
    this.#parts = parts
  }

  /** Called for every attempt: nearly all of them opened no session, and cost one comparison. */
  note(
    { accountId, destination }: Pick<ClaimedDelivery, 'accountId' | 'destination'>,
    evidence: AttemptEvidence,
  ): void {
    const { tlsSessions, via } = evidence
    if (tlsSessions === undefined || via !== 'direct') return
    // Our own reports make sessions as well: reporting those would never end.
    if (accountId === SYSTEM_ACCOUNT) return
    const policy = this.#parts.policyOf(destination) ?? NO_POLICY
    for (const session of tlsSessions) this.#add(destination, policy, session)
  }

  /** What is wrong with a policy itself is a failure of its own, though nobody was connected to (RFC 8460 §4.3.2). */
  noteFault(domain: string, { policy, mx, type, detail }: PolicyFault): void {
    this.#add(domain, policy, { mx, address: '', source: null, failure: { type, detail } })
  }

  /** Into the store; what it does not take is kept for the next time. */
  async flush(): Promise<void> {
    if (this.#held.size === 0) return
    const counted = this.#held
    this.#held = new Map()
    const added = await this.#parts.store.addTallies([...counted.values()])
    if (added.ok) return
    for (const [key, tally] of counted) {
      const since = this.#held.get(key)
      if (since) since.count += tally.count
      else this.#held.set(key, tally)
    }
  }

  #add(domain: string, policy: ReportedPolicy, { mx, address, source, failure }: TlsSession): void {
    const day = dayOf(this.#parts.clock.now())
    const resultType = failure?.type ?? null
    const key = [day, domain, this.#textOf(policy), resultType, mx, address, source].join('\n')
    const held = this.#held.get(key)
    if (held) held.count += 1
    else if (this.#held.size < MAX_HELD) {
      const detail = (failure?.detail ?? '').slice(0, MAX_DETAIL)
      const where = { mx, address, source: source ?? '' }
      this.#held.set(key, { day, domain, policy, resultType, ...where, detail, count: 1 })
    }
  }

  #textOf(policy: ReportedPolicy): string {
    let text = this.#texts.get(policy)
    if (text === undefined) {
      text = JSON.stringify(policy)
      this.#texts.set(policy, text)
    }
    return text
  }
}
