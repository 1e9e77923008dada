//
// Owns: who must not be written to, as the door and the queue ask it, and putting on and taking off by hand.
// Never: what mail that came back says about an address (learning.ts).

import { domainOf, type ForwardPath } from '../../core/address.ts'
import type { AccountId, DeliveryId } from '../../core/ids.ts'
import { type ClaimedDelivery, type MessageWishes, SANDBOX_DOMAIN, type Stream } from '../../core/message.ts'
import type { Clock } from '../../core/ports.ts'
import { ok, type Result } from '../../core/result.ts'
import type { Suppression as Entry, SuppressionScope } from '../../core/suppression.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { type Blocking, PUT_AT_ONCE, type SuppressionStore } from '../../store/suppression-store.ts'

export interface SuppressionParts {
  readonly store: Pick<SuppressionStore, 'blocking' | 'hasAny' | 'put' | 'remove'>
  readonly clock: Clock
}

const NOBODY: ReadonlyMap<ForwardPath, Blocking> = new Map()

type Asked = Pick<ClaimedDelivery, 'id' | 'accountId' | 'recipient' | 'stream' | 'wishes'>

/** What mail is, as far as it may be left. */
export interface Kind {
  readonly stream: Stream
  readonly wishes: Pick<MessageWishes, 'list'>
}

/**
 * The form in which recipients are kept and compared. Local parts are case-sensitive on paper (RFC 5321 §2.4) and
 * nowhere else: who asked not to be written to must not be reached by another spelling. Neither by quotes that need
 * not be there (§4.1.2), nor by a letter and its accent written apart (RFC 6532 §3.1).
 */
export function suppressionKey(recipient: ForwardPath): string {
  const lower = recipient.toLowerCase()
  return USUAL.test(lower) ? lower : unquoted(lower.normalize('NFC'))
}

const USUAL = /^[!#-~]*$/
const DOT_STRING = /^[^\s"(),:;<>@[\\\]]+$/

function unquoted(path: string): string {
  const at = path.lastIndexOf('@')
  if (!path.startsWith('"')) return path
  const local = path.slice(1, at - 1).replace(/\\(.)/gsu, '$1')
  const isPlain = DOT_STRING.test(local) && !/^\.|\.\.|\.$/.test(local)
  return `${isPlain ? local : `"${local.replace(/["\\]/g, '\\$&')}"`}${path.slice(at)}`
}

/** Which entries stop which mail: those for all streams, and those for its own. */
const SCOPES: Readonly<Record<Stream, readonly SuppressionScope[]>> = {
  transactional: [''],
  marketing: ['', 'marketing'],
}

/** A list stops in whatever stream it comes. */
const scopesOf = ({ stream, wishes: { list } }: Kind): readonly SuppressionScope[] =>
  list === undefined ? SCOPES[stream] : [...SCOPES[stream], `list:${list}`]

/** What the event of mail that an entry stopped says: to people, and to programs. */
export const suppressedBy = ({ reason, scope, createdAt }: Blocking) => ({
  reason: `${reason.replace('_', ' ')} on ${new Date(createdAt).toISOString().slice(0, 10)}${scope === '' ? '' : ` (${scope})`}`,
  by: { reason, scope, since: createdAt },
})

/**
 * Recipients of the sandbox complain and leave as often as somebody plays them. What a person put on the list holds: that is
 * how a test sees a suppressed recipient.
 */
const isOnlyPlayed = (recipient: ForwardPath, { reason }: Blocking): boolean =>
  domainOf(recipient) === SANDBOX_DOMAIN && reason !== 'manual' && reason !== 'import'

/** How long "this account has no entry" is believed: a look-up per message costs more than all else the door reads. */
const NONE_BELIEVED: Milliseconds = SECOND / 2
/** Accounts of which it is believed; beyond it all are asked anew. */
const MAX_BELIEVED = 10_000

export class Suppression {
  readonly #parts: SuppressionParts
  readonly #noneUntil = new Map<AccountId, Milliseconds>()

  constructor(parts: SuppressionParts) {
    this.#parts = parts
  }

  /** Those of `recipients` that are suppressed, in the spelling in which they came, and by which entry. */
  async check(
    account: AccountId,
    recipients: readonly ForwardPath[],
    kind: Kind,
  ): Promise<ReadonlyMap<ForwardPath, Blocking>> {
    if (recipients.length === 0 || (await this.#hasNone(account))) return NOBODY
    const blocked = await this.#blocking(account, recipients.map(suppressionKey), kind)
    if (blocked.size === 0) return NOBODY
    const found = new Map<ForwardPath, Blocking>()
    for (const recipient of recipients) {
      const entry = blocked.get(suppressionKey(recipient))
      if (entry && !isOnlyPlayed(recipient, entry)) found.set(recipient, entry)
    }
    return found
  }

  /** For claimed deliveries: a wait of days is long enough to be suppressed in. */
  async checkDeliveries(deliveries: readonly Asked[]): Promise<ReadonlyMap<DeliveryId, Blocking>> {
    const found = new Map<DeliveryId, Blocking>()
    const groups = Map.groupBy(
      deliveries,
      ({ accountId, stream, wishes }) => `${stream} ${accountId} ${wishes.list ?? ''}`,
    )
    for (const asked of groups.values()) {
      const [first] = asked
      if (first === undefined) continue
      const keys = asked.map((delivery) => suppressionKey(delivery.recipient))
      const blocked = await this.#blocking(first.accountId, keys, first)
      for (const [at, delivery] of asked.entries()) {
        const entry = blocked.get(keys[at] ?? '')
        if (entry && !isOnlyPlayed(delivery.recipient, entry)) found.set(delivery.id, entry)
      }
    }
    return found
  }

  /** In force on this node as soon as it resolves, on others half a second later. */
  async put(entries: readonly Entry[]): Promise<Result<void, StoreFault>> {
    for (let at = 0; at < entries.length; at += PUT_AT_ONCE) {
      const some = entries.slice(at, at + PUT_AT_ONCE)
      const done = await this.#parts.store.put(some)
      for (const { accountId } of some) this.changed(accountId)
      if (!done.ok) return done
    }
    return ok(undefined)
  }

  /** How many entries went. */
  remove(
    account: AccountId,
    recipient: string,
    scope: SuppressionScope | null,
  ): Promise<Result<number, StoreFault>> {
    return this.#parts.store.remove(account, recipient, scope)
  }

  /** That an account has no entry is not believed any more. */
  changed(account: AccountId): void {
    this.#noneUntil.delete(account)
  }

  #blocking(account: AccountId, keys: readonly string[], kind: Kind) {
    const { clock, store } = this.#parts
    return store.blocking({ account, recipients: keys, scopes: scopesOf(kind), now: clock.now() })
  }

  async #hasNone(account: AccountId): Promise<boolean> {
    const { clock, store } = this.#parts
    const now = clock.monotonic()
    if (now < (this.#noneUntil.get(account) ?? 0)) return true
    this.#noneUntil.delete(account)
    if (await store.hasAny(account)) return false
    if (this.#noneUntil.size >= MAX_BELIEVED) this.#noneUntil.clear()
    this.#noneUntil.set(account, now + NONE_BELIEVED)
    return true
  }
}
