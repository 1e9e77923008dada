//
// Owns: one connection to one address of an MX: the socket, TLS, time-outs. It obeys the dialogue.
// Never: which address, what to do after a failure. The only file with node:net and node:tls on this side.

import { createConnection, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Cause } from '../../core/outcome.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { MINUTE, type Milliseconds, SECOND } from '../../core/time.ts'
import { blocksOf, fitsOneBlock } from './data-framing.ts'
import { Deadline } from './deadline.ts'
import { type Action, Dialogue } from './dialogue.ts'
import type { ConnectionFacts, ConnectionOptions, Peer } from './peer.ts'
import { NEVER_HEARD, type Outgoing, type Pending, pendingOf } from './pending.ts'
import { ReplyParser } from './reply-parser.ts'
import type { TransactionEnd } from './transaction.ts'

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
  #current: Pending | null = null
  /** What was begun right behind the current one (RFC 2920 §3.1). */
  #next: Pending | null = null
  #unclaimed: Pending[] = []
  #askNext: () => Outgoing | null = () => null
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

  /** False once it broke, even while nobody used it, and nothing it has begun is left to ask for. */
  get usable(): boolean {
    return this.#dialogue.usable || this.#unclaimed.length > 0
  }

  /** True for a message that went out behind the one before: its `transact` must be called, whatever came of it. */
  holds(outgoing: Outgoing): boolean {
    return this.#unclaimed.some((pending) => pending.outgoing === outgoing)
  }

  /** `askNext` names the message to send right behind the content of the current one; `over` tells of a lost idle one. */
  serve(askNext: () => Outgoing | null, over: () => void): void {
    this.#askNext = askNext
    this.#onOver = over
  }

  /** One message, when the one before has ended. */
  transact(outgoing: Outgoing): Promise<TransactionEnd> {
    const at = this.#unclaimed.findIndex((pending) => pending.outgoing === outgoing)
    const [begun] = at === -1 ? [] : this.#unclaimed.splice(at, 1)
    if (begun !== undefined) return begun.end
    const pending = pendingOf(outgoing)
    this.#current = pending
    this.#obey(this.#dialogue.begin(outgoing.mail))
    return pending.end
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
    socket.on('close', () => {
      this.#options.stop.removeEventListener('abort', this.#stop)
      this.#broken('the peer closed the connection')
    })
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
        this.#writeContent()
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
    const [ended, next] = [this.#current, this.#next]
    this.#unwritten = []
    this.#current = next
    this.#next = null
    ended?.settle(end)
    if (session !== 'over') {
      this.#rest()
      return
    }
    this.destroy()
    this.#current = null
    next?.settle(NEVER_HEARD)
  }

  /** The time-out of whatever is awaited now. */
  #rest(): void {
    this.#deadline.set(this.#options.patience[this.#dialogue.wait])
  }

  /** Small contents leave in one write, and the next message's commands with them: one way and back per message. */
  #writeContent(): void {
    const current = this.#current
    if (current === null) return
    const { content } = current.outgoing
    const next = fitsOneBlock(content) && this.#dialogue.pipelines ? this.#askNext() : null
    const commands = next === null ? null : this.#dialogue.follow(next.mail)
    if (next === null || commands === null) {
      this.#unwritten = blocksOf(content)
    } else {
      this.#next = pendingOf(next)
      this.#unclaimed.push(this.#next)
      this.#unwritten = [Buffer.concat([...content, Buffer.from(commands)])]
    }
    this.#writeOn()
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
