//
// Owns: DKIM-Signature fields (RFC 6376, RFC 8463): relaxed/relaxed, one per key, with t= and x=.
// Never: l= (§8.2: it lets anybody append to a signed body), and never a look at the clock.

import { DAY, type Milliseconds, SECOND } from '../../core/time.ts'
import { type BodyHash, hashBody } from './body.ts'
import { coverHeader } from './header.ts'
import type { PreparedKey } from './key.ts'

/** Longer than any queue keeps a message, short enough that a leaked copy cannot be replayed for ever. */
export const SIGNATURE_LIFE: Milliseconds = 7 * DAY

/** RFC 5322 §2.1.1. */
const MAX_COLUMNS = 78

export interface Signable {
  /** The header block, CRLF line ends, with or without the empty line after it. */
  readonly header: Uint8Array
  /** The body's bytes, or its hash where the same body goes to many. */
  readonly body: Uint8Array | BodyHash
  readonly keys: readonly PreparedKey[]
  readonly at: Milliseconds
}

/** DKIM-Signature fields to put before the header, each ended by CRLF; empty without keys. */
export function signMessage(message: Signable): string {
  if (message.keys.length === 0) return ''
  const bodyHash = typeof message.body === 'string' ? message.body : hashBody(message.body)
  const covered = coverHeader(message.header)
  const names = foldedNames(covered.names)
  let fields = ''
  for (const key of message.keys) {
    const tags = foldedTags(key, message.at)
    // b= is hashed empty and without CRLF (§3.7).
    const hashed = `${covered.canonical}dkim-signature:${tags.relaxed}${names.relaxed} bh=${bodyHash}; b=`
    const signature = key.sign(Buffer.from(hashed, 'latin1')).toString('base64')
    fields += `DKIM-Signature: ${tags.folded}${names.folded}\r\n bh=${bodyHash};\r\n b=${foldSignature(signature)}\r\n`
  }
  return fields
}

/** Each fold is CRLF SP on the wire and SP in relaxed form. */
interface Folded {
  readonly folded: string
  readonly relaxed: string
}

const foldedOf = (folded: string): Folded => ({ folded, relaxed: folded.replaceAll('\r\n', '') })

/** What was folded last: messages of one program have the same fields, and those of one second the same times. */
const lastNames = { key: '', folds: foldedOf('') }
const lastTags = new WeakMap<PreparedKey, Folded & { readonly second: number }>()

function foldedNames(names: readonly string[]): Folded {
  const key = names.join(':')
  if (lastNames.key !== key) {
    const lines = foldNames(names).map((line) => `\r\n ${line}`)
    lastNames.key = key
    lastNames.folds = foldedOf(lines.join(''))
  }
  return lastNames.folds
}

function foldedTags(key: PreparedKey, at: Milliseconds): Folded {
  const second = Math.floor(at / SECOND)
  const last = lastTags.get(key)
  if (last?.second === second) return last
  const tags = { second, ...foldedOf(foldTags(tagsOf(key, second)).join('\r\n ')) }
  lastTags.set(key, tags)
  return tags
}

function tagsOf(key: PreparedKey, seconds: number): readonly string[] {
  return [
    `v=1; a=${key.algorithm}; c=relaxed/relaxed;`,
    `d=${key.domain};`,
    `s=${key.selector};`,
    `t=${seconds};`,
    `x=${seconds + SIGNATURE_LIFE / SECOND};`,
  ]
}

/** As many tags on a line as fit; the first line also carries the field's name. */
function foldTags(tags: readonly string[]): string[] {
  const [first = '', ...rest] = tags
  return [first, ...pack(rest, ' ')]
}

/** h= may be folded beside its colons (§3.5). */
const foldNames = (names: readonly string[]): string[] =>
  pack(
    names.map((name, at) => (at === 0 ? 'h=' : '') + name + (at === names.length - 1 ? ';' : ':')),
    '',
  )

function pack(pieces: readonly string[], between: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of pieces) {
    if (line === '') line = piece
    else if (1 + line.length + between.length + piece.length <= MAX_COLUMNS) line += between + piece
    else {
      lines.push(line)
      line = piece
    }
  }
  return line === '' ? lines : [...lines, line]
}

/** What follows `b=`: base64 may be folded anywhere. */
function foldSignature(base64: string): string {
  const first = MAX_COLUMNS - ' b='.length
  let folded = base64.slice(0, first)
  for (let at = first; at < base64.length; at += MAX_COLUMNS - 1) {
    folded += `\r\n ${base64.slice(at, at + MAX_COLUMNS - 1)}`
  }
  return folded
}
