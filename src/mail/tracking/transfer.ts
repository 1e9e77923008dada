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
  /** Where an octet of the page begins in the body; one more than there are octets. */
  readonly begins: Uint32Array
  /** Where it ends. */
  readonly ends: Uint32Array
}

const CR = 13
const LF = 10
const EQUALS = 61
const SPACE = 32
const TAB = 9

export function fromQuotedPrintable(body: Buffer): Unquoted {
  const octets = Buffer.allocUnsafe(body.length)
  const begins = new Uint32Array(body.length + 1)
  const ends = new Uint32Array(body.length)
  let to = 0
  for (let at = 0; at < body.length; ) {
    const octet = body[at] ?? 0
    if (octet === EQUALS || octet === SPACE || octet === TAB) {
      const after = afterInvisible(body, at)
      if (after !== at) {
        at = after
        continue
      }
    }
    const coded = octet === EQUALS ? hexOf(body, at + 1) : -1
    begins[to] = at
    at += coded === -1 ? 1 : 3
    ends[to] = at
    octets[to++] = coded === -1 ? octet : coded
  }
  begins[to] = body.length
  return { octets: octets.subarray(0, to), begins: begins.subarray(0, to + 1), ends: ends.subarray(0, to) }
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
