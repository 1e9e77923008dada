//
// Owns: where links stand in an html page, by offsets, read as browsers read it (HTML Living Standard § 13.2.5).
// Never: builds a tree, writes markup, or takes more than linear time. What is inside comments, scripts, styles and other
// raw text is not markup, and neither is what conditional comments show to Outlook alone.

export interface FoundLink {
  /** The value of href between its quotes, if it has any; never empty. */
  readonly start: number
  readonly end: number
  /** The author wants it left alone: `data-mailwok-notrack`. */
  readonly notrack: boolean
}

export interface PageScan {
  readonly links: readonly FoundLink[]
  /** Before the last </body>, else the end; null where a picture would be part of a tag, a comment or raw text. */
  readonly pixelAt: number | null
}

export const NOTRACK = 'data-mailwok-notrack'

/** Elements whose content is text up to their end tag (§ 13.2.6.2); title and textarea hold no markup either. */
const RAW_TEXT: ReadonlySet<string> = new Set(
  'script style title textarea xmp iframe noembed noframes plaintext'.split(' '),
)
const LINKING: ReadonlySet<string> = new Set(['a', 'area'])

/** `page`: one character per unit of the page's charset; characters beyond ASCII are never markup. */
export function scanPage(page: string): PageScan {
  return new PageReader(page).read()
}

class PageReader {
  readonly #page: string
  readonly #links: FoundLink[] = []
  #body = -1

  constructor(page: string) {
    this.#page = page
  }

  read(): PageScan {
    const page = this.#page
    let at = page.indexOf('<')
    while (at !== -1) {
      const after = this.#after(at)
      if (after === -1) break
      at = page.indexOf('<', after)
    }
    if (this.#body !== -1) return { links: this.#links, pixelAt: this.#body }
    return { links: this.#links, pixelAt: at === -1 ? this.#endOfText() : null }
  }

  /** Before the line ends that close a part. */
  #endOfText(): number {
    let end = this.#page.length
    while (end > 0 && isSpace(this.#page.charCodeAt(end - 1))) end--
    return end
  }

  /** Where what begins at "<" ends; -1 when it does not. */
  #after(at: number): number {
    const page = this.#page
    const next = page.charCodeAt(at + 1)
    if (isLetter(next)) return this.#afterTag(at, at + 1)
    if (next === SLASH) {
      if (isLetter(page.charCodeAt(at + 2))) return this.#afterTag(at, at + 2)
      return this.#afterBogus(at + 2)
    }
    if (next === EXCLAMATION)
      return page.startsWith('--', at + 2) ? this.#afterComment(at + 4) : this.#afterBogus(at)
    // "<?xml …>", and Word's "<?xml:namespace …/>".
    if (next === QUESTION) return this.#afterBogus(at)
    return at + 1
  }

  #afterBogus(at: number): number {
    const end = this.#page.indexOf('>', at)
    return end === -1 ? -1 : end + 1
  }

  /** `<!-->` and `<!--->` are whole comments (§ 13.2.5.43): the downlevel-revealed kind of Outlook is made of them. */
  #afterComment(at: number): number {
    const page = this.#page
    if (page.startsWith('>', at)) return at + 1
    if (page.startsWith('->', at)) return at + 2
    const end = /--!?>/g
    end.lastIndex = at
    const match = end.exec(page)
    return match === null ? -1 : end.lastIndex
  }

  #afterTag(open: number, start: number): number {
    const page = this.#page
    const isEnd = start !== open + 1
    const nameEnd = endOf(NAME_END, page, start)
    const name = page.slice(start, nameEnd).toLowerCase()
    const attributes = readAttributes(page, nameEnd)
    if (attributes === null) return -1
    if (isEnd) {
      if (name === 'body') this.#body = open
      return attributes.end
    }
    const { href, notrack } = attributes
    if (href !== null && href.end > href.start && LINKING.has(name)) this.#links.push({ ...href, notrack })
    return RAW_TEXT.has(name) ? this.#afterRawText(name, attributes.end) : attributes.end
  }

  #afterRawText(name: string, from: number): number {
    if (name === 'plaintext') return -1
    if (name === 'script') return endOfScript(this.#page, from)
    const end = new RegExp(`</${name}[\\t\\n\\f\\r />]`, 'gi')
    end.lastIndex = from
    const match = end.exec(this.#page)
    // The end tag itself is read as any other.
    return match === null ? -1 : match.index
  }
}

/**
 * Where its end tag stands, or -1. A script within a comment of a script has an end tag of its own (§ 13.2.5.17 to 31), and
 * `<!-->` is a whole comment.
 */
function endOfScript(page: string, from: number): number {
  const marks = /<!--|-->|<(\/?)script[\t\n\f\r />]/gi
  marks.lastIndex = from
  let inside: 'script' | 'comment' | 'comment-script' = 'script'
  for (let mark = marks.exec(page); mark !== null; mark = marks.exec(page)) {
    if (mark[0] === '-->') inside = 'script'
    else if (mark[0] === '<!--') {
      if (inside === 'script') inside = 'comment'
      marks.lastIndex = mark.index + 2
    } else if (mark[1] === '') {
      if (inside === 'comment') inside = 'comment-script'
    } else if (inside === 'comment-script') inside = 'comment'
    else return mark.index
  }
  return -1
}

// ── Attributes ──────────────────────────────────────────────────────────────────────────────────

interface Attributes {
  /** After the tag's ">". */
  readonly end: number
  readonly href: { readonly start: number; readonly end: number } | null
  readonly notrack: boolean
}

/** Null when the tag is not closed: the rest of the page belongs to it, and browsers drop it. */
function readAttributes(page: string, from: number): Attributes | null {
  let href: Attributes['href'] = null
  let notrack = false
  let at = from
  for (;;) {
    at = endOf(NOT_SPACE_OR_SLASH, page, at)
    if (at >= page.length) return null
    if (page.charCodeAt(at) === CLOSE) return { end: at + 1, href, notrack }
    // An "=" in the first place is part of the name (§ 13.2.5.32).
    const nameEnd = endOf(ATTRIBUTE_NAME_END, page, at + 1)
    const name = page.slice(at, nameEnd).toLowerCase()
    const value = readValue(page, nameEnd)
    if (value === null) return null
    // Of two with one name the first counts (§ 13.2.5.33).
    if (name === 'href' && href === null) href = { start: value.start, end: value.end }
    if (name === NOTRACK) notrack = true
    at = value.after
  }
}

interface Value {
  readonly start: number
  readonly end: number
  readonly after: number
}

function readValue(page: string, from: number): Value | null {
  const equals = endOf(NOT_SPACE, page, from)
  if (page.charCodeAt(equals) !== EQUALS) return { start: from, end: from, after: from }
  const start = endOf(NOT_SPACE, page, equals + 1)
  const first = page.charCodeAt(start)
  if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
    const end = page.indexOf(first === DOUBLE_QUOTE ? '"' : "'", start + 1)
    return end === -1 ? null : { start: start + 1, end, after: end + 1 }
  }
  const end = endOf(UNQUOTED_END, page, start)
  return { start, end, after: end }
}

const EXCLAMATION = 33
const DOUBLE_QUOTE = 34
const SINGLE_QUOTE = 39
const SLASH = 47
const EQUALS = 61
const CLOSE = 62
const QUESTION = 63

const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
const isSpace = (code: number): boolean =>
  code === 32 || code === 10 || code === 13 || code === 9 || code === 12

type Ends = (code: number) => boolean
const NAME_END: Ends = (code) => isSpace(code) || code === SLASH || code === CLOSE
const NOT_SPACE_OR_SLASH: Ends = (code) => !isSpace(code) && code !== SLASH
const NOT_SPACE: Ends = (code) => !isSpace(code)
const ATTRIBUTE_NAME_END: Ends = (code) => NAME_END(code) || code === EQUALS
const UNQUOTED_END: Ends = (code) => isSpace(code) || code === CLOSE

function endOf(ends: Ends, page: string, from: number): number {
  let at = from
  while (at < page.length && !ends(page.charCodeAt(at))) at++
  return at
}
