//
// Owns: how a recipient will be able to leave: by a way out of ours, by the sender's own, or not at all; and which list it is. Pure.
// Never: lets marketing mail through without one: large providers refuse it (RFC 8058), and so do laws.

import { parseMailbox, sayAddressFault } from '../../core/address.ts'
import type { MessageWishes, Stream } from '../../core/message.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { MAX_LIST_OCTETS } from '../../mail/tracking/way-out.ts'

/** What List-Id is made of (RFC 2919 §2: dot-atom-text), entries of the suppression list, and links. */
export const LIST_LABEL = '^[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*$'
export const LABEL_WANTED = `a label of 1 to ${MAX_LIST_OCTETS} of a-z, 0-9, "_", "-" and single dots, such as "news.weekly"`

/** Transactional mail that asks for a way out without naming a list: leaving it stops its like, and no login codes. */
export const NOTIFICATIONS = 'notifications'

const LABEL = new RegExp(LIST_LABEL)

export const isListLabel = (text: string): boolean => text.length <= MAX_LIST_OCTETS && LABEL.test(text)

export interface ListAsk {
  readonly stream: Stream
  readonly list: string | null
  /** Null: nothing was said, marketing mail gets ours. */
  readonly wanted: boolean | null
  /** The sender wrote a way out of his own: that one stands. */
  readonly hasOwn: boolean
}

/** Null: marketing mail that nobody could leave. */
export function listWishes({ stream, list, wanted, hasOwn }: ListAsk): MessageWishes | null {
  const isMarketing = stream === 'marketing'
  if (!hasOwn && (wanted ?? isMarketing)) {
    const label = list ?? (isMarketing ? null : NOTIFICATIONS)
    return label === null ? OURS : { ...OURS, list: label }
  }
  if (isMarketing && !hasOwn) return null
  return list === null ? NOTHING : { list }
}

const NOTHING: MessageWishes = {}
const OURS: MessageWishes = { unsubscribe: true }

/** Whether a List-Unsubscribe field names anything at all (RFC 2369 §2: URLs in angle brackets). */
export const namesWayOut = (value: string): boolean => /<\s*(?:https?|mailto):[^>\s]/i.test(value)

// ── What a sender names instead of ours ─────────────────────────────────────────────────────────

/** With the name of the field it fills a line of at most 998 octets (RFC 5322 §2.1.1). */
const MAX_URL = 900
const MAX_MAILTO = 900

export interface OwnWayOut {
  readonly url: string | null
  /** A mailto: URL (RFC 6068). */
  readonly mailto: string | null
}

export interface OwnWayOutFault {
  readonly field: 'url' | 'mailto'
  readonly message: string
}

export function readOwnWayOut(given: {
  readonly url?: string | undefined
  readonly mailto?: string | undefined
}): Result<OwnWayOut, OwnWayOutFault> {
  const { url, mailto } = given
  if (url === undefined && mailto === undefined) {
    return wrong('url', 'is missing; give url, mailto or both')
  }
  if (url !== undefined && !isUrl(url)) {
    return wrong('url', `wants an http or https URL of at most ${MAX_URL} printable ASCII characters`)
  }
  if (mailto === undefined) return ok({ url: url ?? null, mailto: null })
  const bare = mailto.replace(/^mailto:/i, '')
  const address = parseMailbox(bare.split('?', 1)[0] ?? '')
  if (!address.ok) return wrong('mailto', sayAddressFault(address.error))
  if (bare.length > MAX_MAILTO || !FITS.test(bare)) {
    return wrong('mailto', `wants at most ${MAX_MAILTO} printable ASCII characters without < and >`)
  }
  return ok({ url: url ?? null, mailto: `mailto:${bare}` })
}

const wrong = (field: OwnWayOutFault['field'], message: string): Result<never, OwnWayOutFault> =>
  fault({ field, message })

/** Printable ASCII but for the brackets around it. */
const FITS = /^[!-;=?-~]+$/

const isUrl = (text: string): boolean =>
  /^https?:\/\//i.test(text) && text.length <= MAX_URL && FITS.test(text) && URL.canParse(text)

/** Their fields: one-click is promised for https alone (RFC 8058 §3.1). */
export function ownFields({ url, mailto }: OwnWayOut): Readonly<Record<string, string>> {
  const named = [url, mailto].filter((each) => each !== null).map((each) => `<${each}>`)
  const field = { 'List-Unsubscribe': named.join(', ') }
  return url !== null && /^https:/i.test(url) ? { ...field, 'List-Unsubscribe-Post': ONE_CLICK } : field
}

/** RFC 8058 §3.1: this and nothing else. */
export const ONE_CLICK = 'List-Unsubscribe=One-Click'
