//
// Owns: whether a person opened or clicked, as far as that can be told from one request and what came just before it.
// Never: drops anything. A verdict goes with the event; what is counted is for statistics to say.

import type { MachineSign, MachineVerdict } from '../../core/event.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { signOfAgent } from './agents.ts'

export interface Visit {
  readonly kind: 'open' | 'click'
  /** As the request line has it. */
  readonly method: string
  readonly userAgent: string | null
  /** Sec-Purpose, Purpose, X-Purpose or X-Moz said prefetch or preview. */
  readonly saysPrefetch: boolean
  /** An address of a hosting or security company. */
  readonly knownNetwork: boolean
  readonly at: Milliseconds
  /** The receiver's 250. `not-yet`: the delivery is under way; null: nobody knows any more. */
  readonly deliveredAt: Milliseconds | 'not-yet' | null
  /** Different links of this copy that were asked for within SEVERAL_WITHIN, this one included. */
  readonly linksInMoment: number
  /** Tracked links of the copy. */
  readonly links: number
}

/** Filters look while a message arrives, or right after it; a person has to be told of it first (threat T20). */
export const SOON: Milliseconds = 5 * SECOND
/** A scanner takes about a second for each link. */
export const SEVERAL_WITHIN: Milliseconds = 10 * SECOND
/** People open two links side by side; three in a moment are a program's. */
const SEVERAL = 3

/** `sure`: it was a program. `doubtful`: it says nothing about a person, for or against. */
type Weight = 'sure' | 'doubtful'

export function judgeVisit(visit: Visit): MachineVerdict {
  const signs = signsOf(visit)
  const why = [...signs].sort(([, a], [, b]) => rank(a) - rank(b)).map(([sign]) => sign)
  const weights = [...signs.values()]
  if (weights.includes('sure')) return { machine: true, why }
  return { machine: weights.includes('doubtful') ? null : false, why }
}

const rank = (weight: Weight): number => (weight === 'sure' ? 0 : 1)

/** In the order of what they prove, strongest first. */
function signsOf(visit: Visit): ReadonlyMap<MachineSign, Weight> {
  const signs = new Map<MachineSign, Weight>()
  if (visit.method !== 'GET') signs.set('head', 'sure')
  const agent = signOfAgent(visit.userAgent)
  if (agent === 'security_scanner') signs.set(agent, 'sure')
  if (visit.saysPrefetch || agent === 'prefetch') signs.set('prefetch', 'sure')
  const several = weightOfSeveral(visit)
  if (several !== null) signs.set('all_links', several)
  if (isSoon(visit)) signs.set('soon_after_delivery', 'sure')
  // Mail programs fetch pictures by libraries, some without a name; a link is opened by a browser.
  if (agent === 'not_a_browser') signs.set(agent, visit.kind === 'click' ? 'sure' : 'doubtful')
  // A proxy fetches pictures for a reader whom it hides. It has no business with links.
  if (agent === 'mail_proxy') signs.set(agent, visit.kind === 'click' ? 'sure' : 'doubtful')
  // Whole companies reach the network through one.
  if (visit.knownNetwork) signs.set('known_network', 'doubtful')
  return signs
}

function weightOfSeveral({ kind, links, linksInMoment }: Visit): Weight | null {
  if (kind !== 'click') return null
  if (linksInMoment >= SEVERAL) return 'sure'
  return linksInMoment === 2 && links === 2 ? 'doubtful' : null
}

function isSoon({ at, deliveredAt }: Visit): boolean {
  if (deliveredAt === 'not-yet') return true
  return deliveredAt !== null && at - deliveredAt < SOON
}

/** The fields by which browsers and proxies say that nobody looks yet. */
export const PURPOSE_FIELDS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'] as const

export const saysPrefetch = (values: readonly (string | null | undefined)[]): boolean =>
  values.some((value) => /prefetch|preview|prerender/i.test((value ?? '').slice(0, 200)))
