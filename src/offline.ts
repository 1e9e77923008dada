//
// Owns: the admin actions without a running node: the store is opened for one command and closed again.

import { adminActions } from './admin/actions.ts'
import type { Admin } from './admin/admin.ts'
import { domainActions } from './admin/domains.ts'
import { inboundActions } from './admin/inbound.ts'
import type { Config } from './config/schema.ts'
import { openDepartures } from './departures.ts'
import { machineWorld, openFoundation } from './foundation.ts'
import { inboundRoutesOf } from './inbound-path.ts'
import { bookOf, doorOf, explainerOf, tlsCareOf } from './mail-path.ts'
import { ownAddresses } from './own-addresses.ts'

export async function openOffline(config: Config): Promise<Admin> {
  const foundation = await openFoundation(config, machineWorld())
  const { accounts, domains, figures, health, holder, store } = foundation
  const account = await accounts.ensureDefaultAccount()
  if (!account.ok) {
    await foundation.close()
    throw new Error(`the store cannot be written to: ${account.error}`)
  }
  const own = ownAddresses()
  const departures = openDepartures(foundation, own)
  await departures.ledger.load()
  // What is sent now waits in the store until a node runs.
  const waiting = {
    holder,
    reserve: () => false,
    forgo: () => {},
    handOver: () => {},
    wake: () => {},
    estimate: () => '<1h',
  }
  return {
    ...adminActions({
      ...foundation,
      departures,
      tls: tlsCareOf(foundation, { departures, own, book: bookOf(config) }),
      door: doorOf(foundation, waiting),
      queue: store.queue,
      messages: store.messages,
      explainer: explainerOf(foundation, {
        whyWaiting: () => 'No node runs: `mailwok serve` sends what waits.',
        isUnderWay: () => false,
      }),
      wake: () => {},
      probe: () => {},
      lanes: () => null,
      domains: domainActions(accounts, domains),
      inbound: inboundActions({ accounts, routes: inboundRoutesOf(foundation), store: store.inbound }),
      node: { startedAt: null, readyz: () => health.readyz(), listeners: () => ({}) },
      metrics: () => figures.text(),
    }),
    close: () => foundation.close(),
  }
}
