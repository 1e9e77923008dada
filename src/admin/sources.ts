//
// Owns: the admin action over outgoing addresses: what each is, and how warm.

import { ok } from '../core/result.ts'
import type { SourceBook } from '../services/sources/book.ts'
import type { Standing, WarmupLedger } from '../services/sources/ledger.ts'
import { isRight, type OutgoingSource } from '../services/sources/outgoing.ts'
import { DEFAULT_POOL } from '../services/sources/pools.ts'
import type { AdminActions } from './admin.ts'
import type { SourceRow, WarmupRow } from './source-rows.ts'

export interface SourceParts {
  readonly departures: { readonly sources: SourceBook; readonly ledger: WarmupLedger }
}

/** Providers per address that are told of when nobody asks for one. */
const MOST_PROVIDERS = 100

export function sourceActions({ departures }: SourceParts): Pick<AdminActions, 'sourceList'> {
  return {
    sourceList: async ({ provider }) => {
      const { sources, ledger } = departures
      const unknown = sources.sources.some(
        ({ address, ptr }) => address !== null && ptr.state === 'unchecked',
      )
      if (unknown || sources.own.some(({ ptr }) => ptr.state === 'unchecked')) await sources.check()
      const rows = sources.sources.map((source) => rowOf(source, ledger, provider))
      return ok([...rows, ...ownRows(sources)])
    },
  }
}

function rowOf(source: OutgoingSource, ledger: WarmupLedger, provider: string | null): SourceRow {
  const standings = ledger.of(source)
  const warm = standings.filter(({ warmth }) => warmth.warmAt !== null).length
  const told = provider === null ? standings : standings.filter((each) => each.provider === provider)
  const isChosenBySystem = source.address === null
  return {
    address: source.name,
    family: isChosenBySystem ? null : source.isIpv6 ? 'ipv6' : 'ipv4',
    hostname: source.hello,
    ptr: isChosenBySystem ? null : source.ptr.state,
    ptr_name: source.ptr.name,
    used: isChosenBySystem || source.usable,
    pool: source.setting.pool,
    warm,
    cold: standings.length - warm,
    warmups: told
      .toSorted((a, b) => b.warmth.sent - a.warmth.sent)
      .slice(0, MOST_PROVIDERS)
      .map((standing) => warmupOf(standing, ledger)),
  }
}

function warmupOf({ source, provider, warmth }: Standing, ledger: WarmupLedger): WarmupRow {
  const { maxPerDay } = source.setting
  const bound =
    ledger.binds(source, false) && warmth.warmAt === null ? warmth.budget : Number.POSITIVE_INFINITY
  const budget = Math.min(bound, maxPerDay > 0 ? maxPerDay : Number.POSITIVE_INFINITY)
  return {
    provider,
    state: warmth.warmAt === null ? 'cold' : 'warm',
    day_budget: Number.isFinite(budget) ? budget : null,
    used_today: warmth.sent,
    deferred_today: warmth.deferred,
    hard_bounced_today: warmth.hardBounced,
    complained_today: warmth.complained,
    blocked_today: warmth.blocked,
  }
}

/** The machine's own, from which the system may choose. */
function ownRows(sources: SourceBook): readonly SourceRow[] {
  const [chosen] = sources.sources
  return sources.own.map(({ address, ptr }) => {
    const isIpv6 = address.includes(':')
    return {
      address,
      family: isIpv6 ? 'ipv6' : 'ipv4',
      hostname: chosen?.hello ?? '',
      ptr: ptr.state,
      ptr_name: ptr.name,
      used: !isIpv6 || (isRight(ptr) && sources.systemMayUseIpv6 === true),
      pool: DEFAULT_POOL,
      warm: 0,
      cold: 0,
      warmups: [],
    }
  })
}
