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
  const body = await bodyOf(request)
  if (!body.ok) return body
  const bytes = body.value
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

async function bodyOf(request: Request): Promise<Result<Buffer, 'too-large' | 'unreadable'>> {
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    for await (const piece of request.body ?? []) {
      length += piece.length
      if (length > MAX_OCTETS) return fault('too-large')
      pieces.push(piece)
    }
  } catch {
    // Its sender went away in the middle of it.
    return fault('unreadable')
  }
  return ok(Buffer.concat(pieces))
}
