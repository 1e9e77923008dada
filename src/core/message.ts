import type { KeyMode } from './account.ts'
import type { Domain, ForwardPath, Mailbox, ReversePath } from './address.ts'
import type { AccountId, ContentId, DeliveryId, KeyId, MessageId } from './ids.ts'
import type { Milliseconds } from './time.ts'

/** Where mail may go from anywhere: it is played here and never leaves this machine. */
export const SANDBOX_DOMAIN = 'sandbox.mailwok.test'

export type Stream = 'transactional' | 'marketing'

/** One accepted send. What is here is frozen at accept. */
export interface Message {
  readonly id: MessageId
  readonly accountId: AccountId
  /** Which key sent it; null for keyless networks and our own notices. */
  readonly keyId: KeyId | null
  readonly contentId: ContentId
  readonly source: 'api' | 'smtp' | 'notice'
  /** `test` mail is played by the sandbox and never leaves this machine. */
  readonly mode: KeyMode
  readonly createdAt: Milliseconds
  /** What the submitting client named as reverse-path; the wire carries our VERP form of it. */
  readonly reversePath: ReversePath
  /** The author's mailbox (From:). */
  readonly from: Mailbox
  /** The added domain whose DKIM keys sign; the From domain or a parent of it. */
  readonly signingDomain: Domain
  readonly subject: string
  readonly stream: Stream
  readonly tags: readonly string[]
  /** Echoed in events; JSON object of at most 2 KB. */
  readonly custom: Readonly<Record<string, unknown>> | null
  readonly trackOpens: boolean
  readonly trackClicks: boolean
  /** No attempt starts after this. */
  readonly expiresAt: Milliseconds
  /** Octets as stored. */
  readonly size: number
  /** A label under which mail is counted and steered together; null for mail that stands alone. */
  readonly campaign: string | null
  /** The pool of outgoing addresses that the sender asked for. */
  readonly pool: string | null
  readonly wishes: MessageWishes
  /** JSON of its `Fill`; only where the content is `merged`. */
  readonly fill?: string
  /** When it is to leave; absent: as soon as it can. */
  readonly scheduledAt?: Milliseconds
}

/** What the submitter asked of the transport; kept small, for it travels with every copy. */
export interface MessageWishes {
  /** RFC 8689: only over verified TLS to hosts that promise the same. */
  readonly requireTls?: true
  /** RFC 8689 §5, `TLS-Required: No`: delivery matters more than encryption. */
  readonly tlsOptional?: true
  /** RFC 3461: ENVID and RET of the submitted MAIL command. */
  readonly envid?: string
  readonly ret?: 'FULL' | 'HDRS'
  /** The label of the list that it is for (RFC 2919 List-Id is made of it); marketing mail without one is of no list. */
  readonly list?: string
  /** Our own way out (RFC 8058, RFC 2369) stands in its header; absent: none does, or the sender's own. */
  readonly unsubscribe?: true
  /** What is counted in its html, decided at the door and frozen; absent: nobody asked for it. */
  readonly tracking?: Tracking
}

export type Tracking =
  | {
      /** Before `/o/`, `/c/`: scheme and host, such as `https://track.example.com`. */
      readonly base: string
      readonly opens?: true
      readonly clicks?: true
    }
  /** Why what was asked for is not done: for people. */
  | { readonly off: string }

/** RFC 3461 §4.1, §4.2: what was asked for one recipient. Absent: FAILURE as by default, and DELAY if one likes. */
export interface DsnWish {
  readonly notify?: readonly ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[]
  /** addr-type;xtext-decoded address. */
  readonly orcpt?: string
}

/** Each accepted recipient ends in exactly one of the last five (api.md B, Outcomes). */
export type DeliveryState =
  | 'queued'
  | 'held'
  | 'delivered'
  | 'bounced'
  | 'suppressed'
  | 'cancelled'
  | 'failed'

/** One forward-path of one message: the unit of queueing. */
export interface Delivery {
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly recipient: ForwardPath
  /** The recipient's domain: what a route is looked up for. */
  readonly destination: Domain
  readonly state: DeliveryState
  readonly attempts: number
  /** Null unless queued. For a claimed delivery the time at which it was due. */
  readonly dueAt: Milliseconds | null
  readonly finishedAt: Milliseconds | null
  readonly dsn: DsnWish | null
}

/** A delivery that this node holds by its lease, with all that an attempt needs but the content. */
export interface ClaimedDelivery {
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly accountId: AccountId
  readonly contentId: ContentId
  readonly recipient: ForwardPath
  readonly destination: Domain
  readonly reversePath: ReversePath
  readonly signingDomain: Domain
  readonly mode: KeyMode
  readonly stream: Stream
  readonly tags: readonly string[]
  readonly custom: Readonly<Record<string, unknown>> | null
  /** Attempts that have been settled before this one. */
  readonly attempts: number
  /** Our address at the last of them that left from one: a greylist knows us by it (RFC 6647 §2.4). */
  readonly lastSource: string | null
  readonly createdAt: Milliseconds
  readonly expiresAt: Milliseconds
  readonly size: number
  readonly campaign: string | null
  readonly pool: string | null
  readonly wishes: MessageWishes
  readonly dsn: DsnWish | null
  /** JSON of the message's `Fill`; only where the content is `merged`. */
  readonly fill?: string
  /** When the message is to leave; absent: as soon as it can. */
  readonly scheduledAt?: Milliseconds
}

/** From when on it may leave: what it is measured and given up by. */
export const beginOf = ({
  createdAt,
  scheduledAt,
}: Pick<Message, 'createdAt' | 'scheduledAt'>): Milliseconds => scheduledAt ?? createdAt

/** Its time has not come, and nobody has begun with it. */
export const isScheduled = (
  { attempts, state }: Pick<Delivery, 'attempts' | 'state'>,
  { scheduledAt }: Pick<Message, 'scheduledAt'>,
  now: Milliseconds,
): boolean => state === 'queued' && attempts === 0 && scheduledAt !== undefined && scheduledAt > now
