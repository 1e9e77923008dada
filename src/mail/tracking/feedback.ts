//
// Owns: the token by which a complaint names a message of ours: its id and a proof that we wrote it, in Feedback-ID
// and CFBL-Feedback-ID (RFC 9477 §3.2).
// One per message, not per delivery: copies with equal headers are signed once (docs/decisions/0012-feedback-tokens.md).

import { timingSafeEqual } from 'node:crypto'
import { type MessageId, parseMessageId } from '../../core/ids.ts'
import { macOf } from './mac.ts'

/** 80 bits, as in a return path. */
const PROOF_OCTETS = 10
const TOKEN = /\bf([0-9a-z]{12})-([0-9a-f]{20})\b/i

export const feedbackToken = (message: MessageId, key: Uint8Array): string =>
  `f${message.slice('msg_'.length)}-${proofOf(message, key)}`

/** The message that a field names by a token that one of the keys made (newest first), or null. */
export function readFeedbackToken(field: string, keys: readonly Uint8Array[]): MessageId | null {
  const match = TOKEN.exec(field)
  if (match === null) return null
  const message = parseMessageId(`msg_${match[1]?.toLowerCase()}`)
  if (message === null) return null
  const got = Buffer.from((match[2] ?? '').toLowerCase(), 'latin1')
  const genuine = keys.some((key) => timingSafeEqual(Buffer.from(proofOf(message, key), 'latin1'), got))
  return genuine ? message : null
}

// The label keeps this proof from being one of another kind of token made with the same key.
const proofOf = (message: MessageId, key: Uint8Array): string =>
  macOf(key, `feedback ${message}`).toString('hex', 0, PROOF_OCTETS)
