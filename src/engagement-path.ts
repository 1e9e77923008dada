//
// Owns: wiring what readers do: from a request at the tracking host to an event in the log.

import { inNetworks } from './config/networks.ts'
import type { Foundation } from './foundation.ts'
import { KNOWN_NETWORKS } from './mail/tracking/networks.ts'
import { Readings } from './services/engagement/readings.ts'

export interface EngagementPath {
  readonly readings: Readings
  /** After the last request. */
  stop(): Promise<void>
}

export function openEngagementPath({ bell, clock, ids, log, meter, store }: Foundation): EngagementPath {
  const readings = new Readings({
    store: store.engagement,
    ring: (told) => bell.ring(told),
    isKnownNetwork: inNetworks(KNOWN_NETWORKS),
    ids,
    clock,
    log,
    meter,
  })
  return { readings, stop: () => readings.stop() }
}
