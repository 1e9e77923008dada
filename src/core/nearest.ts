//
// Owns: "did you mean …" for configuration keys, API fields and SMTP options.

/** The known word that a mistyped one most likely stood for; null when nothing is near. */
export function nearest(word: string, known: Iterable<string>): string | null {
  let best: string | null = null
  // A third of the letters wrong is a slip; more is another word.
  let bound = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(word, candidate, bound)
    if (distance >= bound) continue
    best = candidate
    bound = distance
  }
  return best
}

/** Damerau-Levenshtein, adjacent transpositions only; gives up at `bound`. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const plain = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + same)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(swapped ? Math.min(plain, (before[j - 2] ?? 0) + 1) : plain)
    }
    before = above
    above = row
  }
  return above[b.length] ?? bound
}
