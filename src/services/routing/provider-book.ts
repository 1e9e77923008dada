//
// Owns: what is known of single providers before the first message: by which MX hosts they are recognised, and what
// they bear. The table comes in (assets/providers.toml and [[provider]], read by the root). Pure.

import type { Provider } from '../../core/route.ts'

export interface ProviderFacts {
  readonly name: Provider
  /** Names of MX hosts, and of all hosts below them. */
  readonly mx: readonly string[]
  /** At once, per source: in the beginning and at most. */
  readonly connections: { readonly start: number; readonly most: number }
  /** Null: as everywhere. */
  readonly messagesPerConnection: number | null
  /** Null: as fast as it goes. */
  readonly messagesPerSecond: number | null
  /** Where the provider speaks to senders. */
  readonly postmaster: string | null
}

export class ProviderBook {
  readonly #byName = new Map<Provider, ProviderFacts>()
  readonly #bySuffix = new Map<string, ProviderFacts>()

  /** Of two that name the same MX the later one wins: what the operator wrote stands behind what we know. */
  constructor(entries: readonly ProviderFacts[]) {
    for (const facts of entries) {
      this.#byName.set(facts.name, facts)
      for (const suffix of facts.mx) this.#bySuffix.set(suffix, facts)
    }
  }

  get names(): Iterable<Provider> {
    return this.#byName.keys()
  }

  facts(name: Provider): ProviderFacts | null {
    return this.#byName.get(name) ?? null
  }

  /** By the longest known name that the host is, or is below of. */
  nameOf(exchange: string): Provider | null {
    for (let from = 0; ; ) {
      const facts = this.#bySuffix.get(exchange.slice(from))
      if (facts !== undefined) return facts.name
      const dot = exchange.indexOf('.', from)
      if (dot === -1) return null
      from = dot + 1
    }
  }
}
