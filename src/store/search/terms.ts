//
// Owns: by which words mail is found: those of a message that the index keeps, and those of an ask that it is asked for.
// Both sides are made here, so that they agree. Pure.

import type { SearchAsk } from '../search-store.ts'
import { hashOf } from './filter.ts'

/** Letters and digits of any script; what people type to find something has no marks between. */
const WORD = /[\p{L}\p{N}\p{M}]+/gu
/** Scripts without spaces between words: there each pair of neighbours is a word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu
/** Of a subject; the rest is not found by. */
const MAX_WORDS = 64

/** Of a subject, or of what somebody types to find it: in small letters, compatible forms made equal. */
export function wordsIn(text: string): readonly string[] {
  const plain = text.normalize('NFKC').toLowerCase()
  const words = new Set<string>()
  for (const [run] of plain.matchAll(WORD)) {
    for (const word of run.replace(UNSPACED, ' ').split(' ')) if (word !== '') words.add(word)
    for (const [unspaced] of run.matchAll(UNSPACED)) for (const pair of pairsOf(unspaced)) words.add(pair)
    if (words.size >= MAX_WORDS) break
  }
  return [...words].slice(0, MAX_WORDS)
}

function pairsOf(text: string): readonly string[] {
  const letters = [...text]
  if (letters.length === 1) return letters
  return letters.slice(1).map((letter, place) => `${letters[place] ?? ''}${letter}`)
}

/** Letters of ASCII alone, as both engines do it (SQLite; PostgreSQL in the collation "C"). */
export const inSmall = (address: string): string => address.replace(/[A-Z]+/g, (some) => some.toLowerCase())

/** Of an address in small letters, such as `@example.com`. */
export const atDomainOf = (address: string): string => address.slice(address.lastIndexOf('@'))

export interface TermsOfMessage {
  readonly account: string
  readonly from: string
  readonly subject: string
  readonly tags: readonly string[]
  readonly campaign: string | null
  readonly stream: string
  readonly mode: string
}

/** Those of the message itself; its recipients' are `recipientTerms`. */
export function messageTerms(message: TermsOfMessage): readonly bigint[] {
  const { account } = message
  const from = inSmall(message.from)
  const texts = [
    term(account, 'account', ''),
    term(account, 'from', from),
    term(account, 'from', atDomainOf(from)),
    term(account, 'stream', message.stream),
    term(account, 'mode', message.mode),
    ...message.tags.map((tag) => term(account, 'tag', tag)),
    ...wordsIn(message.subject).map((word) => term(account, 'word', word)),
  ]
  if (message.campaign !== null) texts.push(term(account, 'campaign', message.campaign))
  return texts.map(hashOf)
}

/** Recipients are looked for by the operator too, who has no account. */
export function recipientTerms(account: string, recipient: string): readonly bigint[] {
  const address = inSmall(recipient)
  const domain = atDomainOf(address)
  return [account, ''].flatMap((whose) => [term(whose, 'to', address), term(whose, 'to', domain)]).map(hashOf)
}

/** What a block must have so that it is worth a look; the empty list: nothing is known of it. */
export function askedTerms(ask: SearchAsk): readonly bigint[] {
  const whose = ask.account ?? ''
  const to = ask.recipient ?? (ask.destination === null ? null : `@${ask.destination}`)
  const texts = to === null ? [] : [term(whose, 'to', to)]
  if (ask.account !== null) {
    texts.push(term(whose, 'account', ''))
    for (const kind of ['from', 'tag', 'campaign', 'stream', 'mode'] as const) {
      const value = ask[kind]
      if (value !== null) texts.push(term(whose, kind, value))
    }
    texts.push(...ask.words.map((word) => term(whose, 'word', word)))
  }
  return texts.map(hashOf)
}

/** No part has a NUL: ids and words have none, and the rest is cut by the places of the two before. */
const term = (account: string, kind: string, value: string): string => `${account}\0${kind}\0${value}`
