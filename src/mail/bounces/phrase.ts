//
// Owns: matching a peer's words with phrases. Linear: each phrase is looked for once, left to right (T15).

/** One phrase: fragments that occur in this order; `*` in the tables stands for anything between them. */
export type Phrase = readonly string[]

/** One phrase a line, lower-case; empty lines group them for readers. */
export const phrases = (lines: string): readonly Phrase[] =>
  lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split('*').filter((fragment) => fragment !== ''))

export function matches(words: string, phrase: Phrase): boolean {
  let from = 0
  for (const fragment of phrase) {
    const at = words.indexOf(fragment, from)
    if (at === -1) return false
    from = at + fragment.length
  }
  return true
}

export const matchesAny = (words: string, list: readonly Phrase[]): boolean =>
  list.some((phrase) => matches(words, phrase))

/** The rest of a peer's words is ornament. */
export const MAX_SCANNED_CHARACTERS = 4096

/**
 * What phrases are looked for in: lower-case, white space squeezed, codes that repeat on each line of a reply taken
 * out, and without addresses: whoever is called spam@ or blocked@ must not decide.
 */
export function comparable(text: string): string {
  const words: string[] = []
  let head = ''
  for (const word of text
    .slice(0, MAX_SCANNED_CHARACTERS)
    .toLowerCase()
    .split(/[\s\u00a0]+/)) {
    // "550-5.7.1" stands at the head of every line of a reply.
    if (isContinuation(word)) {
      if (head === word) continue
      head = word
    }
    words.push(word.includes('@') ? withoutAddress(word) : word)
  }
  return words.join(' ').replaceAll('’', "'").replaceAll('‘', "'")
}

const isContinuation = (word: string): boolean => /^[245]\d\d-[245]\.\d{1,3}\.\d{1,3}$/.test(word)

/** Keeps what stands around an address: `<x@y>...` becomes `<>...`; a page's address stays. */
function withoutAddress(word: string): string {
  if (word.includes('://')) return word
  let out = ''
  let piece = ''
  const flush = () => {
    if (!piece.includes('@')) out += piece
    piece = ''
  }
  for (const letter of word.slice(0, 512)) {
    if ('<>()[],;:"\'`'.includes(letter)) {
      flush()
      out += letter
    } else piece += letter
  }
  // Dots after an address belong to the sentence ("<a@b>... User unknown").
  flush()
  return out
}
