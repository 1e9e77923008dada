//
// Owns: matching a peer's words with phrases. Linear: what a star stands for is bounded (T15).

import { once } from '../../core/once.ts'

/** One phrase: fragments that occur in this order; `*` in the tables stands for anything short between them. */
export type Phrase = readonly string[]

/** One phrase a line; empty lines group them for readers. */
export const phrases = (lines: string): readonly Phrase[] =>
  folded(lines)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split('*').filter((fragment) => fragment !== ''))

/** What a star stands for is no longer: further away begins another sentence, or a notice's standing words. */
const MAX_BETWEEN = 120

export function matches(words: string, phrase: Phrase): boolean {
  const [start = '', ...rest] = phrase
  for (let at = words.indexOf(start); at !== -1; at = words.indexOf(start, at + 1)) {
    if (followedBy(words, rest, at + start.length)) return true
  }
  return false
}

function followedBy(words: string, rest: Phrase, start: number): boolean {
  let from = start
  for (const fragment of rest) {
    // Anything may be nothing: the space that ends one fragment may begin the next.
    const shared = fragment.startsWith(' ') && words[from - 1] === ' ' ? 1 : 0
    const near = words.slice(from - shared, from + MAX_BETWEEN + fragment.length)
    const at = near.indexOf(fragment)
    if (at === -1) return false
    from += at - shared + fragment.length
  }
  return true
}

/**
 * Lists of phrases in the order in which they decide. One walk over the words finds the first list with a match: the
 * start of each phrase is looked up by three letters at a time, so that a thousand phrases cost a storm of refusals
 * little.
 */
export class PhraseTable<Meaning> {
  readonly #rows: readonly (readonly [readonly Phrase[], Meaning])[]
  /** Made for the first words: most of the tables wait for a refusal, and a start does not wait for them. */
  readonly #starts: () => Starts

  constructor(rows: readonly (readonly [readonly Phrase[], Meaning])[]) {
    this.#rows = rows
    this.#starts = once(() => startsOf(rows.map(([list]) => list)))
  }

  /** What the first list that matches means; null when none does. */
  first(words: string): Meaning | null {
    const starts = this.#starts()
    let best = this.#rows.length
    for (let at = 0; at + 2 < words.length && best > 0; at++) {
      for (const { row, phrase } of starts.get(keyAt(words, at)) ?? []) {
        if (row < best && continues(words, phrase, at)) best = row
      }
    }
    return this.#rows[best]?.[1] ?? null
  }
}

type Starts = ReadonlyMap<number, readonly { readonly row: number; readonly phrase: Phrase }[]>

function startsOf(lists: readonly (readonly Phrase[])[]): Starts {
  const starts = new Map<number, { readonly row: number; readonly phrase: Phrase }[]>()
  for (const [row, list] of lists.entries()) {
    for (const phrase of list) {
      const start = phrase[0] ?? ''
      if (start.length < 3) throw new Error(`a phrase has to begin with three letters: "${phrase.join('*')}"`)
      const key = keyAt(start, 0)
      const had = starts.get(key)
      if (had === undefined) starts.set(key, [{ row, phrase }])
      else had.push({ row, phrase })
    }
  }
  return starts
}

const keyAt = (text: string, at: number): number =>
  (text.charCodeAt(at) << 16) ^ (text.charCodeAt(at + 1) << 8) ^ text.charCodeAt(at + 2)

/** The first fragment stands at this place, and the others follow somewhere. */
function continues(words: string, phrase: Phrase, at: number): boolean {
  const [start = '', ...rest] = phrase
  return words.startsWith(start, at) && followedBy(words, rest, at + start.length)
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
  // "a@b...User unknown": the dots end the address.
  const spaced = folded(text.slice(0, MAX_SCANNED_CHARACTERS)).replaceAll('...', '... ')
  for (const word of spaced.split(/[\s\u00a0\u3000]+/)) {
    // "550-5.7.1" stands at the head of every line of a reply.
    if (isContinuation(word)) {
      if (head === word) continue
      head = word
    }
    words.push(word.includes('@') ? withoutAddress(word) : word)
  }
  return words.join(' ').replaceAll('’', "'").replaceAll('‘', "'")
}

const NOT_ASCII = /[\u0080-\uffff]/
const MARKS = /[\u0300-\u036f]/g

/** Lower-case, and Latin letters without their marks: servers write "Empfänger", "Empfanger" and worse. */
export function folded(text: string): string {
  const lower = text.toLowerCase()
  return NOT_ASCII.test(lower) ? lower.normalize('NFD').replace(MARKS, '').normalize('NFC') : lower
}

const isContinuation = (word: string): boolean => /^[245]\d\d-[245]\.\d{1,3}\.\d{1,3}$/.test(word)

/** From here on no language writes spaces around an address. */
const FIRST_IDEOGRAPHIC = '\u2e80'

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
    if ('<>()[],;:"\'`'.includes(letter) || letter >= FIRST_IDEOGRAPHIC) {
      flush()
      out += letter
    } else piece += letter
  }
  // Dots after an address belong to the sentence ("<a@b>... User unknown").
  flush()
  return out
}
