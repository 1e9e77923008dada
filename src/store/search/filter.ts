//
// Owns: a set of texts in few bits (a Bloom filter): what it does not have is not there; what it has is there, or, for one
// text in some hundred, is not. Pure.
//
// xxHash64 is fixed by its specification: what was written by one release is read by the next.

/** Per text; with seven places each, one of 120 strangers is taken for a member. */
const BITS = 10
const PLACES = 7
const SMALLEST = 512

/** 64 bits of a text, of which all places are made. */
export const hashOf = (text: string): bigint => Bun.hash.xxHash64(text)

export function filterOf(hashes: ReadonlySet<bigint>): Uint8Array {
  const octets = new Uint8Array(Math.ceil(Math.max(SMALLEST, hashes.size * BITS) / 8))
  for (const hash of hashes) {
    for (const bit of placesOf(hash, octets.length * 8)) {
      octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (1 << (bit & 7))
    }
  }
  return octets
}

/** Whether all of them may be in it. */
export const mayHave = (filter: Uint8Array, hashes: readonly bigint[]): boolean =>
  hashes.every((hash) =>
    placesOf(hash, filter.length * 8).every((bit) => ((filter[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0),
  )

/** Kirsch and Mitzenmacher, "Less Hashing, Same Performance": two hashes do for any number of places. */
function placesOf(hash: bigint, bits: number): number[] {
  const first = Number(hash & 0xffff_ffffn)
  const second = (Number(hash >> 32n) | 1) >>> 0
  return Array.from({ length: PLACES }, (_, place) => (first + place * second) % bits)
}
