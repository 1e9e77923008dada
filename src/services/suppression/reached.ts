//
// Owns: the memory of addresses that took mail before. It is a fair sample: all of them while they are few, then those
// with the smallest hashes, half as many as before each time there are too many. Shares among them are the shares
// among all, and neither memory nor writes grow with the list.
// Never: writes; what is new goes into the commit of the stretch that brought it.

/** About 3 MB here, and 1 MB in the store. A halving removes as many rows as the writer does in 10 ms. */
const MOST = 65_536
const SPACE = 2 ** 53

export interface Reach {
  has(hash: number): boolean
  /** Whether an address of this hash would be remembered. */
  isSampled(hash: number): boolean
  /** The part of all addresses that is in the sample. */
  readonly share: number
}

export class Reached implements Reach {
  readonly #hashes: Set<number>
  readonly #most: number
  #share: number

  /** As the store has them. What the share was is told by the largest, once there are enough to tell. */
  constructor(hashes: Iterable<number>, most = MOST) {
    this.#hashes = new Set(hashes)
    this.#most = most
    this.#share = 1
    let largest = 0
    for (const hash of this.#hashes) largest = Math.max(largest, hash)
    if (this.#hashes.size < most / 4) return
    while (largest < (SPACE * this.#share) / 2) this.#share /= 2
  }

  get share(): number {
    return this.#share
  }

  get size(): number {
    return this.#hashes.size
  }

  has(hash: number): boolean {
    return this.#hashes.has(hash)
  }

  isSampled(hash: number): boolean {
    return hash < SPACE * this.#share
  }

  /** From which hash on the store should forget, when these come in as well; null when there is room. */
  cutFor(fresh: readonly number[]): number | null {
    return this.#hashes.size + fresh.length > this.#most ? (SPACE * this.#share) / 2 : null
  }

  /** After the commit. */
  add(fresh: readonly number[], cut: number | null): void {
    for (const hash of fresh) this.#hashes.add(hash)
    if (cut === null) return
    this.#share = cut / SPACE
    for (const hash of this.#hashes) if (hash >= cut) this.#hashes.delete(hash)
  }
}
