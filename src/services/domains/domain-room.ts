//
// Owns: that an account adds no more domains than its plan allows. Those who ask at once are let in one after the other:
// making keys takes a while, and a crowd would pass while all of them saw the same room.

import type { Plan, SendingDomain } from '../../core/account.ts'
import type { AccountId } from '../../core/ids.ts'
import { fault, type Result } from '../../core/result.ts'

export interface RoomParts {
  readonly directory: { domains(account: AccountId): Promise<readonly Pick<SendingDomain, 'name'>[]> }
  /** Absent: there are no limits. */
  readonly planOf?: (account: AccountId) => Promise<Plan>
}

export class DomainRoom {
  readonly #parts: RoomParts
  readonly #adding = new Map<AccountId, Promise<unknown>>()

  constructor(parts: RoomParts) {
    this.#parts = parts
  }

  /** Nodes do not wait for each other: where two are asked at once, one too many may come in at each. */
  async within<T, F>(
    account: AccountId,
    add: () => Promise<Result<T, F>>,
  ): Promise<Result<T, F | 'too-many'>> {
    const plan = await this.#parts.planOf?.(account)
    const most = plan?.maxDomains ?? null
    if (most === null) return add()
    const before = this.#adding.get(account) ?? Promise.resolve()
    const turn = before
      .catch(() => undefined)
      .then(async () => {
        const there = await this.#parts.directory.domains(account)
        return there.length >= most ? fault('too-many' as const) : add()
      })
    this.#adding.set(account, turn)
    try {
      return await turn
    } finally {
      if (this.#adding.get(account) === turn) this.#adding.delete(account)
    }
  }
}
