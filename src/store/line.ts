//
// Owns: which line a delivery waits in: (destination, rank, account, campaign), and the number by which tables name it.
//
// The number is made of the key itself: no node has to ask another one for it, and a line whose row was removed is the
// same line when it comes back. Should two keys ever share a number (53 bits), they share a line: one tenant's mail
// waits behind another's for a while; nothing is lost. For the same reason the way it is made may change.

import type { Brand } from '../core/brand.ts'
import type { Stream } from '../core/message.ts'

export type LineId = Brand<number, 'LineId'>

/** 0 goes first. */
export type Rank = 0 | 1

export interface LineKey {
  readonly destination: string
  readonly rank: Rank
  readonly account: string
  /** Empty: mail that stands alone. */
  readonly campaign: string
}

export const rankOf = (stream: Stream): Rank => (stream === 'transactional' ? 0 : 1)

export const streamOf = (rank: Rank): Stream => (rank === 0 ? 'transactional' : 'marketing')

/** Two multiplicative hashes of 32 bits side by side, of which 53 bits are kept: what a number holds exactly. */
export function lineOf({ destination, rank, account, campaign }: LineKey): LineId {
  let high = 0xde_ad_be_ef ^ rank
  let low = 0x41_c6_ce_57 ^ rank
  for (const part of [destination, account, campaign]) {
    for (let i = 0; i < part.length; i++) {
      const unit = part.charCodeAt(i)
      high = Math.imul(high ^ unit, 2_654_435_761)
      low = Math.imul(low ^ unit, 1_597_334_677)
    }
    // Ends each part: "a" + "bc" is not "ab" + "c".
    high = Math.imul(high ^ 0x1_00_00, 2_654_435_761)
    low = Math.imul(low ^ 0x1_00_00, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return (4_294_967_296 * (high & 0x1f_ff_ff) + (low >>> 0)) as LineId
}
