//
// Owns: reading what a form, or a provider in the name of its user (RFC 8058 §3.2), sends: a few short fields, in either of
// the two encodings of forms.
// Never: holds more of a body than its limit.

import { fault, ok, type Result } from '../../core/result.ts'

export type Form = ReadonlyMap<string, string>

export type FormFault =
  | 'too-large'
  /** Neither of the two encodings. */
  | 'wrong-type'
  /** It says one of them, and is not. */
  | 'unreadable'

/** `List-Unsubscribe=One-Click` with the boundaries of multipart is far below. */
const MAX_OCTETS = 4096

export async function readForm(request: Request): Promise<Result<Form, FormFault>> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_OCTETS) return fault('too-large')
  const type = (request.headers.get('content-type') ?? '').trim()
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  // Who sends the pair without saying how it is written means the usual way.
  const isUrlEncoded = essence === '' || essence === 'application/x-www-form-urlencoded'
  if (!isUrlEncoded && essence !== 'multipart/form-data') return fault('wrong-type')
  const bytes = await bodyOf(request)
  if (bytes === null) return fault('too-large')
  if (isUrlEncoded) return ok(new Map(new URLSearchParams(bytes.toString('utf8').trim())))
  try {
    const data = await new Response(bytes, { headers: { 'content-type': type } }).formData()
    return ok(
      new Map([...data].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))),
    )
  } catch {
    return fault('unreadable')
  }
}

/** Null when it is longer than it may be. */
async function bodyOf(request: Request): Promise<Buffer | null> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of request.body ?? []) {
    length += piece.length
    if (length > MAX_OCTETS) return null
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
