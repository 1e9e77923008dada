//
// Owns: what tracking changes in a page: which links lead over us, and where the pixel stands.
// Never: touches anything else. A link that is in doubt stays as it is: an uncounted click is better than a broken link.

import { scanMessage } from '../mime/scan.ts'
import { headerIn } from '../mime/tree.ts'
import { clickTail, isTarget, MAX_TARGET_OCTETS } from './link-token.ts'
import { scanPage } from './markup.ts'
import { decodeReferences } from './references.ts'
import { ADDRESS_MARK, URL_MARK } from './way-out.ts'

export interface TrackingWish {
  readonly opens: boolean
  readonly clicks: boolean
  /** `https://track.example.com`, without a slash at its end. */
  readonly origin: string
  /** Targets that begin with one of these stay, as do our own pages and what List-Unsubscribe names. */
  readonly untouched: readonly string[]
}

/** Of the page [start, end) is replaced by `before`, the head of a token, and `after`. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly before: string
  /** What the token goes on with; null for an open, whose head is all. */
  readonly tail: string | null
  readonly after: string
  /** The token is one by which its recipient leaves. */
  readonly leave?: 'url' | 'address'
}

/** A page as it is scanned, and how the value of an attribute in it becomes text. */
export interface Readable {
  /** One character per unit of the charset; what is beyond ASCII only has to stay beyond ASCII. */
  readonly page: string
  readonly textOf: (start: number, end: number) => string
  /** Browsers write what is beyond ASCII into links in UTF-8; in pages of other charsets partly in those. */
  readonly unicode: boolean
}

/** In the order of the page; empty when nothing is to be changed. */
export function editsOf(readable: Readable, wish: TrackingWish): readonly Edit[] {
  const { links, pixelAt } = scanPage(readable.page)
  const edits = wish.clicks ? clickEdits(readable, links, wish) : []
  if (wish.opens && pixelAt !== null && readable.page !== '') {
    const pixel = pixelEdit(pixelAt, wish.origin)
    const next = edits.findIndex(({ start }) => start >= pixelAt)
    edits.splice(next === -1 ? edits.length : next, 0, pixel)
  }
  return edits
}

/** Both in the order of the page. */
export function merged(edits: readonly Edit[], others: readonly Edit[]): readonly Edit[] {
  if (others.length === 0) return edits
  return [...edits, ...others].sort((a, b) => a.start - b.start || a.end - b.end)
}

/** Opens, clicks, ways out: they lead here already. */
const OUR_PAGES = ['/o/', '/c/', '/u/'] as const

function clickEdits(
  { textOf, unicode }: Readable,
  links: ReturnType<typeof scanPage>['links'],
  { origin, untouched }: TrackingWish,
): Edit[] {
  const stay = [...untouched, ...OUR_PAGES.map((path) => `${origin}${path}`)]
  const tracked: { readonly start: number; readonly end: number; readonly target: string }[] = []
  for (const { start, end, notrack } of links) {
    const target = notrack ? null : targetOf(textOf(start, end), unicode)
    if (target === null || stay.some((prefix) => target.startsWith(prefix))) continue
    tracked.push({ start, end, target })
  }
  return tracked.map(({ start, end, target }, index) => {
    const tail = clickTail(target, index + 1, tracked.length)
    return { start, end, before: `${origin}/c/`, tail, after: tail }
  })
}

/** `alt=""`: a screen reader has nothing to say of it. */
const pixelEdit = (at: number, origin: string): Edit => ({
  start: at,
  end: at,
  before: `<img src="${origin}/o/`,
  tail: null,
  after: '" width="1" height="1" alt="" style="border:0;width:1px;height:1px">',
})

/** URL Standard § 4.4: white space around a link and line breaks inside are not part of it. */
const AROUND = /^[\0- ]+|[\0- ]+$/g
const INSIDE = /[\t\n\r]/g
/** Browsers mend `https:example.com` and `https:\\example.com`; we let them. */
const ABSOLUTE = /^https?:\/\/[^/?#\\]/i
/** Ways out of a list are nobody's interest: they stay short, and lead where they say. */
const WAY_OUT = new RegExp(`unsubscri|opt[-_]?out|${URL_MARK}|${ADDRESS_MARK}`, 'i')

/** Where a link leads if it is one that we track; null: leave it. `value` as it stands in the page. */
export function targetOf(value: string, unicode: boolean): string | null {
  // Before anything looks at it twice: no link of this length is one that we track, however it is escaped.
  if (value.length > MAX_VALUE_CHARACTERS) return null
  const decoded = decodeReferences(value)
  if (decoded === null) return null
  const text = decoded.replace(AROUND, '').replace(INSIDE, '')
  if (!ABSOLUTE.test(text) || WAY_OUT.test(text)) return null
  if (!unicode && !isAsciiText(text)) return null
  // As its author wrote it where that can travel: signed links would not survive another spelling.
  const target = /^[!#-;=?-[\]-~]+$/.test(text) ? text : spelled(text)
  return target !== null && isTarget(target) ? target : null
}

/** Every character of the longest target by number: `&#x0026;`. */
const MAX_VALUE_CHARACTERS = MAX_TARGET_OCTETS * 8

/** The web pages that List-Unsubscribe names (RFC 2369 §2): they stay short where the page repeats them. */
export function waysOutOf(message: Buffer): readonly string[] {
  const scanned = scanMessage(headerIn(message))
  const field = scanned.ok ? scanned.value.value('list-unsubscribe') : null
  return Array.from((field ?? '').matchAll(/<\s*(https?:\/\/[^\s<>]+)\s*>/gi), ([, url = '']) => url)
}

/** As a browser asks for it: percent-encoded, the host in A-labels. */
const spelled = (text: string): string | null => (URL.canParse(text) ? new URL(text).href : null)

const isAsciiText = (text: string): boolean => /^[\0-\x7f]*$/.test(text)
