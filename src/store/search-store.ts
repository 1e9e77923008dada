//
// Owns: finding mail, as services see it: what may be asked of it, what comes back, and the index that is kept behind.
// Never: an answer that is older than the last commit. The index says where something cannot be, and nothing else.

import type { KeyMode } from '../core/account.ts'
import type { Domain, ForwardPath, Mailbox } from '../core/address.ts'
import type { AccountId, MessageId } from '../core/ids.ts'
import type { DeliveryState, Stream } from '../core/message.ts'
import type { Result } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { StoreFault } from './store-fault.ts'

export interface SearchStore {
  /** In the order of acceptance, the newest first, away from the thread that serves. */
  find(ask: SearchAsk): Promise<SearchPage>
  /** Indexes the next block of mail that was accepted before `before`; null: there is none yet. */
  build(before: Milliseconds): Promise<Result<BlockBuilt | null, StoreFault>>
  /** Looks again at one block whose mail was under way when it was built; null: none is due. */
  recheck(now: Milliseconds): Promise<Result<BlockBuilt | null, StoreFault>>
}

/** What an open delivery is asked for as: `deferred` was tried and waits, `scheduled` waits for its time. */
export type SearchState = DeliveryState | 'deferred' | 'scheduled'

export interface SearchAsk {
  /** Null: everybody's, for the operator. */
  readonly account: AccountId | null
  /** In small letters, as `inSmall` of search/terms.ts makes them. */
  readonly recipient: string | null
  /** Of a recipient. */
  readonly destination: Domain | null
  /** In small letters likewise: an address, or `@` and a domain. */
  readonly from: string | null
  /** All of them stand in the subject; as `wordsIn` of search/terms.ts gives them. */
  readonly words: readonly string[]
  readonly tag: string | null
  readonly campaign: string | null
  readonly stream: Stream | null
  readonly mode: KeyMode | null
  /** Some recipient is in one of them; null: in any. */
  readonly states: readonly SearchState[] | null
  readonly since: Milliseconds | null
  /** Not included. */
  readonly until: Milliseconds | null
  /** Older than this, from there on down. */
  readonly after: MessageId | null
  /** Newer than this, from there on up; still the newest first. */
  readonly before: MessageId | null
  readonly limit: number
  readonly now: Milliseconds
  /** So long it is looked for; what was found by then is the answer. */
  readonly patience: Milliseconds
}

export interface SearchPage {
  readonly found: readonly FoundMessage[]
  /** There is more behind the last one found, or `lookedTo`. */
  readonly more: boolean
  /** Patience ended here; null: it did not. */
  readonly lookedTo: MessageId | null
}

export interface FoundMessage {
  readonly id: MessageId
  readonly createdAt: Milliseconds
  readonly scheduledAt: Milliseconds | null
  readonly from: Mailbox
  readonly subject: string
  readonly stream: Stream
  readonly tags: readonly string[]
  readonly campaign: string | null
  readonly mode: KeyMode
  /** How many recipients are in which state. */
  readonly states: ReadonlyMap<DeliveryState, number>
  /** The first of them that were asked for. */
  readonly recipients: readonly { readonly recipient: ForwardPath; readonly state: DeliveryState }[]
}

export interface BlockBuilt {
  /** Ids of messages. */
  readonly first: string
  readonly last: string
  readonly messages: number
}

/** Of one message in a page. */
export const MAX_FOUND_RECIPIENTS = 10
