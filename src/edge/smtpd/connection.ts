//
// Owns: one accepted connection: greeting, replies and when they are written, error limits, deadlines, its end.
// The library keeps the socket, the TLS upgrade, SASL and the half-close.
// Never: what a command means; that is session.ts.

import type { SMTPServer } from 'smtp-server'
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js'
import type { Milliseconds } from '../../core/time.ts'
import type { BodyReader } from './body-reader.ts'
import type { AnyHouse, Arrival } from './house.ts'
import { type Reply, SHUTTING_DOWN, TIMEOUT, TOO_MANY_ERRORS, TOO_MANY_STRANGERS } from './replies.ts'
import { type CommandLine, Wire, type WireEnd } from './wire.ts'

export type Next = () => void
type Socket = SMTPConnection['_socket']

/** What the connection waits for: only a client that owes us something can be late. */
type Phase = 'command' | 'body' | 'ourselves'

/** 512 octets (RFC 5321 §4.5.3.1.4) and what SIZE, SMTPUTF8 and DSN add to MAIL and RCPT. */
export const MAX_COMMAND_OCTETS = 2048
/** RFC 4954 §4: a line of a SASL exchange. */
const MAX_SASL_OCTETS = 12_288

export abstract class ListenerConnection<H extends AnyHouse> extends SMTPConnection implements WireEnd {
  protected readonly house: H
  protected readonly arrival: Arrival
  protected retiring = false
  #phase: Phase = 'command'
  #deadline: Milliseconds
  #out = ''
  #errors = 0

  constructor(library: SMTPServer, socket: Socket, context: { house: H; arrival: Arrival }) {
    super(library, socket, { id: context.arrival.id })
    this.house = context.house
    this.arrival = context.arrival
    this.#deadline = this.now() + this.house.limits.commandDeadline
    context.arrival.place.dismiss = () => {
      this.end(TOO_MANY_STRANGERS)
      context.arrival.place.leave()
    }
  }

  abstract command(line: CommandLine, next: Next): void
  abstract commandTooLong(next: Next): void
  abstract bodyGrew(body: BodyReader): void
  abstract bodyEnded(body: BodyReader, next: Next): void
  protected abstract bodyIsTooSlow(now: Milliseconds): Reply | null
  protected abstract abandonTransaction(): void

  /**
   * The library waits 100 ms here for early talkers before it greets. Such a wait finds spam engines on port 25;
   * on submission ports it only costs every client that opens a connection per message.
   */
  override init(): void {
    this._setListeners(() => this.greet())
  }

  protected greet(): void {
    this._ready = true
    this.say({ code: 220, text: `${this.house.hostname} ESMTP` })
    this.#flush()
  }

  /** As the library's, but for the pipe; after STARTTLS the library pipes the TLS socket, which does as well. */
  override _setListeners(callback: () => void): void {
    const socket = this._socket
    socket.on('close', (hadError: boolean) => this._onCloseEvent(hadError))
    socket.on('error', (error: Error) => this._onError(error))
    let held = false
    const relieve = (): void => {
      if (!held) return
      held = false
      socket.resume()
    }
    socket.on('data', (chunk: Buffer) => {
      if (this._parser instanceof Wire && !this._parser.take(chunk, relieve)) {
        held = true
        socket.pause()
      }
    })
    callback()
  }

  /** Takes the place of the library's parser; see wire.ts for what that one lets through. */
  override _createParser(): Wire {
    return new Wire(this)
  }

  /** Deadlines are swept by our clock; only a TLS handshake keeps the library's timer on its socket. */
  override _armTimeout(socket?: Socket): void {
    if (socket) super._armTimeout(socket)
  }

  /** The library resets a transaction where the standards ask for it; its own state of one is not used. */
  override _resetSession(): void {
    this.abandonTransaction()
  }

  /** 220 must be on its way before the handshake owns the socket. */
  override upgrade(callback: () => void, secureCallback?: () => void): void {
    this.#flush()
    super.upgrade(callback, secureCallback)
  }

  /** How the library's handlers answer: QUIT, NOOP, HELP, VRFY, STARTTLS and SASL. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (code >= 500 && ++this.#errors >= this.house.limits.hardErrors) {
      this.end(TOO_MANY_ERRORS)
      return
    }
    const enhanced = this._getEnhancedStatusCode(code, context)
    const words = Array.isArray(data) ? data.join(' ') : (data ?? '')
    this.say({ code, text: enhanced ? `${enhanced} ${words}` : words })
    if (code === 421) this.close()
  }

  override close(): void {
    this.#flush()
    super.close()
  }

  override _onClose(): void {
    this.abandonTransaction()
    this.arrival.place.leave()
    super._onClose()
  }

  /** Ends what is late. Called for every connection once a second. */
  sweep(now: Milliseconds): void {
    if (this._closing || this._upgrading) return
    if (this.#phase === 'body') {
      const slow = this.bodyIsTooSlow(now)
      if (slow) this.end(slow)
    } else if (this.#phase === 'command') {
      if (this.retiring) this.end(SHUTTING_DOWN)
      else if (now > this.#deadline) this.end(TIMEOUT)
    }
  }

  /** Ends when nothing is under way; a message on its way in, or being decided, is finished first. */
  retire(): void {
    this.retiring = true
    if (this.#phase === 'command') this.end(SHUTTING_DOWN)
  }

  maxLine(): number {
    return this.secure ? MAX_SASL_OCTETS : MAX_COMMAND_OCTETS
  }

  drained(next: Next): void {
    this.#flush()
    // A client that sends commands and reads no replies must not fill our memory with them.
    this._whenWritable(next)
  }

  protected now(): Milliseconds {
    return this.house.clock.monotonic()
  }

  /** From now on the client owes a command, octets of a message, or nothing. */
  protected await(phase: Phase): void {
    this.#phase = phase
    if (phase === 'command') this.#deadline = this.now() + this.house.limits.commandDeadline
  }

  protected forgiveErrors(): void {
    this.#errors = 0
  }

  /** Replies to pipelined commands leave in one segment (RFC 2920 §3.2): they are written when the wire is drained. */
  protected say(reply: Reply): void {
    this.#out += `${reply.code} ${reply.text}\r\n`
  }

  protected sayLines(code: number, lines: readonly string[]): void {
    const last = lines.length - 1
    lines.forEach((line, at) => {
      this.#out += `${code}${at === last ? ' ' : '-'}${line}\r\n`
    })
  }

  /** The last word of this connection. */
  protected end(reply: Reply): void {
    this.say(reply)
    this.close()
  }

  /** An error of the client: the eleventh and later ones are answered late, the twentieth ends the session (T17). */
  protected fail(reply: Reply, next: Next): void {
    const { softErrors, hardErrors, errorDelay } = this.house.limits
    if (++this.#errors >= hardErrors) {
      this.end(TOO_MANY_ERRORS)
      return
    }
    if (this.#errors <= softErrors) {
      this.say(reply)
      next()
      return
    }
    this.await('ourselves')
    this.house.clock.after(errorDelay, () => {
      this.say(reply)
      this.await('command')
      next()
    })
  }

  #flush(): void {
    if (this.#out === '') return
    const out = this.#out
    this.#out = ''
    // While a handshake runs, the raw socket is not ours to write on.
    if (!this._upgrading && !this._socket.destroyed && this._socket.writable) this._socket.write(out)
  }
}
