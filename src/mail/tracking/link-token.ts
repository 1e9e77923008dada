//
// Owns: the tokens in tracked mail: `/o/<token>` for an open, `/c/<token>` for a click, with the target inside
// (docs/decisions/0014-tracking-tokens-and-rewriting.md).
// Never: asks a store. A token says by itself whose it is and where it leads, also when the message is long gone.
//
//   1 <12 of the message id> <5: ordinal, base 36> <16: proof>                                          an open
//   1 <12 of the message id> <5: ordinal, base 36> <16: proof> <2: link> <2: of so many> <target, base64url>   a click

import { timingSafeEqual } from 'node:crypto'
import { type DeliveryId, deliveryId, messageOf, parseMessageId } from '../../core/ids.ts'
import { macOf } from './mac.ts'

const VERSION = '1'
/** Seven decimal digits, which an ordinal has at most, are below 36^5. */
const ORDINAL_DIGITS = 5
/** 96 bits, written without slack: each of the 16 characters counts in full. */
const PROOF_OCTETS = 12
/** Every token begins with so many characters that differ from copy to copy; what follows is the content's. */
export const HEAD_CHARACTERS = 34
/** With 4 characters for 3 octets and a host of 100, links stay below 2,048: gateways cut or refuse longer ones. */
export const MAX_TARGET_OCTETS = 1400
/** A longer path is no token: nothing is computed for it. */
const MAX_TOKEN_CHARACTERS = 2200

/** Of a token in a URL, whatever it is for. */
export const HEAD = /^1([0-9a-z]{12})([0-9a-z]{5})([A-Za-z0-9_-]{16})$/
const TAIL = /^([0-9a-z]{2})([0-9a-z]{2})([A-Za-z0-9_-]+)$/
const MAX_COUNT = 36 ** 2 - 1

export interface Click {
  readonly deliveryId: DeliveryId
  /** http or https, nothing else. */
  readonly target: string
  /** Counted from 1 over the tracked links of the page; 1295 stands for all beyond. */
  readonly link: number
  readonly links: number
}

/** What tokens of one copy begin with; made once for all its links. */
export type CopyName = string & { readonly copyName: never }

export function copyName(delivery: DeliveryId): CopyName {
  const message = messageOf(delivery)
  const ordinal = Number(delivery.slice(message.length + 1))
  const digits = ordinal.toString(36).padStart(ORDINAL_DIGITS, '0')
  return `${VERSION}${message.slice('msg_'.length)}${digits}` as CopyName
}

/** The whole token of an open. */
export const openHead = (name: CopyName, key: Uint8Array): string => name + openProof(name, key)

/** The part of a click's token before its tail. */
export const clickHead = (name: CopyName, tail: string, key: Uint8Array): string =>
  name + proofOf(`click ${name} ${tail}`, key)

/** The part that is the same for all copies; of a target that is ASCII (`isTarget`). */
export function clickTail(target: string, link: number, links: number): string {
  return count(link) + count(links) + Buffer.from(target, 'latin1').toString('base64url')
}

/** The delivery whose open this is under one of the keys (newest first), or null. */
export function readOpen(token: string, keys: readonly Uint8Array[]): DeliveryId | null {
  return token.length === HEAD_CHARACTERS ? genuine(HEAD.exec(token), keys, openProof) : null
}

/** What a click's token says if one of the keys (newest first) made it, or null. */
export function readClick(token: string, keys: readonly Uint8Array[]): Click | null {
  if (token.length > MAX_TOKEN_CHARACTERS) return null
  const tail = token.slice(HEAD_CHARACTERS)
  const match = TAIL.exec(tail)
  if (match === null) return null
  const head = HEAD.exec(token.slice(0, HEAD_CHARACTERS))
  const delivery = genuine(head, keys, (name, key) => proofOf(`click ${name} ${tail}`, key))
  if (delivery === null) return null
  const [, link = '', links = '', encoded = ''] = match
  const target = Buffer.from(encoded, 'base64url').toString('utf8')
  // We made it and we make no others; a redirect is worth a second look (threat T11).
  if (!isTarget(target)) return null
  return { deliveryId: delivery, target, link: Number.parseInt(link, 36), links: Number.parseInt(links, 36) }
}

/** Printable ASCII after http:// or https://: fit for a Location field as it is. */
export const isTarget = (text: string): boolean =>
  /^https?:\/\/[!-~]+$/i.test(text) && text.length <= MAX_TARGET_OCTETS && URL.canParse(text)

/** The delivery that a head (message, ordinal, proof) names if one of the keys made its proof, or null. */
export function genuine(
  head: RegExpExecArray | null,
  keys: readonly Uint8Array[],
  proofWith: (name: string, key: Uint8Array) => string,
): DeliveryId | null {
  if (head === null) return null
  const [whole, stamp = '', ordinal = '', proof = ''] = head
  const message = parseMessageId(`msg_${stamp}`)
  if (message === null) return null
  const name = whole.slice(0, -proof.length)
  // The proof is compared as it was written, and covers all the rest as it was written: nothing has two spellings.
  const got = Buffer.from(proof, 'latin1')
  const made = keys.some((key) => timingSafeEqual(Buffer.from(proofWith(name, key), 'latin1'), got))
  return made ? deliveryId(message, Number.parseInt(ordinal, 36)) : null
}

/** `text` begins with a label: it keeps a proof from being one of another kind of token made with the same key. */
export const proofOf = (text: string, key: Uint8Array): string =>
  macOf(key, text).toString('base64url', 0, PROOF_OCTETS)

const openProof = (name: string, key: Uint8Array): string => proofOf(`open ${name}`, key)

const COUNTS = Array.from({ length: MAX_COUNT + 1 }, (_, value) => value.toString(36).padStart(2, '0'))
const count = (value: number): string => COUNTS[Math.min(value, MAX_COUNT)] ?? ''
