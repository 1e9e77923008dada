//
// Owns: stored content → the bytes of one delivery, signed. Late rendering, frozen inputs (decision 7): every attempt
// gives the same bytes but for DKIM-Signature.
// Never: dot stuffing (net/smtp/data-framing.ts), or a repair of what may not travel.

import { isUtf8 } from 'node:buffer'
import type { Domain } from '../../core/address.ts'
import type { ComposedParts } from '../../core/content.ts'
import type { ContentId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { type BodyHash, hashBody } from '../../mail/dkim/body.ts'
import type { PreparedKey } from '../../mail/dkim/key.ts'
import { signMessage } from '../../mail/dkim/sign.ts'
import { composeMessage } from '../../mail/mime/compose.ts'
import { asBuffer, type HeaderScan, sayScanFault, scanMessage } from '../../mail/mime/scan.ts'
import { BoundedCache } from './bounded-cache.ts'
import type { DeliveryOrder } from './order.ts'

export type Renderable = Pick<DeliveryOrder, 'deliveryId' | 'signingDomain' | 'content' | 'shared' | 'at'>

export interface Rendered {
  /** In order; each begins at a line's start. */
  readonly pieces: readonly Buffer[]
  readonly size: number
  readonly eightBit: boolean
  /** The header holds UTF-8 beyond ASCII (RFC 6532). */
  readonly utf8Header: boolean
}

/** Per worker. Enough that the recipients of one message are signed once; little beside 300 MB. */
const CACHED_OCTETS = 8 * 1024 * 1024

/** What is the same for all deliveries of one content. */
interface Prepared {
  readonly bytes: Buffer
  readonly scan: HeaderScan
  readonly utf8Header: boolean
  bodyHash: BodyHash | null
  signed: { readonly second: number; readonly fields: Buffer } | null
}

export class Renderer {
  readonly #keys = new Map<Domain, readonly PreparedKey[] | string>()
  readonly #submitted = new BoundedCache<ContentId, Prepared>(CACHED_OCTETS)
  readonly #parts = new BoundedCache<ContentId, ComposedParts>(CACHED_OCTETS)

  /** Text instead of keys says why there are none: what they should sign fails with it. */
  setKeys(domain: Domain, keys: readonly PreparedKey[] | string): void {
    this.#keys.set(domain, keys)
    // A signature made with the keys before is still true, but the operator wants to see the new ones at work.
    this.#submitted.clear()
  }

  render(order: Renderable): Result<Rendered, string> {
    const prepared = this.#prepare(order)
    if (!prepared.ok) return prepared
    const { bytes, scan, utf8Header } = prepared.value
    const keys = this.#keys.get(order.signingDomain) ?? NO_KEYS
    if (typeof keys === 'string') return fault(keys)
    const fields = sign(prepared.value, keys, order.at)
    return ok({
      pieces: fields.length === 0 ? [bytes] : [fields, bytes],
      size: fields.length + bytes.length,
      eightBit: scan.is8bit,
      utf8Header,
    })
  }

  #prepare(order: Renderable): Result<Prepared, string> {
    const { content } = order
    if (content.kind === 'composed') {
      return prepared(composeMessage(this.#composed(order), order.deliveryId))
    }
    const known = this.#submitted.get(content.id)
    if (known !== undefined) return ok(known)
    const fresh = prepared(asBuffer(content.bytes))
    if (fresh.ok && order.shared) this.#submitted.set(content.id, fresh.value, content.bytes.length)
    return fresh
  }

  #composed({ content, shared }: Renderable): ComposedParts {
    const known = this.#parts.get(content.id)
    if (known !== undefined) return known
    // The door wrote it and the store proved its SHA-256: it is what it says.
    const parts = JSON.parse(asBuffer(content.bytes).toString('utf8')) as ComposedParts
    if (shared) this.#parts.set(content.id, parts, content.bytes.length)
    return parts
  }
}

/** Equal copies within one second are signed once: t= and x= have no finer grain. */
function sign(message: Prepared, keys: readonly PreparedKey[], at: Milliseconds): Buffer {
  if (keys.length === 0) return UNSIGNED
  const second = secondOf(at)
  if (message.signed?.second === second) return message.signed.fields
  message.bodyHash ??= hashBody(message.bytes.subarray(message.scan.bodyStart))
  const header = message.bytes.subarray(0, message.scan.headerEnd)
  const fields = Buffer.from(signMessage({ header, body: message.bodyHash, keys, at }), 'latin1')
  message.signed = { second, fields }
  return fields
}

const NO_KEYS: readonly PreparedKey[] = []
const UNSIGNED = Buffer.alloc(0)

const secondOf = (at: Milliseconds): number => Math.floor(at / SECOND)

/** The last look before the wire (invariant I10): whatever wrote these bytes, a bare CR, LF or NUL stops here. */
function prepared(bytes: Buffer): Result<Prepared, string> {
  const scanned = scanMessage(bytes)
  if (!scanned.ok) return fault(`cannot travel: ${sayScanFault(scanned.error)}`)
  const scan = scanned.value
  // Legacy 8-bit headers in another charset are no internationalized header: no peer has to offer anything for them.
  const utf8Header = scan.hasUtf8Header && isUtf8(bytes.subarray(0, scan.headerEnd))
  return ok({ bytes, scan, utf8Header, bodyHash: null, signed: null })
}
