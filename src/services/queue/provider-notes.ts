//
// Owns: telling the store by which provider destinations are served, so that it can leave out those of a busy one, and
// an operator finds their mail by it.
// Never: routes; it notes what the router knows already.

import type { Domain } from '../../core/address.ts'
import type { QueueStore } from '../../store/store.ts'
import type { Routes } from './parts.ts'

/** What was told already is remembered for so many destinations. */
const REMEMBERED = 20_000

export class ProviderNotes {
  readonly #router: Pick<Routes, 'peek'>
  readonly #store: Pick<QueueStore, 'assignProviders'>
  readonly #told = new Map<Domain, string>()
  readonly #pending = new Map<Domain, string>()

  constructor(router: Pick<Routes, 'peek'>, store: Pick<QueueStore, 'assignProviders'>) {
    this.#router = router
    this.#store = store
  }

  /** Mail for it waits. `known` is what the store has; without it what it was told the last time. Returns what is right. */
  note(destination: Domain, known = this.#told.get(destination) ?? ''): string {
    const route = this.#router.peek(destination)
    if (!route || !('provider' in route)) return known
    if (route.provider !== known) this.#pending.set(destination, route.provider)
    return route.provider
  }

  async tell(): Promise<void> {
    if (this.#pending.size === 0) return
    const assignments = [...this.#pending].map(([destination, provider]) => ({ destination, provider }))
    this.#pending.clear()
    await this.#store.assignProviders(assignments)
    if (this.#told.size > REMEMBERED) this.#told.clear()
    for (const { destination, provider } of assignments) this.#told.set(destination, provider)
  }
}
