//
// Owns: turning a request's bytes into JSON, strictly: type, size, UTF-8, syntax, well-formed strings.

import { type Problem, ProblemError } from './problem.ts'

/** Deeper nesting is no mail; JSON.parse itself would follow it much further. */
const MAX_DEPTH = 32

export async function readJson(request: Request, maxOctets: number): Promise<unknown> {
  const type = request.headers.get('content-type')
  if (type === null || !/^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ProblemError({
      code: 'unsupported_media_type',
      message: `Content-Type is ${type === null ? 'missing' : JSON.stringify(type)}; want application/json.`,
    })
  }
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > maxOctets) throw new ProblemError(tooLarge(maxOctets))
  const bytes = await request.arrayBuffer()
  if (bytes.byteLength > maxOctets) throw new ProblemError(tooLarge(maxOctets))
  return parseJson(new Uint8Array(bytes))
}

const tooLarge = (maxOctets: number): Problem => ({
  code: 'body_too_large',
  message: `The body is larger than ${maxOctets} octets.`,
})

export function parseJson(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
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
