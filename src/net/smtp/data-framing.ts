//
// Owns: turning message bytes into what follows DATA. Pure.
// Never: rewrites line ends. Bytes are signed by now, and a lone LF here would break the signature and open
// SMTP smuggling: what holds one is refused before it comes here (net/delivery/render.ts).

const DOT = 46
const LF = 10
const CR = 13

/** RFC 5321 §4.1.1.4: the line that ends the content. */
const FINAL_DOT = Buffer.from('.\r\n')
const END_AND_FINAL_DOT = Buffer.from('\r\n.\r\n')

/**
 * The pieces of one message, in order, as they go on the wire: leading dots doubled (RFC 5321 §4.5.2), the last line
 * ended, the final dot added. A piece must begin at a line's start.
 */
export function frame(pieces: readonly Buffer[]): readonly Buffer[] {
  const framed: Buffer[] = []
  let endsLine = true
  for (const piece of pieces) {
    if (piece.length === 0) continue
    framed.push(stuff(piece))
    endsLine = endsWithCrlf(piece)
  }
  framed.push(endsLine ? FINAL_DOT : END_AND_FINAL_DOT)
  return framed
}

/** Doubles the dot at each line's start; most mail has none, and then the same bytes come back. */
export function stuff(message: Buffer): Buffer {
  const dots = leadingDots(message)
  if (dots.length === 0) return message
  const stuffed = Buffer.allocUnsafe(message.length + dots.length)
  let from = 0
  let to = 0
  for (const dot of dots) {
    to += message.copy(stuffed, to, from, dot)
    stuffed[to++] = DOT
    from = dot
  }
  message.copy(stuffed, to, from)
  return stuffed
}

const LINE_START_DOT = Buffer.from([LF, DOT])

function leadingDots(message: Buffer): readonly number[] {
  const dots: number[] = message[0] === DOT ? [0] : []
  for (let at = message.indexOf(LINE_START_DOT); at !== -1; at = message.indexOf(LINE_START_DOT, at + 2)) {
    dots.push(at + 1)
  }
  return dots
}

const endsWithCrlf = (message: Buffer): boolean =>
  message.length >= 2 && message[message.length - 1] === LF && message[message.length - 2] === CR

/** One write of a long content; each has the `block` time-out of its own (RFC 5321 §4.5.3.2.5). */
const BLOCK_OCTETS = 128 * 1024

export const fitsOneBlock = (content: readonly Buffer[]): boolean => octetsOf(content) <= BLOCK_OCTETS

/** Small messages leave in one write: a copy of 4 KB costs less than a second system call. */
export function blocksOf(content: readonly Buffer[]): Buffer[] {
  if (fitsOneBlock(content)) return [Buffer.concat(content)]
  const blocks: Buffer[] = []
  for (const piece of content) {
    for (let at = 0; at < piece.length; at += BLOCK_OCTETS) blocks.push(piece.subarray(at, at + BLOCK_OCTETS))
  }
  return blocks
}

function octetsOf(content: readonly Buffer[]): number {
  let octets = 0
  for (const piece of content) octets += piece.length
  return octets
}
