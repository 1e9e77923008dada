//
// Owns: how an html part is encoded on the wire, read with the way back: from an octet of the page to the octet where it
// stands in the message (RFC 2045 §6).

export type PartTransfer = 'as-is' | 'quoted-printable' | 'base64'

/** Null: an encoding of one's own, such as uuencode. */
export function transferOf(value: string | null): PartTransfer | null {
  switch ((value ?? '').trim().toLowerCase()) {
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return 'as-is'
    case 'quoted-printable':
      return 'quoted-printable'
    case 'base64':
      return 'base64'
    default:
      return null
  }
}

/** Null when it is none, or more than one behind the other: decoders differ on those. */
export function fromBase64(body: Buffer): Buffer | null {
  const digits = body.toString('latin1').replace(/[\r\n\t ]/g, '')
  return /^[A-Za-z0-9+/]*={0,2}$/.test(digits) ? Buffer.from(digits, 'base64') : null
}

export interface Unquoted {
  readonly octets: Buffer
  /** Where an octet of the page begins in the body, and where it ends; what is after the last one begins at its end. */
  beginOf(at: number): number
  endOf(at: number): number
}

const CR = 13
const LF = 10
const EQUALS = 61
const SPACE = 32
const TAB = 9
const CODE = 3

export function fromQuotedPrintable(body: Buffer): Unquoted {
  const octets = Buffer.allocUnsafe(body.length)
  const runs = new Runs(body.length)
  const nextOf = hasWhiteEnds(body) ? nextSpecial : nextEquals
  let to = 0
  const literal = (from: number, end: number): void => {
    if (end === from) return
    runs.add(to, from, 1)
    to += body.copy(octets, to, from, end)
  }
  for (let at = 0; at < body.length; ) {
    const special = nextOf(body, at)
    literal(at, special)
    if (special === body.length) break
    const after = afterInvisible(body, special)
    const code = body[special] === EQUALS ? hexOf(body, special + 1) : -1
    at = after
    if (after !== special) continue
    if (code === -1) literal(special, special + 1)
    else {
      runs.add(to, special, CODE)
      octets[to++] = code
    }
    at = special + (code === -1 ? 1 : CODE)
  }
  return runs.over(octets.subarray(0, to))
}

/** Most of a page stands as it is: where a stretch of it begins says where each of its octets does. */
class Runs {
  readonly #size: number
  readonly #to: number[] = []
  readonly #from: number[] = []
  readonly #width: number[] = []

  constructor(size: number) {
    this.#size = size
  }

  /** From octet `to` of the page on, at `from` in the body, each as wide as this. */
  add(to: number, from: number, width: 1 | typeof CODE): void {
    const last = this.#to.length - 1
    const goesOn = from === (this.#from[last] ?? 0) + (to - (this.#to[last] ?? 0)) * width
    if (goesOn && width === this.#width[last]) return
    this.#to.push(to)
    this.#from.push(from)
    this.#width.push(width)
  }

  over(octets: Buffer): Unquoted {
    const beginOf = (at: number): number => {
      if (at >= octets.length) return this.#size
      const run = this.#runOf(at)
      return (this.#from[run] ?? 0) + (at - (this.#to[run] ?? 0)) * (this.#width[run] ?? 1)
    }
    const endOf = (at: number): number => beginOf(at) + (this.#width[this.#runOf(at)] ?? 1)
    return { octets, beginOf, endOf }
  }

  /** The last one that begins there or before. */
  #runOf(at: number): number {
    let low = 0
    let high = this.#to.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#to[middle] ?? 0) <= at) low = middle
      else high = middle
    }
    return low
  }
}

/** Rare: encoders write white space at the end of a line as a code. */
function hasWhiteEnds(body: Buffer): boolean {
  return body.includes(' \r') || body.includes('\t\r') || isWhite(body[body.length - 1])
}

function nextEquals(body: Buffer, from: number): number {
  const at = body.indexOf(EQUALS, from)
  return at === -1 ? body.length : at
}

function nextSpecial(body: Buffer, from: number): number {
  let at = from
  while (at < body.length && body[at] !== EQUALS && !isWhite(body[at])) at++
  return at
}

/** Past a soft line break, or white space that stands at the end of a line and is none of the text (§6.7 (3), (5)). */
function afterInvisible(body: Buffer, at: number): number {
  const first = body[at]
  let next = at + 1
  while (isWhite(body[next])) next++
  if (next < body.length && body[next] !== CR) return at
  return first === EQUALS && body[next + 1] === LF ? next + 2 : next
}

const isWhite = (octet: number | undefined): boolean => octet === SPACE || octet === TAB

/** Lower case is not allowed and met in the wild (§6.7, note to (1)); what is no code stays as it stands. */
function hexOf(body: Buffer, at: number): number {
  const high = digitOf(body[at])
  const low = digitOf(body[at + 1])
  return high === -1 || low === -1 ? -1 : high * 16 + low
}

function digitOf(octet: number | undefined): number {
  if (octet === undefined) return -1
  if (octet >= 48 && octet <= 57) return octet - 48
  const letter = octet & ~32
  return letter >= 65 && letter <= 70 ? letter - 55 : -1
}
