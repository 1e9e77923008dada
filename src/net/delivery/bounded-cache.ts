//
// Owns: a least-recently-used map with a bound in octets.

export class BoundedCache<K, V> {
  readonly #limit: number
  readonly #entries = new Map<K, { readonly value: V; readonly octets: number }>()
  #octets = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    // A Map keeps the order of insertion: the first is the one that nobody asked for the longest.
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  /** What is larger than a quarter of the bound would push out everything else: it is not kept. */
  set(key: K, value: V, octets: number): void {
    if (octets > this.#limit / 4) return
    this.delete(key)
    this.#entries.set(key, { value, octets })
    this.#octets += octets
    if (this.#octets > this.#limit) this.#shrink()
  }

  #shrink(): void {
    for (const oldest of this.#entries.keys()) {
      if (this.#octets <= this.#limit) break
      this.delete(oldest)
    }
  }

  delete(key: K): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#octets -= entry.octets
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.#octets = 0
  }
}
