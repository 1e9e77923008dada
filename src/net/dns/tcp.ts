//
// Owns: one question over TCP (RFC 7766), for answers that do not fit a datagram. One connection each: truncation is
// rare enough that keeping connections would cost more care than it saves.

import type { Socket } from 'bun'
import type { Clock } from '../../core/ports.ts'
import type { Endpoint } from './servers.ts'
import type { Ask, NoReply } from './udp.ts'
import { decodeReply, encodeQuestion, type WireReply } from './wire.ts'

export interface TcpAsk extends Ask {
  readonly id: number
}

/** RFC 1035 §4.2.2: two octets of length stand before the message. */
const LENGTH_OCTETS = 2

export function askByTcp(endpoint: Endpoint, ask: TcpAsk, clock: Clock): Promise<WireReply | NoReply> {
  return new Promise((resolve) => {
    const dialogue = new TcpDialogue(ask, (reply) => {
      cancel()
      resolve(reply)
    })
    const cancel = clock.after(ask.patience, () => dialogue.end('timeout'))
    Bun.connect({
      hostname: endpoint.address,
      port: endpoint.port,
      socket: {
        binaryType: 'buffer',
        open: (socket) => dialogue.onOpen(socket),
        data: (_socket, bytes) => dialogue.onData(bytes),
        close: () => dialogue.end('unreachable'),
        error: () => dialogue.end('unreachable'),
        connectError: () => dialogue.end('unreachable'),
      },
    }).catch(() => dialogue.end('unreachable'))
  })
}

class TcpDialogue {
  readonly #ask: TcpAsk
  readonly #done: (reply: WireReply | NoReply) => void
  #socket: Socket | null = null
  #held: Buffer = Buffer.alloc(0)
  #ended = false

  constructor(ask: TcpAsk, done: (reply: WireReply | NoReply) => void) {
    this.#ask = ask
    this.#done = done
  }

  onOpen(socket: Socket): void {
    if (this.#ended) {
      socket.end()
      return
    }
    this.#socket = socket
    const question = encodeQuestion(this.#ask.id, this.#ask.question, this.#ask.edns)
    // A question is far smaller than any socket buffer: a partial write means that the peer is of no use.
    if (socket.write(framed(question)) < question.length + LENGTH_OCTETS) this.end('unreachable')
  }

  onData(bytes: Buffer): void {
    if (this.#ended) return
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    if (this.#held.length < LENGTH_OCTETS) return
    // The length field bounds what one peer can make us hold to 64 KB.
    const end = LENGTH_OCTETS + this.#held.readUInt16BE(0)
    if (this.#held.length < end) return
    const message = this.#held.subarray(LENGTH_OCTETS, end)
    // On this connection nobody else speaks: a wrong answer is a broken peer, not a forger.
    this.end(decodeReply(message, this.#ask.id, this.#ask.question) ?? 'unreachable')
  }

  end(reply: WireReply | NoReply): void {
    if (this.#ended) return
    this.#ended = true
    this.#socket?.end()
    this.#done(reply)
  }
}

function framed(message: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH_OCTETS + message.length)
  bytes.writeUInt16BE(message.length, 0)
  message.copy(bytes, LENGTH_OCTETS)
  return bytes
}
