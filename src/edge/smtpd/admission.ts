//
// Owns: how many may be here at once, and how much they may carry: connections over all, per address and per key,
// and the octets of messages on their way in (T17).

import type { KeyId } from '../../core/ids.ts'
import type { SessionLimits } from './options.ts'

/** One connection's place. */
export interface Place {
  /** Ends the connection: called when it has been a stranger longest and another one wants in. */
  dismiss: () => void
  /** The peer is known: it no longer counts as a stranger. False when its key has all the places it may have. */
  prove(key: KeyId | null): boolean
  /** Takes more room for octets; false when there is none, and then nothing changed. */
  reserve(octets: number): boolean
  /** Gives all reserved octets back. */
  release(): void
  /** May be called more than once. */
  leave(): void
}

export type NoPlace = 'full' | 'address-full'

export interface Admission {
  /** Without an address the cap per address does not count: many local programs share one. */
  enter(address: string | null, dismiss: () => void): Place | NoPlace
  hasRoomFor(octets: number): boolean
  readonly connections: number
}

type Caps = Pick<
  SessionLimits,
  'bytesInFlight' | 'connections' | 'connectionsReserved' | 'connectionsPerAddress' | 'connectionsPerKey'
>

export function admission(caps: Caps): Admission {
  const byAddress = new Map<string, number>()
  const byKey = new Map<string, number>()
  // In the order of their coming.
  const strangers = new Set<Place>()
  let connections = 0
  let octetsInFlight = 0

  const enter = (address: string | null, dismiss: () => void): Place | NoPlace => {
    if (connections >= caps.connections) return 'full'
    if (address !== null && (byAddress.get(address) ?? 0) >= caps.connectionsPerAddress) return 'address-full'
    if (strangers.size >= caps.connections - caps.connectionsReserved) {
      const [longest] = strangers
      longest?.dismiss()
    }
    connections++
    if (address !== null) count(byAddress, address, 1)
    let present = true
    let held = 0
    let provenBy: KeyId | null = null
    const release = (): void => {
      octetsInFlight -= held
      held = 0
    }
    const place: Place = {
      dismiss,
      prove(key) {
        if (key !== null && (byKey.get(key) ?? 0) >= caps.connectionsPerKey) return false
        if (key !== null) count(byKey, key, 1)
        provenBy = key
        strangers.delete(place)
        return true
      },
      reserve(octets) {
        if (octetsInFlight + octets > caps.bytesInFlight) return false
        octetsInFlight += octets
        held += octets
        return true
      },
      release,
      leave() {
        if (!present) return
        present = false
        connections--
        if (address !== null) count(byAddress, address, -1)
        if (provenBy !== null) count(byKey, provenBy, -1)
        strangers.delete(place)
        release()
      },
    }
    strangers.add(place)
    return place
  }

  return {
    enter,
    hasRoomFor: (octets) => octetsInFlight + octets <= caps.bytesInFlight,
    get connections() {
      return connections
    },
  }
}

function count(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by
  if (next > 0) counts.set(key, next)
  else counts.delete(key)
}
