//
// Owns: what an Idempotency-Key means: same key and same body repeat the answer, another body is refused, and a key
// whose first use is still under way is told to come again (api.md B). The row itself commits with the message.

import type { AccountId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Idempotency, Submitter } from '../../core/submission.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { IdempotencyRecord, MessageStore } from '../../store/store.ts'
import type { Accepted } from './door.ts'
import type { Refusal } from './refusal.ts'

const IN_FLIGHT: Refusal = {
  code: 'idempotency_in_flight',
  say: 'A request with this idempotency key is still under way. Repeat it in a moment.',
  retryAfter: SECOND as Milliseconds,
}

interface Once<Answer> {
  readonly work: () => Promise<Result<Answer, Refusal> | 'idempotency-conflict'>
  /** An answer that was kept. */
  readonly read: (answer: string) => Answer
}

export class IdempotencyDesk {
  readonly #store: Pick<MessageStore, 'idempotency'>
  readonly #underWay = new Set<string>()

  constructor(store: Pick<MessageStore, 'idempotency'>) {
    this.#store = store
  }

  /** Runs `work` unless the key was used before; at most one `work` per key is under way. */
  async once<Answer extends { readonly replayed: boolean }>(
    account: AccountId,
    wanted: Idempotency | null,
    { read, work }: Once<Answer>,
  ): Promise<Result<Answer, Refusal>> {
    if (!wanted) {
      const done = await work()
      if (done === 'idempotency-conflict') throw new Error('a conflict of idempotency keys without a key')
      return done
    }
    const place = `${account} ${wanted.key}`
    if (this.#underWay.has(place)) return fault(IN_FLIGHT)
    this.#underWay.add(place)
    try {
      const before = await this.#store.idempotency(account, wanted.key)
      if (before) return repeat(before, wanted, read)
      const done = await work()
      if (done !== 'idempotency-conflict') return done
      // Another node was quicker: its row is committed by now.
      const theirs = await this.#store.idempotency(account, wanted.key)
      return theirs ? repeat(theirs, wanted, read) : fault(IN_FLIGHT)
    } finally {
      this.#underWay.delete(place)
    }
  }
}

function repeat<Answer>(
  before: IdempotencyRecord,
  wanted: Idempotency,
  read: Once<Answer>['read'],
): Result<Answer, Refusal> {
  if (before.bodyHash !== wanted.bodyHash) {
    return fault({
      code: 'idempotency_mismatch',
      say: 'This idempotency key was used with another body within the last 24 hours. Use a new key for a new message.',
    })
  }
  return ok(read(before.answer))
}

/**
 * A test key's answers are its own: repeated to a live key, one would say 200 for a message that nobody sends. No
 * client can write a line break into an idempotency key.
 */
export function keyOfItsMode(wanted: Idempotency | null, mode: Submitter['mode']): Idempotency | null {
  return mode === 'live' || wanted === null ? wanted : { ...wanted, key: `test\n${wanted.key}` }
}

export const writeAnswer = ({ messageId, status, estimatedDelivery }: Accepted): string =>
  JSON.stringify({ messageId, status, estimatedDelivery })

export const readAnswer = (text: string): Accepted => ({
  ...(JSON.parse(text) as Omit<Accepted, 'replayed'>),
  replayed: true,
})
