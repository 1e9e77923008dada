//
// Owns: wiring what readers do: from a request at the tracking host to an event in the log.

import type { Foundation } from './foundation.ts'
import { isKnownNetwork } from './services/engagement/known-network.ts'
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
    isKnownNetwork,
    ids,
    clock,
    log,
    meter,
  })
  return { readings, stop: () => readings.stop() }
}
