//
// Owns: what a node knows of paused sending, so that the door and the queue ask nobody: read at start, after each
// judgement, and every few seconds, for another node may have judged.

import type { Account } from '../../core/account.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Message } from '../../core/message.ts'
import type { SendingState } from '../../store/sending-store.ts'

/** What decides whether mail may go on. */
export type SentBy = Pick<Message, 'accountId' | 'signingDomain' | 'stream'>

/** Of whom something is paused that was not, and the other way round. */
export interface Learned {
  readonly paused: ReadonlySet<AccountId>
  readonly resumed: ReadonlySet<AccountId>
}

export class Paused {
  #all: Known = new Map()
  /** By account, why: nothing of it goes out, of neither stream. */
  #idle: ReadonlyMap<AccountId, string> = new Map()

  /** What is new of it. */
  learn(states: readonly SendingState[]): Learned {
    const before = this.#all
    const paused = states.filter(({ state }) => state === 'paused')
    this.#all = new Map(paused.map((one) => [keyOf(one.accountId, one.kind, one.name), one]))
    return { paused: beyond(this.#all, before), resumed: beyond(before, this.#all) }
  }

  /** Accounts that are suspended or on their way out. */
  learnIdle(accounts: readonly Pick<Account, 'id' | 'reason'>[]): Learned {
    const before = new Set(this.#idle.keys())
    this.#idle = new Map(accounts.map(({ id, reason }) => [id, reason]))
    const now = new Set(this.#idle.keys())
    return { paused: now.difference(before), resumed: before.difference(now) }
  }

  /** Why nothing of this account goes out; null: its mail may. */
  whyIdle(account: AccountId): string | null {
    return this.#idle.size === 0 ? null : (this.#idle.get(account) ?? null)
  }

  /** Whether this mail has to wait. */
  stops(mail: SentBy): boolean {
    return this.of(mail) !== null || this.whyIdle(mail.accountId) !== null
  }

  /** What keeps this mail; null: nothing. Transactional mail always goes on. */
  of({ accountId, signingDomain, stream }: SentBy): SendingState | null {
    if (stream !== 'marketing' || this.#all.size === 0) return null
    return (
      this.#all.get(keyOf(accountId, 'domain', signingDomain)) ??
      this.#all.get(keyOf(accountId, 'stream', stream)) ??
      this.#all.get(keyOf(accountId, 'account', '')) ??
      null
    )
  }

  get size(): number {
    return this.#all.size
  }
}

type Known = ReadonlyMap<string, SendingState>

const beyond = (these: Known, those: Known): ReadonlySet<AccountId> =>
  new Set([...these].filter(([key]) => !those.has(key)).map(([, { accountId }]) => accountId))

const keyOf = (account: AccountId, kind: SendingState['kind'], name: string): string =>
  `${account} ${kind} ${name}`
