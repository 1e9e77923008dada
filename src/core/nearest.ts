//
// Owns: "did you mean …": the known word at the smallest edit distance, if it is near enough to be a slip.

/** Longer words are no slips of a name; the bound keeps the distance cheap on hostile input. */
const MAX_WORD = 64

export function nearest(word: string, known: Iterable<string>): string | null {
  const lower = word.slice(0, MAX_WORD).toLowerCase()
  let best: string | null = null
  let least = Math.max(2, Math.floor(lower.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(lower, candidate.toLowerCase())
    if (distance < least) {
      least = distance
      best = candidate
    }
  }
  return best
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
