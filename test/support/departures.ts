//
// Owns: the ways out of a queue in a test: addresses, ledger and smarthosts over the test's own store and clock. The name
// server knows no smarthosts: they are literal addresses.

import type { Clock } from '../../src/core/ports.ts'
import type { Departures } from '../../src/services/queue/departures.ts'
import { Relays, type Smarthost } from '../../src/services/routing/relay.ts'
import { type PoolSetting, SourceBook } from '../../src/services/sources/book.ts'
import { Detours } from '../../src/services/sources/detours.ts'
import { WarmupLedger } from '../../src/services/sources/ledger.ts'
import type { SourceSetting } from '../../src/services/sources/outgoing.ts'
import type { Store } from '../../src/store/store.ts'
import { storeOptions } from '../store/contract/samples.ts'

export interface DeparturesDraft {
  readonly sources?: readonly Partial<SourceSetting>[]
  readonly pools?: readonly Partial<PoolSetting>[]
  readonly relays?: readonly Partial<Smarthost>[]
  readonly relayDomains?: readonly string[]
  readonly warmsUp?: boolean
}

export function departuresOver(
  { store, clock }: { readonly store: Pick<Store, 'warmups'>; readonly clock: Clock },
  draft: DeparturesDraft = {},
): Departures {
  const { log, meter } = storeOptions()
  const nobody = { ok: false, error: 'nxdomain' } as const
  const resolver = { ptr: async () => nobody, addresses: async () => nobody }
  const sources = new SourceBook({
    sources: (draft.sources ?? []).map((source) => ({ ...SOURCE, ...source })),
    pools: (draft.pools ?? []).map((pool) => ({ ...POOL, ...pool })),
    ownAddresses: [],
    ownName: 'client.test',
    resolver,
    accountId: async () => null,
    clock,
    log,
  })
  const { warmsUp = false, relays, relayDomains = [] } = draft
  return {
    sources,
    ledger: new WarmupLedger({
      store: store.warmups,
      clock,
      log,
      meter,
      sources: sources.sources,
      warmsUp,
      ownName: 'node:0',
    }),
    detours: new Detours(),
    relays: relays
      ? new Relays({
          relays: relays.map((relay) => ({ ...RELAY, ...relay })),
          domains: relayDomains,
          families: ['ipv4'],
          resolver,
          clock,
        })
      : null,
  }
}

const SOURCE: SourceSetting = { address: '', hostname: '', pool: 'default', warm: false, maxPerDay: 0 }
const POOL: PoolSetting = { name: 'bulk', domains: [], accounts: [], streams: [] }
const RELAY: Smarthost = {
  host: '192.0.2.25',
  port: 587,
  username: '',
  password: '',
  tls: 'none',
  verify: true,
  domains: [],
}
