//
// Owns: chance that can be repeated: the same seed throws the same numbers (mulberry32).

export interface Chance {
  readonly seed: number
  /** In [0, 1). */
  next(): number
  /** In [low, high). */
  between(low: number, high: number): number
}

/** MAILWOK_SEED repeats a run's delays and sizes; what the machine makes of them stays its own. */
export function chanceOf(seed = Number(process.env['MAILWOK_SEED'] ?? 20_250_115)): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { seed, next, between: (low, high) => low + next() * (high - low) }
}
