//
// Owns: octets of one connection → command lines and message bodies, in order. It takes the place of the library's
// parser, which ends commands at a bare LF, un-stuffs dots after one and hands bare CR, LF and NUL through.
// Never: knows what a command means.

import { SMTPStream } from 'smtp-server/lib/smtp-stream.js'
import type { BodyReader } from './body-reader.ts'

const LF = 10
const CR = 13
const NOTHING = Buffer.alloc(0)

/** Commands and what was read of them: a pipelining client must not hold the thread (RFC 2920 sets no bound). */
const COMMANDS_PER_TURN = 200

export interface WireEnd {
  /** One command without its CRLF. Nothing more is read until `next` is called. */
  command(line: Buffer, next: () => void): void
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
  #held = false
  #reading = false
  #more: (() => void) | null = null

  constructor(end: WireEnd) {
    super()
    this.#end = end
  }

  /** What follows is a message, not commands. */
  startBody(body: BodyReader): void {
    this.#body = body
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
      this.#end.drained(() => undefined)
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
    let lf = chunk.indexOf(LF, from)
    // A bare LF ends nothing: the line goes on, and is refused for it once it ends.
    while (lf !== -1 && this.#before(lf) !== CR) lf = chunk.indexOf(LF, lf + 1)
    const to = lf === -1 ? chunk.length : lf + 1
    this.#at = to
    const max = this.#end.maxLine()
    if (this.#skipping || this.#partial.length + to - from > max) {
      this.#skip(chunk, to, lf !== -1)
      return
    }
    const piece = chunk.subarray(from, to)
    const line = this.#partial.length === 0 ? piece : Buffer.concat([this.#partial, piece])
    if (lf === -1) {
      this.#partial = line
      return
    }
    this.#partial = NOTHING
    this.#held = true
    this.#end.command(line.subarray(0, line.length - 2), this.#resume)
  }

  /** The octet before this one, be it of an earlier chunk. */
  #before(at: number): number | undefined {
    return at > 0 ? this.#chunk[at - 1] : this.#partial[this.#partial.length - 1]
  }

  #skip(chunk: Buffer, to: number, ended: boolean): void {
    this.#skipping = !ended
    // Only the last octet is remembered: it may be the CR of the line's end.
    this.#partial = ended ? NOTHING : Buffer.from(chunk.subarray(to - 1, to))
    if (!ended) return
    this.#held = true
    this.#end.commandTooLong(this.#resume)
  }
}
