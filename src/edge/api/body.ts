//
// Owns: turning a request's bytes into JSON, strictly: type, size, UTF-8, syntax, well-formed strings.

import { type Problem, ProblemError } from './problem.ts'

/** Deeper nesting is no mail; JSON.parse itself would follow it much further. */
const MAX_DEPTH = 32

/** `wanted`: what may be sent here. */
export async function readJson(
  request: Request,
  maxOctets: number,
  wanted = 'application/json',
): Promise<unknown> {
  const type = request.headers.get('content-type')
  if (type === null || !/^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ProblemError({
      code: 'unsupported_media_type',
      message: `Content-Type is ${type === null ? 'missing' : JSON.stringify(type)}; want ${wanted}.`,
    })
  }
  refuseCoding(request)
  return parseJson(await readOctets(request, maxOctets))
}

const MESSAGE = /^message\/(?:rfc822|global)\s*(?:;|$)/i

/** A message as its body (RFC 5322, RFC 6532), not wrapped in JSON. */
export const isMessage = (request: Request): boolean =>
  MESSAGE.test(request.headers.get('content-type') ?? '')

export function readMessage(request: Request, maxOctets: number): Promise<Uint8Array> {
  refuseCoding(request)
  return readOctets(request, maxOctets)
}

export function refuseCoding(request: Request): void {
  const coding = request.headers.get('content-encoding')
  if (coding === null || coding.toLowerCase() === 'identity') return
  throw new ProblemError({
    code: 'unsupported_media_type',
    message: `Content-Encoding is ${JSON.stringify(coding)}; want the body as it is, without compression.`,
  })
}

/** At most so many; a body that turns out to be larger is refused. */
export async function readOctets(request: Request, maxOctets: number): Promise<Uint8Array> {
  const announced = request.headers.get('content-length')
  if (announced === null && request.body) return readUnannounced(request.body, maxOctets)
  if (Number(announced) > maxOctets) throw new ProblemError(tooLarge(maxOctets))
  return new Uint8Array(await request.arrayBuffer())
}

/** Nothing is kept of a body that turns out to be too large. */
async function readUnannounced(body: ReadableStream<Uint8Array>, maxOctets: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let octets = 0
  for await (const piece of body) {
    octets += piece.byteLength
    if (octets > maxOctets) throw new ProblemError(tooLarge(maxOctets))
    pieces.push(piece)
  }
  return Buffer.concat(pieces, octets)
}

const tooLarge = (maxOctets: number): Problem => ({
  code: 'body_too_large',
  message: `The body is larger than ${maxOctets} octets.`,
})

const UTF_8 = new TextDecoder('utf-8', { fatal: true })

export function parseJson(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = UTF_8.decode(bytes)
  } catch {
    throw new ProblemError({ code: 'malformed_json', message: 'The body is not valid UTF-8.' })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ProblemError({
      code: 'malformed_json',
      message: `The body is not valid JSON: ${error instanceof Error ? error.message : String(error)}.`,
    })
  }
  const lone = loneSurrogateIn(value, '', 0)
  if (lone !== null) {
    throw new ProblemError({
      code: 'validation_failed',
      message: `${lone} holds half of a surrogate pair, which no mail can carry.`,
      fields: [{ path: lone, code: 'lone_surrogate', message: 'is not well-formed Unicode' }],
    })
  }
  return value
}

/** The path of the first string that is no Unicode text, or that lies too deep. */
function loneSurrogateIn(value: unknown, path: string, depth: number): string | null {
  if (typeof value === 'string') return value.isWellFormed() ? null : path
  if (value === null || typeof value !== 'object') return null
  if (depth > MAX_DEPTH) {
    throw new ProblemError({
      code: 'malformed_json',
      message: `The body is nested deeper than ${MAX_DEPTH} levels.`,
    })
  }
  const list = Array.isArray(value)
  for (const [key, inner] of Object.entries(value)) {
    if (!list && !key.isWellFormed()) return path || key.toWellFormed()
    const found = loneSurrogateIn(
      inner,
      list ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`,
      depth + 1,
    )
    if (found !== null) return found
  }
  return null
}
