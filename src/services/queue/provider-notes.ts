//
// Owns: telling the store by which provider destinations are served, so that it can leave out those of a busy one, and
// an operator finds their mail by it. For those that wait in the store and were never routed it asks the router itself:
// there may be thousands, and mail that could leave stands behind them.
// Never: routes.

import type { Domain } from '../../core/address.ts'
import { providerOf } from '../../core/route.ts'
import type { QueueStore } from '../../store/store.ts'
import type { Routes } from './parts.ts'

/** What was told already is remembered for so many destinations. */
const REMEMBERED = 20_000
/** Look-ups at once. */
const SCOUTS = 64

export interface ProviderNotesParts {
  readonly router: Routes
  readonly store: Pick<QueueStore, 'assignProviders'>
  /** The way to some that waited is known now. */
  readonly onFound: () => void
}

export class ProviderNotes {
  readonly #parts: ProviderNotesParts
  readonly #told = new Map<Domain, string>()
  readonly #pending = new Map<Domain, string>()
  readonly #scouts = new Set<Domain>()

  constructor(parts: ProviderNotesParts) {
    this.#parts = parts
  }

  /** Mail for it waits. `known` is what the store has; without it what it was told the last time. Returns what is right. */
  note(destination: Domain, known = this.#told.get(destination) ?? ''): string {
    const provider = providerOf(this.#parts.router.peek(destination))
    if (provider === null) return known
    if (provider !== known) this.#pending.set(destination, provider)
    return provider
  }

  /** Mail for it waits in the store, and by whom it is served is not known there. */
  scout(destination: Domain): void {
    const { onFound, router } = this.#parts
    if (this.#scouts.size >= SCOUTS || this.#scouts.has(destination)) return
    if (router.peek(destination) !== null) return
    this.#scouts.add(destination)
    // A look-up that throws is a bug; it shows where the mail itself is routed.
    const found = router.find(destination).catch(() => null)
    void found.then((route) => {
      this.#scouts.delete(destination)
      if (route === null) return
      this.note(destination)
      onFound()
    })
  }

  async tell(): Promise<void> {
    if (this.#pending.size === 0) return
    const assignments = [...this.#pending].map(([destination, provider]) => ({ destination, provider }))
    this.#pending.clear()
    await this.#parts.store.assignProviders(assignments)
    if (this.#told.size > REMEMBERED) this.#told.clear()
    for (const { destination, provider } of assignments) this.#told.set(destination, provider)
  }
}
