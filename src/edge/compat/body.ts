//
// Owns: reading what a vendor's client sends: JSON, or a form with files; both bounded.

import { readJson, readOctets, refuseCoding } from '../api/body.ts'
import { ProblemError } from '../api/problem.ts'

export interface Upload {
  readonly filename: string
  readonly contentType: string
  readonly bytes: Uint8Array
}
export type FormValue = string | Upload
/** Values by name, in the order in which they came. */
export type Form = ReadonlyMap<string, readonly FormValue[]>

/** Of one form. */
const MOST_PARTS = 2000

export async function jsonIn(request: Request, maxOctets: number): Promise<unknown> {
  if (request.body === null || request.headers.get('content-length') === '0') return null
  return await readJson(request, maxOctets)
}

/** multipart/form-data (RFC 7578) and application/x-www-form-urlencoded. */
export async function formIn(request: Request, maxOctets: number): Promise<Form | null> {
  if (request.body === null || request.headers.get('content-length') === '0') return null
  const type = request.headers.get('content-type') ?? ''
  if (!/^(?:multipart\/form-data|application\/x-www-form-urlencoded)\s*(?:;|$)/i.test(type)) {
    throw new ProblemError({
      code: 'unsupported_media_type',
      message: `Content-Type is ${JSON.stringify(type.slice(0, 100))}; want multipart/form-data or application/x-www-form-urlencoded.`,
    })
  }
  refuseCoding(request)
  const octets = await readOctets(request, maxOctets)
  const form = new Map<string, FormValue[]>()
  let parts = 0
  for (const [name, value] of await formOf(octets, type)) {
    parts += 1
    if (parts > MOST_PARTS) throw new ProblemError(malformed(`has more than ${MOST_PARTS} parts`))
    const values = form.get(name) ?? []
    values.push(typeof value === 'string' ? value : await uploadOf(value))
    form.set(name, values)
  }
  return form
}

async function formOf(octets: Uint8Array, type: string): Promise<Iterable<[string, string | File]>> {
  try {
    const form = await new Response(new Uint8Array(octets), { headers: { 'content-type': type } }).formData()
    // Its type lacks what every such form has.
    return form as unknown as Iterable<[string, string | File]>
  } catch (error) {
    throw new ProblemError(
      malformed(`cannot be read: ${error instanceof Error ? error.message : String(error)}`),
    )
  }
}

const malformed = (what: string) => ({ code: 'invalid_request', message: `The form ${what}.` }) as const

const uploadOf = async (file: File): Promise<Upload> => ({
  filename: file.name,
  contentType: file.type,
  bytes: new Uint8Array(await file.arrayBuffer()),
})
