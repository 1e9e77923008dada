//
// Owns: the shape of what is known about one receiver's replies.

import type { BounceReason } from '../../core/failure.ts'
import type { Phrase } from './phrase.ts'

export type ReceiverName =
  | 'google'
  | 'microsoft'
  | 'yahoo'
  | 'apple'
  | 'cox'
  | 'spectrum'
  | 'orange'
  | 'laposte'
  | 'tencent'
  | 'netease'
  | 'kddi'
  | 'docomo'
  | 'facebook'
  | 'gmx'
  | 'mail.ru'
  | 'mimecast'
  | 'proofpoint'
  | 'godaddy'
  | 'comcast'

/** What a reply is known by: the MX host it came from, or words that only this receiver writes. */
export interface Receiver {
  readonly name: ReceiverName
  /** Ends of MX host names. */
  readonly hosts: readonly string[]
  readonly marks: readonly Phrase[]
  /**
   * A code (`7.28`), a range of codes (`7.606-7.649`), words, `at data`, `temporary`, or several of them with ` + `.
   * The first row that fits decides.
   */
  readonly rows: readonly (readonly [told: string, reason: BounceReason])[]
}
