//
// Owns: stored content → the bytes of one delivery, signed. Late rendering, frozen inputs (decision 7): every attempt
// gives the same bytes but for DKIM-Signature.
// Never: dot stuffing (net/smtp/data-framing.ts), or a repair of what may not travel.

import { isUtf8 } from 'node:buffer'
import type { Domain } from '../../core/address.ts'
import type { ComposedParts } from '../../core/content.ts'
import { partsOfBytes } from '../../core/content-bytes.ts'
import type { ContentId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { type BodyHash, hashBody } from '../../mail/dkim/body.ts'
import type { PreparedKey } from '../../mail/dkim/key.ts'
import { signMessage } from '../../mail/dkim/sign.ts'
import { composeMessage } from '../../mail/mime/compose.ts'
import { asBuffer, type HeaderScan, sayScanFault, scanMessage } from '../../mail/mime/scan.ts'
import { BoundedCache } from './bounded-cache.ts'
import { Merging } from './merging.ts'
import type { DeliveryOrder, PersonalWish } from './order.ts'
import { compileContent, compileParts, fillContent, type Personal } from './personal.ts'

export type Renderable = Pick<
  DeliveryOrder,
  'deliveryId' | 'signingDomain' | 'content' | 'shared' | 'at' | 'personal' | 'fill'
>

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
  readonly #personal = new BoundedCache<string, Personal>(CACHED_OCTETS)
  readonly #merging = new Merging(CACHED_OCTETS)
  readonly #trackingKey: Uint8Array

  constructor(trackingKey: Uint8Array) {
    this.#trackingKey = trackingKey
  }

  /** Text instead of keys says why there are none: what they should sign fails with it. */
  setKeys(domain: Domain, keys: readonly PreparedKey[] | string): void {
    this.#keys.set(domain, keys)
    // A signature made with the keys before is still true, but the operator wants to see the new ones at work.
    this.#submitted.clear()
  }

  render(order: Renderable): Result<Rendered, string> {
    const prepared = this.#copyOf(order)
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

  #copyOf(order: Renderable): Result<Prepared, string> {
    const { content, personal } = order
    if (content.kind === 'merged') return this.#merge(order, personal)
    const own = personal === undefined ? null : this.#own(order, personal)
    return own ?? this.#prepare(order)
  }

  /** Its links are its own: what is compiled of it serves no other copy. */
  #merge(order: Renderable, wish: PersonalWish | undefined): Result<Prepared, string> {
    const copy = this.#merging.copyOf(order)
    if (!copy.ok) return copy
    const { parts, ready } = copy.value
    const personal = wish === undefined ? null : compileParts(parts, wish)
    if (wish === undefined || personal === null) {
      return prepared(composeMessage(parts, order.deliveryId, ready))
    }
    const own = prepared(fillContent(personal, order.deliveryId, this.#trackingKey))
    if (own.ok || wish.tracking === undefined) return own
    return this.#merge(order, wish.unsubscribe ? { unsubscribe: true } : undefined)
  }

  /** Null: this copy is like all others. */
  #own(order: Renderable, wish: PersonalWish): Result<Prepared, string> | null {
    const content = this.#compiled(order, wish)
    if (content === null) return null
    const copy = prepared(fillContent(content, order.deliveryId, this.#trackingKey))
    if (copy.ok || wish.tracking === undefined) return copy
    // A sender whose links nobody counts is better off than one whose mail does not travel.
    return wish.unsubscribe ? this.#own(order, { unsubscribe: true }) : null
  }

  #compiled({ content, shared }: Renderable, wish: PersonalWish): Personal {
    if (content.kind === 'merged') return null
    const name = shared ? `${content.id} ${JSON.stringify(wish)}` : ''
    const known = shared ? this.#personal.get(name) : undefined
    if (known !== undefined) return known
    const fresh = compileContent(asBuffer(content.bytes), content.kind, wish)
    // What is compiled holds its text, and as much again.
    if (shared) this.#personal.set(name, fresh, fresh === null ? name.length : 2 * content.bytes.length)
    return fresh
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
    const parts = partsOfBytes<ComposedParts>(content.bytes)
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
