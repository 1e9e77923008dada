//
// Owns: which header fields a signature covers, how often, and their relaxed form (RFC 6376 §3.4.2, §5.4).
// Never: decodes anything. The header travels as latin1, one character for each octet, so that raw
// UTF-8 (RFC 6532) and stray 8-bit text come out as they went in.

/**
 * `oversigned` fields are named once more than they occur, so that a second one added on the way breaks
 * the signature (§8.15). Fields that mailing lists and gateways add to forwarded mail are `signed` only
 * where they are present: naming them in advance would break every mail that passes a list.
 */
const COVERED: ReadonlyMap<string, Coverage> = new Map(
  [
    ...['From', 'To', 'Cc', 'Subject', 'Date', 'Reply-To', 'Message-ID', 'MIME-Version', 'Content-Type'].map(
      (name) => ({ name, oversigned: true }),
    ),
    ...['Content-Transfer-Encoding', 'Sender', 'In-Reply-To', 'References', 'Feedback-ID'].map((name) => ({
      name,
      oversigned: false,
    })),
    // RFC 9477 §3.1.1: who reports complaints must see that the address is the sender's.
    ...['CFBL-Address', 'CFBL-Feedback-ID'].map((name) => ({ name, oversigned: false })),
    // RFC 2369, RFC 2919; List-Unsubscribe-Post must be covered for one-click to count (RFC 8058 §4).
    ...['Id', 'Help', 'Unsubscribe', 'Unsubscribe-Post', 'Subscribe', 'Post', 'Owner', 'Archive'].map(
      (name) => ({ name: `List-${name}`, oversigned: false }),
    ),
  ].map((coverage) => [coverage.name.toLowerCase(), coverage]),
)

/** No covered name comes near it: a line of 100 KB without a colon is not worth a search. */
const MAX_NAME = 100

interface Coverage {
  readonly name: string
  readonly oversigned: boolean
}

export interface CoveredHeader {
  /** What h= lists, in the order in which the fields are hashed. */
  readonly names: readonly string[]
  /** The relaxed fields in that order, each ended by CRLF; latin1. */
  readonly canonical: string
}

/** Takes the header block with or without the empty line that ends it. */
export function coverHeader(header: Uint8Array): CoveredHeader {
  const found = fieldsOf(Buffer.from(header.buffer, header.byteOffset, header.byteLength).toString('latin1'))
  const names: string[] = []
  let canonical = ''
  for (const [key, coverage] of COVERED) {
    const values = found.get(key) ?? []
    // §5.4.2: of several fields with one name the last is signed first.
    for (let at = values.length - 1; at >= 0; at--) {
      names.push(coverage.name)
      canonical += `${key}:${relaxValue(values[at] ?? '')}\r\n`
    }
    if (coverage.oversigned) names.push(coverage.name)
  }
  return { names, canonical }
}

/** Raw values of the covered fields by lower-case name, in the order of the header. */
function fieldsOf(header: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  let start = 0
  while (start < header.length) {
    const end = endOfField(header, start)
    if (end === start) break
    const colon = header.indexOf(':', start)
    if (colon !== -1 && colon < end && colon - start <= MAX_NAME) {
      const key = withoutEdges(header.slice(start, colon)).toLowerCase()
      if (COVERED.has(key)) {
        const values = found.get(key)
        const value = header.slice(colon + 1, end)
        if (values) values.push(value)
        else found.set(key, [value])
      }
    }
    start = end + 2
  }
  return found
}

/** Where the CRLF stands that no white space follows: others are folds (RFC 5322 §2.2.3). */
function endOfField(header: string, start: number): number {
  let end = header.indexOf('\r\n', start)
  while (end !== -1 && (header[end + 2] === ' ' || header[end + 2] === '\t')) {
    end = header.indexOf('\r\n', end + 2)
  }
  return end === -1 ? header.length : end
}

/** §3.4.2: unfold, one SP for each run of white space, none at either end. */
export const relaxValue = (value: string): string =>
  withoutEdges(isPlain(value) ? value : value.replace(/\r\n(?=[ \t])/g, '').replace(/[ \t]+/g, ' '))

/** Single spaces and no fold: most fields, and cheaper to see than to rewrite. */
const isPlain = (value: string): boolean =>
  !(value.includes('  ') || value.includes('\r') || value.includes('\t'))

/** Not trim(): that would take NBSP, VT and FF as well, which verifiers keep. */
function withoutEdges(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isBlank = (code: number): boolean => code === SP || code === HTAB
const SP = 0x20
const HTAB = 0x09
