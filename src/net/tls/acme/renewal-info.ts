//
// Owns: when the authority wants a certificate to be renewed (ARI, RFC 9773).

import { X509Certificate } from 'node:crypto'
import { ok, type Result } from '../../../core/result.ts'
import { DAY, HOUR, MINUTE, type Milliseconds } from '../../../core/time.ts'
import { membersOf, readDer, TAG } from '../der.ts'
import type { AcmeClient } from './client.ts'
import type { AcmeFault } from './fault.ts'

export interface SuggestedWindow {
  readonly start: Milliseconds
  readonly end: Milliseconds
  /** When to ask again, from now. */
  readonly askAgain: Milliseconds
  /** A page of the authority for people; null: it names none. */
  readonly why: string | null
}

/** RFC 9773 §4.3.2: neither at once nor never. */
const SOONEST: Milliseconds = MINUTE
const LATEST: Milliseconds = DAY
const USUAL: Milliseconds = 6 * HOUR

/** Null: the authority has no opinion. */
export async function suggestedWindow(
  client: AcmeClient,
  cert: string,
): Promise<Result<SuggestedWindow | null, AcmeFault>> {
  const base = await client.offered('renewalInfo')
  if (!base.ok) return base
  const id = certificateId(cert)
  if (base.value === null || id === null) return ok(null)
  const got = await client.look(`${base.value.replace(/\/$/, '')}/${id}`)
  if (!got.ok) return got
  const { json, retryAfter } = got.value
  const window = json['suggestedWindow']
  if (typeof window !== 'object' || window === null) return ok(null)
  const start = momentOf(Reflect.get(window, 'start'))
  const end = momentOf(Reflect.get(window, 'end'))
  if (start === null || end === null || end <= start) return ok(null)
  const askAgain = Math.min(Math.max(retryAfter ?? USUAL, SOONEST), LATEST)
  const page = json['explanationURL']
  return ok({ start, end, askAgain, why: typeof page === 'string' ? page.slice(0, 300) : null })
}

function momentOf(text: unknown): Milliseconds | null {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : at
}

const AUTHORITY_KEY_IDENTIFIER = Buffer.of(0x55, 0x1d, 0x23)

/** RFC 9773 §4.1: key identifier of the issuer, a dot, serial number. Null: the certificate does not say who signed it. */
export function certificateId(cert: string): string | null {
  const certificate = readDer(new X509Certificate(cert).raw)
  const [toBeSigned] = certificate === null ? [] : membersOf(certificate.body)
  if (toBeSigned === undefined) return null
  const fields = membersOf(toBeSigned.body)
  const serial = fields.find(({ tag }) => tag === TAG.integer)
  const extensions = fields.find(({ tag }) => tag === 0xa3)
  if (serial === undefined || extensions === undefined) return null
  const [list] = membersOf(extensions.body)
  for (const { body } of list === undefined ? [] : membersOf(list.body)) {
    const [id, ...rest] = membersOf(body)
    if (id === undefined || !id.body.equals(AUTHORITY_KEY_IDENTIFIER)) continue
    const value = rest.find(({ tag }) => tag === TAG.octetString)
    const [identifier] = value === undefined ? [] : membersOf(value.body)
    const key = identifier && membersOf(identifier.body).find(({ tag }) => tag === 0x80)
    return key === undefined ? null : `${key.body.toString('base64url')}.${serial.body.toString('base64url')}`
  }
  return null
}
