//
// Owns: making the ways by which mail leaves, out of the configuration: addresses, warm-up ledger, smarthosts.

import type { Config } from './config/schema.ts'
import { dayFileOf, dayMemory } from './day-memory.ts'
import type { Foundation } from './foundation.ts'
import type { Family } from './net/dns/resolver.ts'
import { nameOfSystemsChoice, type OwnAddresses } from './own-addresses.ts'
import type { Departures } from './services/queue/departures.ts'
import type { Routes } from './services/queue/parts.ts'
import { RelayRoutes, Relays } from './services/routing/relay.ts'
import { SourceBook } from './services/sources/book.ts'
import { Detours } from './services/sources/detours.ts'
import { WarmupLedger } from './services/sources/ledger.ts'
import type { SourceSetting } from './services/sources/outgoing.ts'

export interface OpenDepartures extends Departures {
  /** The families worth asking the DNS for. */
  readonly families: readonly Family[]
  /** Routes as the queue sees them: by relay where the configuration says so. */
  routes(direct: Routes): Routes
  start(): Promise<void>
  stop(): Promise<void>
}

export function openDepartures(foundation: Foundation, own: OwnAddresses): OpenDepartures {
  const { accounts, clock, config, log, meter, resolver, store } = foundation
  const { delivery } = config
  const sources = new SourceBook({
    sources: settingsOf(config),
    pools: config.pool,
    ownAddresses: own.addresses,
    ownName: config.server.hostname,
    resolver,
    accountId: async (name) => (await accounts.named(name))?.id ?? null,
    clock,
    log,
  })
  const ledger = new WarmupLedger({
    store: store.warmups,
    clock,
    log,
    meter,
    sources: sources.sources,
    warmsUp: delivery.warmup === 'auto',
    ownName: nameOfSystemsChoice(own, config.server.node),
    days: dayMemory(dayFileOf(config.server), log),
  })
  const usesRelays = delivery.mode === 'relay' || delivery.mode === 'hybrid'
  const relays = usesRelays
    ? new Relays({
        relays: config.relay,
        domains: delivery.relayDomains,
        families: own.families,
        resolver,
        clock,
      })
    : null
  return {
    sources,
    ledger,
    relays,
    detours: new Detours(),
    families: sources.families(own.families),
    routes: (direct) =>
      relays === null
        ? direct
        : new RelayRoutes({ relays, clock, direct: delivery.mode === 'hybrid' ? direct : null }),
    start: async () => {
      await ledger.start()
      await sources.start()
      // Nobody waits for it: mail that comes before asks itself.
      void relays?.start()
    },
    stop: async () => {
      await sources.stop()
      await ledger.stop()
    },
  }
}

function settingsOf({ delivery, source }: Config): readonly SourceSetting[] {
  if (source.length > 0) return source
  return delivery.sourceIps.map((address) => ({
    address,
    hostname: '',
    pool: 'default',
    warm: false,
    maxPerDay: 0,
  }))
}
