//
// Owns: the tokens by which a recipient leaves: `/u/<token>` for the page and RFC 8058, `unsub+<token>` as a mailbox; and
// the marks that stand for them until a copy is rendered.
// Never: asks a store. What a token stops stands in it, also when the message is long gone.
//
//   1 <12 of the message id> <5: ordinal, base 36> <16: proof> <list label, base64url; nothing: all marketing mail>   in a URL
//   1 <12 of the message id> <5: ordinal, base 36> <20: proof, base 32>                                               in a mailbox
//
// Programs on the way may change the case of a local part (RFC 5321 §2.4 forbids it; some do), and it has room for 64
// octets: there the proof is in lower case and the list is that of the message.

import type { DeliveryId } from '../../core/ids.ts'
import type { SuppressionScope } from '../../core/suppression.ts'
import { copyName, genuine, HEAD, HEAD_CHARACTERS, proofOf } from './link-token.ts'
import { inBase32, macOf } from './mac.ts'

/** Stands in a URL where a copy's head of the token will be: as long as it, and no token that anybody made. */
export const URL_MARK = '0MailWokWayOut'.padEnd(HEAD_CHARACTERS, '0')
/** Version, message, ordinal and 100 bits of proof. */
export const ADDRESS_TOKEN_CHARACTERS = 38
/** Stands in a mailbox where a copy's token will be. */
export const ADDRESS_MARK = '0mailwokwayout'.padEnd(ADDRESS_TOKEN_CHARACTERS, '0')
/** Octets of a list's label: with it a link stays far below what gateways cut. */
export const MAX_LIST_OCTETS = 64

const NAME_CHARACTERS = HEAD_CHARACTERS - 16
const ADDRESS = /^1([0-9a-z]{12})([0-9a-z]{5})([a-z2-7]{20})$/
const TAIL = /^[A-Za-z0-9_-]*$/

export interface WayOut {
  readonly deliveryId: DeliveryId
  readonly scope: Exclude<SuppressionScope, ''>
}

/** What stands behind the head of a URL's token, and so behind its mark: the same for all copies. */
export const wayOutTail = (list: string | undefined): string =>
  list === undefined ? '' : Buffer.from(list, 'utf8').toString('base64url')

/** What a copy has in place of `URL_MARK` before this tail. */
export function wayOutHead(delivery: DeliveryId, tail: string, key: Uint8Array): string {
  const name = copyName(delivery)
  return name + proofOf(`leave ${name} ${tail}`, key)
}

/** What a copy has in place of `ADDRESS_MARK`. */
export function wayOutAddress(delivery: DeliveryId, key: Uint8Array): string {
  const name = copyName(delivery)
  return name + addressProof(name, key)
}

/** Who leaves what by a URL's token, if one of the keys (newest first) made it, or null. */
export function readWayOut(token: string, keys: readonly Uint8Array[]): WayOut | null {
  const tail = token.slice(HEAD_CHARACTERS)
  if (tail.length > 2 * MAX_LIST_OCTETS || !TAIL.test(tail)) return null
  const head = HEAD.exec(token.slice(0, HEAD_CHARACTERS))
  const delivery = genuine(head, keys, (name, key) => proofOf(`leave ${name} ${tail}`, key))
  if (delivery === null) return null
  const list = Buffer.from(tail, 'base64url').toString('utf8')
  return { deliveryId: delivery, scope: tail === '' ? 'marketing' : `list:${list}` }
}

/** Who leaves by a mailbox's token if one of the keys (newest first) made it, or null: what, says his message. */
export const readWayOutAddress = (token: string, keys: readonly Uint8Array[]): DeliveryId | null =>
  genuine(ADDRESS.exec(token.toLowerCase()), keys, addressProof)

// The label keeps this proof from being one of another kind of token made with the same key.
const addressProof = (name: string, key: Uint8Array): string =>
  inBase32(macOf(key, `leave by mail ${name}`), ADDRESS_TOKEN_CHARACTERS - NAME_CHARACTERS)
