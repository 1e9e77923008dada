//
// Owns: from which of our addresses a delivery leaves. Pure: lane loads come in.
// With none configured the system chooses, and that is the one source there is.

import type { ReachableRoute } from '../../net/delivery/order.ts'

/** A literal address, or null for the system's choice. */
export type Source = string | null

/** Of the sources that can reach this route at all, the one with the least before it; null when none can. */
export function chooseSource(
  route: ReachableRoute,
  sources: readonly string[],
  waitingAt: (source: string) => number,
): { readonly source: Source } | null {
  if (sources.length === 0) return { source: null }
  let best: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const source of sources) {
    if (!reaches(route, source)) continue
    const waiting = waitingAt(source)
    if (waiting >= least) continue
    best = source
    least = waiting
  }
  return best === null ? null : { source: best }
}

const reaches = (route: ReachableRoute, source: string): boolean =>
  route.hosts.some((host) => host.addresses.some((address) => isV6(address) === isV6(source)))

const isV6 = (address: string): boolean => address.includes(':')
