//
// Owns: what was said in one attempt, a line each, for people who ask why: milliseconds, what we said, what came back.
// It is written for every message: strings are appended and nothing else is made.
// Never: message content, or what a client says to prove who it is.
//
//   3 RCPT TO:<someone@receiver.test> => 250 2.1.5 Ok

import { type EnhancedStatus, formatEnhanced, type Reply } from '../../core/reply.ts'
import type { Milliseconds } from '../../core/time.ts'

/** A peer may write 64 KB in one reply; a table and a reader need a line. */
const MAX_LINE_CHARACTERS = 300
/** Twenty addresses that refuse are in it whole; it is kept for each attempt for a month. */
const MAX_CHARACTERS = 4000
/** What comes first and what comes last tell most. */
const MAX_HEAD = 1500
const MAX_TAIL = MAX_CHARACTERS - MAX_HEAD - 100

export class Transcript {
  readonly #begun: Milliseconds
  #head = ''
  #tail = ''
  #cut = 0

  /** On the monotonic clock. */
  constructor(begun: Milliseconds) {
    this.#begun = begun
  }

  get text(): string {
    if (this.#cut === 0) return this.#head + this.#tail
    return `${this.#head}... ${this.#cut} lines left out ...\n${this.#tail}`
  }

  reply(now: Milliseconds, said: string, { code, enhanced, text }: Reply): void {
    // What we say holds no such characters; to look through the whole line would copy it once more.
    this.#append(now, `${said} => ${code} ${spell(enhanced)}${onOneLine(text)}`)
  }

  /** What is no reply: a connection, a handshake, an end. */
  note(now: Milliseconds, what: string): void {
    this.#append(now, onOneLine(what))
  }

  #append(now: Milliseconds, words: string): void {
    const short = words.length > MAX_LINE_CHARACTERS ? `${words.slice(0, MAX_LINE_CHARACTERS - 3)}...` : words
    const line = `${Math.max(0, Math.round(now - this.#begun))} ${short}\n`
    if (this.#tail === '' && this.#head.length + line.length <= MAX_HEAD) this.#head += line
    else this.#appendToTail(line)
  }

  #appendToTail(line: string): void {
    this.#tail += line
    while (this.#tail.length > MAX_TAIL) {
      this.#tail = this.#tail.slice(this.#tail.indexOf('\n') + 1)
      this.#cut += 1
    }
  }
}

const spell = (enhanced: EnhancedStatus | null): string =>
  enhanced === null ? '' : `${formatEnhanced(enhanced)} `

/** Control, format and line-separating characters: what could forge a line or turn its order around (T25). */
const UNSPEAKABLE = /[\p{C}\p{Zl}\p{Zp}]/u
const RUNS_OF_UNSPEAKABLE = /[\p{C}\p{Zl}\p{Zp}]+/gu

function onOneLine(words: string): string {
  const some = words.length > MAX_LINE_CHARACTERS ? words.slice(0, MAX_LINE_CHARACTERS) : words
  if (!UNSPEAKABLE.test(some)) return some
  return some.replaceAll('\n', ' / ').replace(RUNS_OF_UNSPEAKABLE, ' ')
}
