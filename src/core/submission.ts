import type { Authorship } from './access.ts'
import type { ApiKey } from './account.ts'
import type { Domain, ForwardPath, Mailbox, ReversePath } from './address.ts'
import type { Content } from './content.ts'
import type { AccountId, KeyId, MessageId } from './ids.ts'
import type { DsnWish, MessageWishes, Stream } from './message.ts'
import type { Milliseconds } from './time.ts'

/** Who is at the door: proven by a key, or by a keyless network. */
export interface Submitter {
  readonly accountId: AccountId
  readonly keyId: KeyId | null
  readonly mode: 'live' | 'test'
  /** As whom the key may write; absent: as everybody of its account. */
  readonly authors?: Authorship
}

/** Whoever shows this key. */
export const submitterOf = (key: ApiKey): Submitter => {
  const who = { accountId: key.accountId, keyId: key.id, mode: key.mode }
  const { addresses, domains } = key
  return domains.length + addresses.length === 0 ? who : { ...who, authors: { addresses, domains } }
}

/** What every way of entering can ask for. */
export interface SubmissionOptions {
  readonly stream: Stream
  readonly tags: readonly string[]
  readonly custom: Readonly<Record<string, unknown>> | null
  readonly trackOpens: boolean
  readonly trackClicks: boolean
  /** Null: the configured give-up time. */
  readonly expiresAfter: Milliseconds | null
  /** When it is to leave; null or absent: as soon as it can. */
  readonly scheduledAt?: Milliseconds | null
  readonly idempotency: Idempotency | null
  readonly campaign: string | null
  readonly pool: string | null
  readonly wishes: MessageWishes
}

export interface Idempotency {
  readonly key: string
  /** SHA-256 of the canonical body, hex. */
  readonly bodyHash: string
}

/** Validated, what a client hands to the MSA (RFC 6409): grammar is proven, permission is not. */
export interface Submission {
  /** Given before composing, so that a Message-ID that we add can carry it. */
  readonly id: MessageId
  readonly source: 'api' | 'smtp' | 'notice'
  readonly submitter: Submitter
  readonly reversePath: ReversePath
  /** Without duplicates, in the order given. */
  readonly forwardPaths: readonly ForwardPath[]
  /** RFC 3461, by forward-path; those without a wish are absent. */
  readonly dsn: ReadonlyMap<ForwardPath, DsnWish>
  readonly from: Mailbox
  readonly fromDomain: Domain
  readonly subject: string
  readonly content: Content
  /** What it adds to a content that is `merged`, and to no other. */
  readonly fill?: NewFill
  readonly options: SubmissionOptions
}

/** A `Fill` (content.ts) that nobody has put together yet. */
export interface NewFill {
  readonly header: string
  /** JSON of its data; null: nothing is merged. */
  readonly data: string | null
}
