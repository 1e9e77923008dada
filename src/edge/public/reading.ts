//
// Owns: `/o/<token>`, a pixel, and `/c/<token>`, the way to a link's target. Both are answered at once, out of the token alone.
// Never: waits for a store. A redirect works while there is none, and when the message is long gone (threat T11: unknown → a page).

import { addressIn } from '../../config/networks.ts'
import type { Clock } from '../../core/ports.ts'
import { readClick, readOpen } from '../../mail/tracking/link-token.ts'
import { PURPOSE_FIELDS, saysPrefetch } from '../../mail/tracking/machine.ts'
import { READY_PATH, readyProof } from '../../mail/tracking/ready.ts'
import type { Reading } from '../../services/engagement/reading.ts'
import { SHARED_FIELDS } from './page.ts'
import type { PublicAsk, PublicRoute } from './route.ts'

export interface ReadingRoutesParts {
  readonly tracking: {
    /** Newest first. */
    readonly keys: readonly Uint8Array[]
    /** Takes note of it; never throws, never waits. */
    noted(reading: Reading): void
  }
  readonly clock: Pick<Clock, 'now'>
}

const METHODS = ['GET', 'HEAD'] as const

const READY = READY_PATH.slice('/o/'.length)

/** GIF89a, 1 × 1, transparent. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')
const PIXEL_FIELDS = {
  'content-type': 'image/gif',
  ...SHARED_FIELDS,
  // Webmail of any host shows it.
  'cross-origin-resource-policy': 'cross-origin',
} as const

export const openRoute = ({ tracking, clock }: ReadingRoutesParts): PublicRoute => ({
  methods: METHODS,
  answer(ask) {
    if (ask.token === READY) return ready(tracking.keys)
    const deliveryId = readOpen(ask.token, tracking.keys)
    if (deliveryId === null) return null
    tracking.noted({ kind: 'open', deliveryId, ...readerOf(ask), at: clock.now() })
    return new Response(PIXEL, { headers: PIXEL_FIELDS })
  },
})

/** We ask ourselves whether a host leads here (services/domains/tracking-hosts.ts). */
function ready([key]: readonly Uint8Array[]): Response | null {
  return key === undefined ? null : new Response(readyProof(key), { headers: SHARED_FIELDS })
}

export const clickRoute = ({ tracking, clock }: ReadingRoutesParts): PublicRoute => ({
  methods: METHODS,
  answer(ask) {
    const click = readClick(ask.token, tracking.keys)
    if (click === null) return null
    tracking.noted({ kind: 'click', ...click, ...readerOf(ask), at: clock.now() })
    // The target is printable ASCII and http or https: readClick has seen to it.
    return new Response(null, { status: 302, headers: { location: click.target, ...SHARED_FIELDS } })
  },
})

/** What browsers say of themselves has less than 300 characters. */
const MAX_AGENT = 512

/** Who asked, as an event tells it. */
export function readerOf({ request, client }: PublicAsk) {
  const { headers } = request
  const agent = headers.get('user-agent')?.slice(0, MAX_AGENT) ?? ''
  return {
    method: request.method,
    // A proxy may have written anything.
    ip: addressIn(client),
    userAgent: agent === '' ? null : agent,
    saysPrefetch: saysPrefetch(PURPOSE_FIELDS.map((name) => headers.get(name))),
  }
}
