//
// Owns: from which pool of addresses a message leaves. Pure.

import type { Domain } from '../../core/address.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Stream } from '../../core/message.ts'

export interface PoolRule {
  readonly name: string
  readonly domains: readonly string[]
  readonly accounts: readonly AccountId[]
  readonly streams: readonly Stream[]
}

/** What of a message decides. */
export interface PoolFacts {
  /** The one that was asked for. */
  readonly pool: string | null
  readonly signingDomain: Domain
  readonly accountId: AccountId
  readonly stream: Stream
}

/** All sources that name no pool. */
export const DEFAULT_POOL = 'default'

/** One that was asked for and is gone since counts as not asked for: mail that was accepted must leave. */
export function poolFor(facts: PoolFacts, rules: readonly PoolRule[]): string {
  if (rules.length === 0) return DEFAULT_POOL
  const { pool } = facts
  if (pool === DEFAULT_POOL || (pool !== null && rules.some(({ name }) => name === pool))) return pool
  const found =
    rules.find(({ domains }) => domains.some((domain) => isWithin(facts.signingDomain, domain))) ??
    rules.find(({ accounts }) => accounts.includes(facts.accountId)) ??
    rules.find(({ streams }) => streams.includes(facts.stream))
  return found?.name ?? DEFAULT_POOL
}

const isWithin = (domain: string, parent: string): boolean =>
  domain === parent || domain.endsWith(`.${parent}`)
