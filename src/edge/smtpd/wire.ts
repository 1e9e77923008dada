//
// Owns: octets of one connection → command lines and message bodies, in order. It takes the place of the library's
// parser, which ends commands at a bare LF, un-stuffs dots after one and hands bare CR, LF and NUL through.
// Never: knows what a command means.

import { SMTPStream } from 'smtp-server/lib/smtp-stream.js'
import type { BodyReader } from './body-reader.ts'

const LF = 10
const CR = 13
const SPACE = 32
const DEL = 127
const NOTHING = Buffer.alloc(0)
const NOBODY = (): void => undefined

/** Commands and what was read of them: a pipelining client must not hold the thread (RFC 2920 sets no bound). */
const COMMANDS_PER_TURN = 200

export interface CommandLine {
  readonly text: string
  readonly octets: number
  /** False with a control character in it: a bare CR, a bare LF and NUL are among them. */
  readonly printable: boolean
}

export interface WireEnd {
  /** One command without its CRLF. Nothing more is read until `next` is called. */
  command(line: CommandLine, next: () => void): void
  /** A line of more than `maxLine()` octets came to its end. */
  commandTooLong(next: () => void): void
  /** RFC 5321 §4.5.3.1.4, and what extensions add to it. */
  maxLine(): number
  /** Some octets of the body came. */
  bodyGrew(body: BodyReader): void
  bodyEnded(body: BodyReader, next: () => void): void
  /** Everything that came was read: replies may go out. Calls `next` when more may come. */
  drained(next: () => void): void
}

export class Wire extends SMTPStream {
  readonly #end: WireEnd
  #body: BodyReader | null = null
  #chunk: Buffer = NOTHING
  #at = 0
  /** The beginning of a line whose end has not come. */
  #partial: Buffer = NOTHING
  /** The line was too long already; it is only read to its end. */
  #skipping = false
  /** The line has a control character. */
  #stray = false
  #held = false
  #reading = false
  #more: (() => void) | null = null
  #taking = false
  /** Chunks that came while one was being taken. */
  readonly #waiting: Buffer[] = []
  #relieved: () => void = NOBODY

  constructor(end: WireEnd) {
    super()
    this.#end = end
  }

  /** What follows is a message, not commands. */
  startBody(body: BodyReader): void {
    this.#body = body
  }

  /**
   * Takes what a socket brings without the machinery of a piped stream, which costs nearly as much as the commands
   * themselves. False: hold the socket until `relieved` is called.
   */
  take(chunk: Buffer, relieved: () => void): boolean {
    if (this.isClosed) return true
    if (this.#taking) {
      this.#waiting.push(chunk)
      return false
    }
    this.#taking = true
    this.#relieved = relieved
    this._write(chunk, 'utf8', this.#takeNext)
    return true
  }

  readonly #takeNext = (): void => {
    const next = this.#waiting.shift()
    if (next) {
      this._write(next, 'utf8', this.#takeNext)
      return
    }
    this.#taking = false
    this.#relieved()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, more: (error?: Error | null) => void): void {
    this.#chunk = chunk
    this.#at = 0
    this.#more = more
    this.#read()
  }

  /** Handlers may call it before they return: the loop goes on, nothing recurses. */
  readonly #resume = (): void => {
    this.#held = false
    if (!this.#reading) this.#read()
  }

  #read(): void {
    this.#reading = true
    let commands = 0
    while (!this.#held && !this.isClosed && this.#at < this.#chunk.length) {
      if (this.#body) this.#readBody(this.#body)
      else this.#readLine()
      if (++commands === COMMANDS_PER_TURN && !this.#held) {
        this.#held = true
        setImmediate(this.#resume)
      }
    }
    this.#reading = false
    if (this.#held && !this.isClosed) {
      this.#end.drained(NOBODY)
      return
    }
    this.#finishChunk()
  }

  #finishChunk(): void {
    const more = this.#more
    if (!more) return
    this.#more = null
    this.#chunk = NOTHING
    // After STARTTLS and QUIT the rest of what was read is dropped unseen (RFC 3207 §4.2).
    if (this.isClosed) more()
    else this.#end.drained(more)
  }

  #readBody(body: BodyReader): void {
    this.#at = body.feed(this.#chunk, this.#at)
    this.#end.bodyGrew(body)
    if (!body.ended) return
    this.#body = null
    this.#held = true
    this.#end.bodyEnded(body, this.#resume)
  }

  #readLine(): void {
    const chunk = this.#chunk
    const from = this.#at
    const to = this.#lineEnd(from)
    this.#at = to === -1 ? chunk.length : to
    const octets = this.#partial.length + this.#at - from
    if (this.#skipping || octets > this.#end.maxLine()) {
      this.#skip(chunk, to !== -1)
      return
    }
    if (to === -1) {
      this.#partial = Buffer.concat([this.#partial, chunk.subarray(from)])
      return
    }
    const text =
      this.#partial.length === 0
        ? chunk.toString('utf8', from, to - 2)
        : Buffer.concat([this.#partial, chunk.subarray(from, to)]).toString('utf8', 0, octets - 2)
    const printable = !this.#stray
    this.#partial = NOTHING
    this.#stray = false
    this.#held = true
    this.#end.command({ text, octets, printable }, this.#resume)
  }

  /** Behind the next CRLF, or -1. A bare LF ends nothing: the line goes on, and is refused for it once it ends. */
  #lineEnd(from: number): number {
    const chunk = this.#chunk
    let before = this.#partial[this.#partial.length - 1]
    for (let at = from; at < chunk.length; at++) {
      const octet = chunk[at]
      if (octet === LF && before === CR) return at + 1
      if (before === CR || (octet !== undefined && octet !== CR && (octet < SPACE || octet === DEL))) {
        this.#stray = true
      }
      before = octet
    }
    return -1
  }

  #skip(chunk: Buffer, ended: boolean): void {
    this.#skipping = !ended
    this.#stray = false
    // Only the last octet is remembered: it may be the CR of the line's end.
    this.#partial = ended ? NOTHING : Buffer.from(chunk.subarray(chunk.length - 1))
    if (!ended) return
    this.#held = true
    this.#end.commandTooLong(this.#resume)
  }
}
