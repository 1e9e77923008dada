//
// Owns: how many names of a kind are counted apart in a day. Who tags each message with a number of its own would fill
// the store with rows that nobody can read.
// Never: forgets a count; what has no name of its own is counted under `OTHERS`.

import type { AccountId } from '../../core/ids.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { KeptDimension } from '../../store/stats-store.ts'

/** More than a person looks through, and a month of them is read in a moment. */
export const MAX_NAMES_A_DAY = 500
export const OTHERS = '(others)'
/** An operating day is over when so many are remembered; a late event finds its day's list empty, and begins it anew. */
const MAX_LISTS = 5_000
/** Octets that a name may take in a key. */
const MAX_NAME = 200

export class Names {
  readonly #limit: number
  readonly #lists = new Map<string, Set<string>>()

  constructor(limit = MAX_NAMES_A_DAY) {
    this.#limit = limit
  }

  /** As it is counted. The same name gets the same answer all day, also when a commit has failed. */
  counted(account: AccountId, dimension: KeptDimension, at: Milliseconds, name: string): string {
    const key = `${account} ${dimension} ${Math.floor(at / DAY)}`
    let list = this.#lists.get(key)
    if (list === undefined) {
      if (this.#lists.size >= MAX_LISTS) this.#lists.clear()
      list = new Set()
      this.#lists.set(key, list)
    }
    const proper = properly(name)
    if (list.has(proper)) return proper
    if (list.size >= this.#limit) return OTHERS
    list.add(proper)
    return proper
  }
}

/** PostgreSQL takes neither NUL nor half a pair of UTF-16, and a follower whose words it refuses would stand still. */
const properly = (name: string): string => name.slice(0, MAX_NAME).replaceAll('\0', '\ufffd').toWellFormed()
