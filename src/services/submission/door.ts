//
// Owns: the shape of the one door (decision 1). HTTP, SMTP, campaigns and our own notices enter through it.

import type { Domain, ForwardPath, ReversePath } from '../../core/address.ts'
import type { MessageId } from '../../core/ids.ts'
import type { MessageWishes } from '../../core/message.ts'
import type { Result } from '../../core/result.ts'
import type { Idempotency, Submission, Submitter } from '../../core/submission.ts'
import type { FieldFault, Refusal } from './refusal.ts'

export interface Door {
  /** Resolves after the commit, never before: only then may a caller say 200 or 250. */
  submit(submission: Submission): Promise<Result<Accepted, Refusal>>
  /** RFC 5322 bytes with their envelope, as SMTP and /v1/email/raw hand them over. */
  submitRaw(raw: RawSubmission): Promise<Result<Accepted, Refusal>>
  /** Many in one commit, each with its own answer; an idempotency key is for all of them. */
  submitAll(batch: Batch): Promise<Result<BatchAccepted, Refusal>>
  /** May this submitter write as this author? Asked early, before bytes travel; `submit` asks again. */
  readonly limits: DoorLimits
  /** Where recipients go who leave. */
  readonly ways: WaysOut
}

export interface DoorLimits {
  readonly maxRecipients: number
  /** Octets of the whole message. */
  readonly maxMessageSize: number
}

/** Where recipients go who leave. */
export interface WaysOut {
  /** Scheme and host before `/u/…` for mail of this domain, such as `https://mail.example.com`. */
  baseFor(from: Domain): string
  /** Takes their mail where the sender's domain has no return path host of its own. */
  readonly host: Domain
}

export interface RawSubmission {
  readonly source: 'api' | 'smtp'
  readonly submitter: Submitter
  readonly reversePath: ReversePath
  readonly forwardPaths: readonly ForwardPath[]
  /**
   * The message as the client sent it, CRLF line ends, dots unstuffed. What is kept of it
   * is a copy where `received` is prepended, and the memory the caller's again after the answer; else the caller lets go.
   */
  readonly bytes: Uint8Array
  /** Our Received line (RFC 5321 §4.4), ended by CRLF; it is prepended. Null over HTTP. */
  readonly received: string | null
  /** RFC 3461, by forward-path; absent when nobody asked. */
  readonly dsn?: Submission['dsn']
  /** What the MAIL command asked for. */
  readonly wishes?: MessageWishes
  /** Goes before the one in its header. */
  readonly idempotencyKey?: string | null
}

export interface Accepted {
  readonly messageId: MessageId
  readonly status: 'queued' | 'scheduled' | 'suppressed'
  /** Such as `<200ms`: measured, see queue/estimate.ts. Of what is scheduled the time at which it leaves. */
  readonly estimatedDelivery: string
  /** True when an earlier answer to the same Idempotency-Key was repeated. */
  readonly replayed: boolean
  /** Whole mails that the plan has left for this second; absent without limit and in repeated answers. */
  readonly mailsLeft?: number
}

export interface Batch {
  readonly submitter: Submitter
  readonly idempotency: Idempotency | null
  /** In the order in which they were asked for; in place of one that could not be read stands why. */
  readonly entries: readonly Result<Submission, EntryFault>[]
  /** One that is refused refuses all. */
  readonly whole: boolean
}

/** Kept as JSON with the answer to an idempotency key. */
export interface EntryFault {
  readonly code: string
  readonly message: string
  readonly fields?: readonly FieldFault[]
}

export type EntryEnd =
  | { readonly accepted: Pick<Accepted, 'messageId' | 'status' | 'estimatedDelivery'> }
  | { readonly refused: EntryFault }

export interface BatchAccepted {
  /** In the order of the entries. */
  readonly ends: readonly EntryEnd[]
  readonly replayed: boolean
  readonly mailsLeft?: number
}
