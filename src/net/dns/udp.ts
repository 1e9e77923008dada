//
// Owns: questions over UDP to one name server, on a few connected sockets that many questions share.
// Never: decides what a reply means, or asks twice.
//
// Against forged answers (RFC 5452): ids come from a cryptographic source and never from the injected dice, since a
// predictable id would be a hole and no test needs to choose it; questions spread over several ports, which change
// after a while; sockets are connected, so the kernel drops what another address sends.

import { randomInt } from 'node:crypto'
import type { Clock } from '../../core/ports.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Endpoint } from './servers.ts'
import { decodeReply, encodeQuestion, idOf, type Question, type WireReply } from './wire.ts'

/** `unreachable`: the kernel or the peer's host said no; waiting would not help. */
export type NoReply = 'timeout' | 'unreachable'

/** What is asked of one name server, over either transport. */
export interface Ask {
  readonly question: Question
  readonly edns: boolean
  readonly patience: Milliseconds
}

const PORTS_PER_SERVER = 4
/** A new port after this many questions keeps ports worth guessing anew; opening one costs microseconds. */
const QUESTIONS_PER_PORT = 1000
const IDS = 0x1_00_00

interface Waiting {
  readonly question: Question
  readonly settle: (reply: WireReply | NoReply) => void
}

export class UdpQuestions {
  readonly #endpoint: Endpoint
  readonly #clock: Clock
  readonly #ports: (Promise<UdpPort> | undefined)[] = new Array(PORTS_PER_SERVER).fill(undefined)
  #closed = false

  constructor(endpoint: Endpoint, clock: Clock) {
    this.#endpoint = endpoint
    this.#clock = clock
  }

  async ask(ask: Ask): Promise<WireReply | NoReply> {
    if (this.#closed) return 'unreachable'
    const port = await this.#port(randomInt(PORTS_PER_SERVER))
    return port ? port.ask(ask, this.#clock) : 'unreachable'
  }

  close(): void {
    this.#closed = true
    for (const port of this.#ports) port?.then((open) => open.close()).catch(() => {})
    this.#ports.fill(undefined)
  }

  /** Null when no socket can be had: descriptors are used up, or there is no way to that address. */
  async #port(slot: number): Promise<UdpPort | null> {
    const opening = this.#ports[slot] ?? openPort(this.#endpoint)
    this.#ports[slot] = opening
    try {
      const port = await opening
      if (!port.spent) return port
      if (this.#ports[slot] === opening) this.#ports[slot] = undefined
      port.retire()
      return await this.#port(slot)
    } catch {
      if (this.#ports[slot] === opening) this.#ports[slot] = undefined
      return null
    }
  }
}

async function openPort(endpoint: Endpoint): Promise<UdpPort> {
  const port = new UdpPort()
  const socket = await Bun.udpSocket({
    connect: { hostname: endpoint.address, port: endpoint.port },
    binaryType: 'buffer',
    socket: {
      data: (_socket, bytes) => port.onDatagram(bytes),
      // ECONNREFUSED by ICMP: nobody listens there, so every question on this socket has its answer.
      error: () => port.refuseAll(),
    },
  })
  socket.unref()
  port.open(socket)
  return port
}

class UdpPort {
  readonly #waiting = new Map<number, Waiting>()
  #socket: Bun.udp.ConnectedSocket<'buffer'> | null = null
  #asked = 0
  #retired = false

  get spent(): boolean {
    return this.#asked >= QUESTIONS_PER_PORT || this.#socket === null || this.#socket.closed
  }

  open(socket: Bun.udp.ConnectedSocket<'buffer'>): void {
    this.#socket = socket
  }

  ask({ question, edns, patience }: Ask, clock: Clock): Promise<WireReply | NoReply> {
    const id = this.#freeId()
    this.#asked += 1
    return new Promise((resolve) => {
      const settle = (reply: WireReply | NoReply): void => {
        cancel()
        this.#waiting.delete(id)
        if (this.#retired && this.#waiting.size === 0) this.close()
        resolve(reply)
      }
      const cancel = clock.after(patience, () => settle('timeout'))
      this.#waiting.set(id, { question, settle })
      if (!this.#send(encodeQuestion(id, question, edns))) settle('unreachable')
    })
  }

  onDatagram(bytes: Buffer): void {
    const id = idOf(bytes)
    const waiting = id === null ? undefined : this.#waiting.get(id)
    if (id === null || !waiting) return
    const reply = decodeReply(bytes, id, waiting.question)
    // What is no answer to this question is not believed and ends nothing: the true one may still come.
    if (reply) waiting.settle(reply)
  }

  refuseAll(): void {
    for (const waiting of [...this.#waiting.values()]) waiting.settle('unreachable')
  }

  /** No more questions; closes once those on the way have ended. */
  retire(): void {
    this.#retired = true
    if (this.#waiting.size === 0) this.close()
  }

  close(): void {
    const socket = this.#socket
    this.#socket = null
    if (socket && !socket.closed) socket.close()
    this.refuseAll()
  }

  // Bun throws where the kernel refuses a datagram (no route, no buffers).
  #send(bytes: Buffer): boolean {
    try {
      return this.#socket?.send(bytes) ?? false
    } catch {
      return false
    }
  }

  #freeId(): number {
    let id = randomInt(IDS)
    // The exchange lets far fewer questions wait than there are ids: this ends at once.
    while (this.#waiting.has(id)) id = randomInt(IDS)
    return id
  }
}
