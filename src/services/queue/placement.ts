//
// Owns: where a delivery waits once its route is known: which lane, by which transport, or why nowhere. Pure.

import type { ClaimedDelivery } from '../../core/message.ts'
import type { Cause } from '../../core/outcome.ts'
import type { Route } from '../../core/route.ts'
import type { MxTransport } from '../../net/delivery/order.ts'
import type { Ready } from './lane.ts'
import type { QueueOptions } from './parts.ts'
import { chooseSource, type Source } from './sources.ts'

export type Placement =
  | { readonly kind: 'lane'; readonly provider: string; readonly source: Source; readonly ready: Ready }
  | { readonly kind: 'nowhere'; readonly cause: Cause }

/** What is known of our own side. */
export interface Ground {
  readonly transport: QueueOptions['transport']
  readonly sources: readonly string[]
  waitingAt(provider: string, source: Source): number
}

const CAPTURE = 'capture'

/** `route` is null where no transport asks for one. */
export function placementOf(delivery: ClaimedDelivery, route: Route | null, ground: Ground): Placement {
  const { transport } = ground
  if (transport.kind === 'capture') {
    const ready = { delivery, transport, routeKey: CAPTURE }
    return { kind: 'lane', provider: CAPTURE, source: null, ready }
  }
  if (route === null) throw new Error('a delivery without a route')
  switch (route.kind) {
    case 'null-mx':
      return nowhere({ kind: 'dns', answer: 'null-mx' })
    case 'unresolved':
      return nowhere({ kind: 'dns', answer: route.answer })
    case 'mx':
    case 'implicit-mx':
      return inLane(delivery, { ...transport, route }, ground)
    default:
      return route satisfies never
  }
}

type Way = Pick<MxTransport, 'kind' | 'route' | 'hello' | 'messagesPerConnection'>

function inLane(delivery: ClaimedDelivery, way: Way, ground: Ground): Placement {
  const { route } = way
  const { provider } = route
  const chosen = chooseSource(route, ground.sources, (source) => ground.waitingAt(provider, source))
  if (!chosen) {
    const detail = 'no outgoing address has the family of the receiver'
    return nowhere({ kind: 'network', at: 'connect', detail })
  }
  const { source } = chosen
  const routeKey = `${route.hosts[0]?.exchange ?? route.domain}:${route.port}`
  return {
    kind: 'lane',
    provider,
    source,
    ready: {
      delivery,
      transport: { ...way, source, via: 'direct', auth: null, implicitTls: false },
      routeKey,
    },
  }
}

const nowhere = (cause: Cause): Placement => ({ kind: 'nowhere', cause })
