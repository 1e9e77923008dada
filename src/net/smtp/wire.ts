//
// Owns: the octets of one connection: the socket, its way to TLS. The only file of this side that connects.
// Never: what they mean.

import { createConnection, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { MINUTE, type Milliseconds } from '../../core/time.ts'
import type { Peer } from './peer.ts'
import { secure, type Trust } from './security.ts'

/** A half-open connection is found out before the next message needs it (F11). */
const KEEP_ALIVE_AFTER: Milliseconds = MINUTE

export interface WireEvents {
  reached(): void
  secured(socket: TLSSocket): void
  read(chunk: Buffer): void
  /** What is sent goes on; `whole`: with the last block. */
  flows(whole: boolean): void
  /** May come more than once. */
  lost(detail: string): void
}

export class Wire {
  readonly #events: WireEvents
  readonly #host: string
  #socket: Socket
  #unwritten: Buffer[] = []

  constructor({ exchange, address, port, source }: Peer, events: WireEvents) {
    this.#events = events
    this.#host = exchange
    this.#socket = createConnection({
      host: address,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_AFTER,
      ...(source === null ? {} : { localAddress: source }),
    })
    this.#socket.once('connect', () => events.reached())
    this.#listen(this.#socket)
  }

  /** Our own address. */
  get source(): string | null {
    return this.#socket.localAddress ?? null
  }

  get destroyed(): boolean {
    return this.#socket.destroyed
  }

  /** Some of what was written has not left this process. */
  get unsent(): boolean {
    return this.#socket.writableLength > 0
  }

  write(text: string): void {
    this.#socket.write(text)
  }

  /** As fast as the peer takes them. */
  send(blocks: Buffer[]): void {
    this.#unwritten = blocks
    this.#writeOn()
  }

  /** What was to be sent and has not left by now is not sent. */
  forget(): void {
    this.#unwritten = []
  }

  end(text: string): void {
    this.#socket.end(text)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** `name`: what the peer is asked for if not the host's own name (RFC 7672 §3.2.1). */
  startTls(trust: Trust, name: string | undefined): void {
    const plain = this.#socket
    for (const event of ['data', 'drain', 'error', 'close']) plain.removeAllListeners(event)
    const secured = secure(plain, name ?? this.#host, trust)
    this.#socket = secured
    this.#listen(secured)
    plain.on('error', () => {})
    secured.once('secureConnect', () => this.#events.secured(secured))
  }

  #writeOn(): void {
    if (this.#unwritten.length === 0) return
    let flowing = true
    while (flowing) {
      const block = this.#unwritten.shift()
      if (block === undefined) break
      this.#events.flows(this.#unwritten.length === 0)
      flowing = this.#socket.write(block)
    }
  }

  #listen(socket: Socket): void {
    const events = this.#events
    socket.on('data', (chunk: Buffer) => events.read(chunk))
    socket.on('drain', () => this.#writeOn())
    socket.on('error', (error: Error) => events.lost(error.message))
    socket.on('close', () => events.lost('the peer closed the connection'))
  }
}
