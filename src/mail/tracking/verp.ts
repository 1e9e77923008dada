//
// Owns: the return path of a delivery (VERP): its id and a proof that we wrote it, in a local part.
// Never: trusts a bounce's address without the proof; anybody can write to a return path.

import { timingSafeEqual } from 'node:crypto'
import type { Domain, Mailbox } from '../../core/address.ts'
import { type DeliveryId, deliveryId, messageOf, parseMessageId } from '../../core/ids.ts'
import { inBase32, macOf } from './mac.ts'

/** 80 bits: nobody guesses one in the lifetime of a delivery, and the local part stays below 64 octets. */
const PROOF_CHARACTERS = 16
// The `i` flag without `u` folds ASCII alone: no other letter counts as one of these.
const LOCAL_PART = /^b\+([0-9a-z]{12})([0-9a-z]{1,8})-([a-z2-7]{16})$/i

/** `b+<message><ordinal>-<proof>@domain`: by its making a mailbox, which every message need not prove again. */
export const verpFor = (delivery: DeliveryId, returnPathDomain: Domain, key: Uint8Array): Mailbox =>
  `${localPartFor(delivery, key)}@${returnPathDomain}` as Mailbox

/** The delivery whose return path this is under one of the keys (newest first), or null. */
export function readVerp(localPart: string, keys: readonly Uint8Array[]): DeliveryId | null {
  const match = LOCAL_PART.exec(localPart)
  if (match === null) return null
  const [whole, stamp = '', ordinal = ''] = match
  const message = parseMessageId(`msg_${stamp.toLowerCase()}`)
  if (message === null) return null
  const delivery = deliveryId(message, Number.parseInt(ordinal, 36))
  const got = Buffer.from(whole.toLowerCase(), 'latin1')
  // The whole local part is written anew: two spellings of one ordinal cannot both be right.
  const genuine = keys.some((key) => {
    const want = Buffer.from(localPartFor(delivery, key), 'latin1')
    return want.length === got.length && timingSafeEqual(want, got)
  })
  return genuine ? delivery : null
}

function localPartFor(delivery: DeliveryId, key: Uint8Array): string {
  const message = messageOf(delivery)
  const ordinal = Number(delivery.slice(message.length + 1))
  return `b+${message.slice('msg_'.length)}${ordinal.toString(36)}-${proofOf(delivery, key)}`
}

// The label keeps this proof from being one of another kind of token made with the same key.
const proofOf = (delivery: DeliveryId, key: Uint8Array): string =>
  inBase32(macOf(key, `verp ${delivery}`), PROOF_CHARACTERS)
