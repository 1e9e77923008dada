//
// Owns: looking for mail: a bounded number at once, so that those who look never keep those who send waiting.

import { fault, ok, type Result } from '../../core/result.ts'
import type { SearchAsk, SearchPage, SearchStore } from '../../store/search-store.ts'

/** Under way or in line: with more, the last would wait for seconds. */
const AT_ONCE = 16

export class Finding {
  readonly #store: Pick<SearchStore, 'find'>
  #looking = 0

  constructor(store: Pick<SearchStore, 'find'>) {
    this.#store = store
  }

  async find(ask: SearchAsk): Promise<Result<SearchPage, 'busy'>> {
    if (this.#looking >= AT_ONCE) return fault('busy')
    this.#looking += 1
    try {
      return ok(await this.#store.find(ask))
    } finally {
      this.#looking -= 1
    }
  }
}
