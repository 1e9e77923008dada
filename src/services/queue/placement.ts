//
// Owns: where a delivery waits once its route is known: which lane, from which address, by which transport; or why
// nowhere, or not today. Pure but for what it is told of lanes and budgets.

import type { ClaimedDelivery } from '../../core/message.ts'
import type { Cause } from '../../core/outcome.ts'
import type { Route } from '../../core/route.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import type { MxTransport, ReachableRoute } from '../../net/delivery/order.ts'
import type { Relays, RelayWay } from '../routing/relay.ts'
import type { Standing } from '../sources/ledger.ts'
import type { Departures } from './departures.ts'
import type { Ready } from './line.ts'
import type { QueueOptions } from './parts.ts'
import { type Choice, chooseSource, factsOf, type Source } from './sources.ts'

export type Placement =
  | {
      readonly kind: 'lane'
      readonly provider: string
      readonly source: Source
      readonly ready: Ready
      /** Where what comes of it is counted; null: nowhere. */
      readonly standing: Standing | null
    }
  | { readonly kind: 'nowhere'; readonly cause: Cause }
  /** It goes back untried; `short`: the provider at which no address has room today. */
  | { readonly kind: 'later'; readonly wait: Milliseconds; readonly short: string | null }

/** What is known of our own side. */
export interface Ground {
  readonly transport: QueueOptions['transport']
  readonly departures: Departures
  /** Nobody can be reached from here, and this message is not the one that tries. Asked only where a smarthost could take it. */
  isCutOff(provider: string): boolean
  readonly lanes: {
    waitingAt(provider: string, source: Source): number
    turnsAway(provider: string, source: Source): boolean
    isSlowed(provider: string, source: Source): boolean
    spaceOf(provider: string): number
  }
}

const CAPTURE = 'capture'
/** Until an answer of the DNS about ourselves or our smarthost, or room in its lane, is worth another look. */
const SOON: Milliseconds = 5 * SECOND
/** While nobody can be reached: what is new comes back to be the one that tries, a minute each. */
const SHUT_OUT: Milliseconds = MINUTE
/** What was tried already waits for who tries; it leaves so soon after the way is open. */
const SHUT_OUT_AGAIN: Milliseconds = 10 * MINUTE

/** `route` is null where no transport asks for one. */
export function placementOf(delivery: ClaimedDelivery, route: Route | null, ground: Ground): Placement {
  const { transport, departures } = ground
  if (transport.kind === 'capture') {
    const ready = { delivery, transport, routeKey: CAPTURE }
    return { kind: 'lane', provider: CAPTURE, source: null, ready, standing: null }
  }
  if (route === null) throw new Error('a delivery without a route')
  const way = departures.relays?.wayOf(route) ?? null
  if (way !== null) return byRelay(delivery, way, ground)
  switch (route.kind) {
    case 'null-mx':
      return nowhere({ kind: 'dns', answer: 'null-mx' })
    case 'unresolved':
      return nowhere({ kind: 'dns', answer: route.answer })
    case 'mx':
    case 'implicit-mx':
      return directly(delivery, route, ground)
    default:
      return route satisfies never
  }
}

function directly(delivery: ClaimedDelivery, route: ReachableRoute, ground: Ground): Placement {
  const { relays, detours, ledger } = ground.departures
  if (relays !== null && (detours.has(delivery.id) || ground.isCutOff(route.provider))) {
    return bySomeRelay(delivery, relays, ground)
  }
  // Knocking a hundred thousand times at a door that the hoster keeps shut uses up retries, and opens nothing.
  if (relays === null && ground.isCutOff(route.provider)) {
    return { kind: 'later', wait: delivery.attempts === 0 ? SHUT_OUT : SHUT_OUT_AGAIN, short: null }
  }
  const choice = choose(delivery, route, ground)
  switch (choice.kind) {
    case 'source':
      if (choice.blocked && relays !== null) return bySomeRelay(delivery, relays, ground)
      return inLane(delivery, choice, ground)
    case 'spent':
      if (relays !== null) return bySomeRelay(delivery, relays, ground, route.provider)
      return { kind: 'later', wait: ledger.untilTomorrow(), short: route.provider }
    case 'unchecked':
      return { kind: 'later', wait: SOON, short: null }
    case 'none':
      return nowhere({ kind: 'network', at: 'connect', detail: choice.detail })
    default:
      return choice satisfies never
  }
}

function choose(delivery: ClaimedDelivery, route: ReachableRoute, { departures, lanes }: Ground): Choice {
  const { detours, sources, ledger, relays } = departures
  const { provider } = route
  const exempt = factsOf(route).isPrivate
  const mine = sources.of(delivery)
  // Where there is nothing to choose, nothing need be asked.
  const isOnly = mine.length === 1
  return chooseSource(
    route,
    {
      sources: mine,
      systemMayUseIpv6: sources.systemMayUseIpv6,
      standingOf: (source) => (ledger.binds(source, exempt) ? ledger.at(source, provider) : null),
      hasRoom: (standing) => ledger.room(standing, exempt) > 0,
      waitingAt: (source) => (isOnly ? 0 : lanes.waitingAt(provider, source)),
      isBlocked: (source) => (!isOnly || relays !== null) && lanes.turnsAway(provider, source),
      isSlowed: (source) => lanes.isSlowed(provider, source),
      last: isOnly ? null : delivery.lastSource,
      avoidsLast: detours.has(delivery.id),
    },
    delivery.stream === 'marketing',
  )
}

type Chosen = Extract<Choice, { kind: 'source' }>

function inLane(delivery: ClaimedDelivery, { route, source, standing }: Chosen, ground: Ground): Placement {
  const { transport, routeKey } = directWay(route, source, ground)
  return {
    kind: 'lane',
    provider: route.provider,
    source: source.address,
    standing,
    ready: { delivery, transport, routeKey },
  }
}

interface DirectWay extends Pick<Ready, 'routeKey'> {
  readonly base: QueueOptions['transport']
  readonly transport: MxTransport
}

/** The last one of each route. What goes the same way has the same object, and it crosses to a worker once per batch. */
const DIRECT_WAYS = new WeakMap<ReachableRoute, DirectWay>()

function directWay(route: ReachableRoute, source: Chosen['source'], { transport }: Ground): DirectWay {
  if (transport.kind === 'capture') throw new Error('a lane for captured mail')
  const { address, hello } = source
  const known = DIRECT_WAYS.get(route)
  if (known?.base === transport && known.transport.source === address && known.transport.hello === hello) {
    return known
  }
  const way: DirectWay = {
    base: transport,
    transport: {
      ...transport,
      route,
      source: address,
      hello,
      via: 'direct',
      auth: null,
      implicitTls: false,
    },
    routeKey: `${route.hosts[0]?.exchange ?? route.domain}:${route.port}`,
  }
  DIRECT_WAYS.set(route, way)
  return way
}

/** `short`: it goes this way because no address of ours has room there today. */
function bySomeRelay(
  delivery: ClaimedDelivery,
  relays: Relays,
  ground: Ground,
  short: string | null = null,
): Placement {
  const way = relays.peek(delivery.destination)
  if (way === null || ground.lanes.spaceOf(way.name) === 0) return { kind: 'later', wait: SOON, short }
  return byRelay(delivery, way, ground)
}

function byRelay(delivery: ClaimedDelivery, way: RelayWay, { transport }: Ground): Placement {
  if (transport.kind === 'capture') throw new Error('a relay for captured mail')
  const { name, route, auth, implicitTls } = way
  return {
    kind: 'lane',
    provider: name,
    source: null,
    standing: null,
    ready: {
      delivery,
      transport: { ...transport, route, source: null, via: name, auth, implicitTls },
      routeKey: name,
    },
  }
}

const nowhere = (cause: Cause): Placement => ({ kind: 'nowhere', cause })
