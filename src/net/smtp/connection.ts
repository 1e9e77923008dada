//
// Owns: one connection to one address of an MX: the socket, TLS, time-outs. It obeys the dialogue.
// Never: which address, what to do after a failure. The only file with node:net and node:tls on this side.

import { createConnection, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Cause } from '../../core/outcome.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import { blocksOf } from './data-framing.ts'
import { Deadline } from './deadline.ts'
import { type Action, Dialogue } from './dialogue.ts'
import type { TlsWish } from './opening.ts'
import { ReplyParser } from './reply-parser.ts'
import type { Mail, TransactionEnd } from './transaction.ts'

/** RFC 5321 §4.5.3.2. */
export interface Patience {
  readonly connect: Milliseconds
  readonly greeting: Milliseconds
  readonly command: Milliseconds
  readonly data: Milliseconds
  readonly block: Milliseconds
  readonly finalDot: Milliseconds
  readonly idle: Milliseconds
}

export interface Peer {
  /** The MX host name: SNI, and what a certificate is verified against. */
  readonly exchange: string
  /** Literal IPv4 or IPv6. */
  readonly address: string
  readonly port: number
  /** Our own address to speak from; null leaves it to the system. */
  readonly source: string | null
}

export interface ConnectionOptions {
  readonly hostname: string
  readonly patience: Patience
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  readonly tls: TlsWish
  /** Ends whatever is under way, as if the peer had closed. */
  readonly stop: AbortSignal
}

/** What is known of a connection, for evidence. */
export interface ConnectionFacts {
  readonly exchange: string
  readonly address: string
  readonly source: string | null
  readonly tls: { readonly version: string; readonly cipher: string; readonly verified: boolean } | null
  readonly peerSoftware: string | null
}

/** RFC 8996: nothing older than TLS 1.2. */
const MIN_TLS = 'TLSv1.2'
/** A half-open connection is found out before the next message needs it (F11). */
const KEEP_ALIVE_AFTER: Milliseconds = MINUTE
/** Nobody waits for the answer to QUIT; the socket is kept this long so that the peer can read it. */
const QUIT_PATIENCE: Milliseconds = 5 * SECOND

export class Connection {
  readonly #peer: Peer
  readonly #options: ConnectionOptions
  readonly #dialogue: Dialogue
  readonly #deadline: Deadline
  #parser = new ReplyParser()
  #socket: Socket
  #tls: ConnectionFacts['tls'] = null
  #source: string | null = null
  #connected = false
  #opened: ((result: Result<Connection, Cause>) => void) | null = null
  #ended: ((end: TransactionEnd) => void) | null = null
  #content: readonly Buffer[] = []
  #unwritten: Buffer[] = []
  #onOver: (() => void) | null = null
  readonly #stop = (): void => this.#broken('this node stops')

  private constructor(peer: Peer, options: ConnectionOptions) {
    this.#peer = peer
    this.#options = options
    this.#dialogue = new Dialogue(options.hostname, options.tls)
    this.#deadline = new Deadline(options.clock, () => this.#timedOut())
    this.#deadline.set(options.patience.connect)
    this.#socket = createConnection({
      host: peer.address,
      port: peer.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_AFTER,
      ...(peer.source === null ? {} : { localAddress: peer.source }),
    })
    this.#socket.once('connect', () => {
      this.#connected = true
      this.#source = this.#socket.localAddress ?? null
      this.#rest()
    })
    this.#listen(this.#socket)
    this.#socket.once('close', () => options.stop.removeEventListener('abort', this.#stop))
    options.stop.addEventListener('abort', this.#stop)
  }

  /** Resolves when transactions may begin. */
  static open(peer: Peer, options: ConnectionOptions): Promise<Result<Connection, Cause>> {
    return new Promise((resolve) => {
      const connection = new Connection(peer, options)
      connection.#opened = resolve
    })
  }

  get facts(): ConnectionFacts {
    return {
      exchange: this.#peer.exchange,
      address: this.#peer.address,
      source: this.#source,
      tls: this.#tls,
      peerSoftware: this.#dialogue.peerSoftware,
    }
  }

  /** False once it broke, even while nobody used it. */
  get idle(): boolean {
    return this.#dialogue.idle
  }

  /** Called once if the connection ends while nobody uses it. */
  onOver(then: () => void): void {
    this.#onOver = then
  }

  /** One message; `content` is framed (data-framing.ts). Only while `idle`. */
  transact(mail: Mail, content: readonly Buffer[]): Promise<TransactionEnd> {
    return new Promise((resolve) => {
      this.#ended = resolve
      this.#content = content
      this.#obey(this.#dialogue.begin(mail))
    })
  }

  /** RFC 5321 §4.1.1.10, without waiting for the answer. */
  quit(): void {
    this.#onOver = null
    if (this.#socket.destroyed) return
    this.#dialogue.broken('quit')
    this.#deadline.set(QUIT_PATIENCE)
    this.#socket.end('QUIT\r\n')
  }

  destroy(): void {
    this.#deadline.clear()
    this.#socket.destroy()
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => this.#writeOn())
    socket.on('error', (error: Error) => this.#broken(error.message))
    socket.on('close', () => this.#broken('the peer closed the connection'))
  }

  #read(chunk: Buffer): void {
    const replies = this.#parser.push(chunk)
    if (!replies.ok) {
      this.#broken(`unreadable reply: ${replies.error}`)
      return
    }
    for (const reply of replies.value) this.#obey(this.#dialogue.reply(reply))
  }

  #obey(action: Action): void {
    switch (action.kind) {
      case 'wait':
        this.#rest()
        break
      case 'write':
        this.#socket.write(action.text)
        this.#rest()
        break
      case 'write-content':
        this.#unwritten = blocksOf(this.#content)
        this.#writeOn()
        break
      case 'start-tls':
        this.#startTls()
        break
      case 'ready':
        this.#rest()
        this.#settleOpening(ok(this))
        break
      case 'failed':
        this.destroy()
        this.#settleOpening(fault(action.cause))
        break
      case 'ended':
        this.#settleTransaction(action.end, action.session)
        break
      case 'over':
        this.destroy()
        this.#onOver?.()
        this.#onOver = null
        break
      default:
        action satisfies never
    }
  }

  #settleOpening(result: Result<Connection, Cause>): void {
    const tell = this.#opened
    this.#opened = null
    tell?.(result)
  }

  #settleTransaction(end: TransactionEnd, session: 'ready' | 'needs-reset' | 'over'): void {
    this.#content = []
    this.#unwritten = []
    if (session === 'over') this.destroy()
    else this.#rest()
    const tell = this.#ended
    this.#ended = null
    tell?.(end)
  }

  /** The time-out of whatever is awaited now. */
  #rest(): void {
    this.#deadline.set(this.#options.patience[this.#dialogue.wait])
  }

  #writeOn(): void {
    if (this.#unwritten.length === 0) return
    let flowing = true
    while (flowing) {
      const block = this.#unwritten.shift()
      if (block === undefined) break
      // The last block holds the final dot: once it is with the system, the peer may have it.
      if (this.#unwritten.length === 0) this.#dialogue.contentSent()
      flowing = this.#socket.write(block)
    }
    this.#rest()
  }

  #startTls(): void {
    const plain = this.#socket
    // T3: nothing may stand between the 220 and the handshake.
    if (this.#parser.midway) {
      this.#broken('clear text after STARTTLS')
      return
    }
    for (const event of ['data', 'drain', 'error', 'close']) plain.removeAllListeners(event)
    this.#parser = new ReplyParser()
    const secured = connectTls({
      socket: plain,
      servername: this.#peer.exchange,
      minVersion: MIN_TLS,
      // Opportunistic: encryption without proof is better than none (RFC 7435); the proof is kept as a fact.
      rejectUnauthorized: false,
    })
    this.#socket = secured
    this.#listen(secured)
    plain.on('error', () => {})
    secured.once('secureConnect', () => {
      this.#tls = {
        version: secured.getProtocol() ?? 'unknown',
        cipher: secured.getCipher().name,
        verified: secured.authorized,
      }
      this.#obey(this.#dialogue.secured(secured.authorized, String(secured.authorizationError ?? '')))
    })
    this.#rest()
  }

  #timedOut(): void {
    const wait = this.#connected ? this.#dialogue.wait : 'connect'
    if (wait === 'idle' && !this.#socket.destroyed && this.#dialogue.idle) {
      const tell = this.#onOver
      this.quit()
      tell?.()
      return
    }
    this.#broken(`timed out (${wait})`)
  }

  #broken(detail: string): void {
    this.#deadline.clear()
    this.#socket.destroy()
    if (this.#connected) this.#obey(this.#dialogue.broken(detail))
    else this.#settleOpening(fault({ kind: 'network', at: 'connect', detail }))
  }
}
