//
// Owns: one question and the name servers: order, patience, second round, TCP after truncation.
// Never: remembers an answer.

import { randomInt } from 'node:crypto'
import type { Clock } from '../../core/ports.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { Gate } from './gate.ts'
import { interpret, type Reading } from './interpret.ts'
import type { LookupFault } from './resolver.ts'
import { type AdTrust, believesAd, type Endpoint } from './servers.ts'
import { askByTcp } from './tcp.ts'
import { type NoReply, UdpQuestions } from './udp.ts'
import type { Question, WireReply } from './wire.ts'

export interface ExchangeOptions {
  readonly servers: readonly Endpoint[]
  readonly clock: Clock
  /** For one answer of one server. */
  readonly patience?: Milliseconds
  readonly trustAd?: AdTrust
}

export type Exchanged =
  | { readonly reading: Exclude<Reading, { kind: 'failed' }>; readonly authentic: boolean }
  | { readonly fault: Extract<LookupFault, 'servfail' | 'timeout'> }

const PATIENCE: Milliseconds = 2 * SECOND
/** A datagram gets lost now and then: everybody is asked once more, then it is enough. */
const ROUNDS = 2
/** A server that was silent is asked last for this long, so that one dead server does not slow every question. */
const SHUNNED: Milliseconds = 30 * SECOND
const IDS = 0x1_00_00

const FORMERR = 1
const NOTIMP = 4
const BADVERS = 16

interface Server {
  readonly endpoint: Endpoint
  readonly udp: UdpQuestions
  readonly believed: boolean
  shunnedUntil: Milliseconds
}

export class Exchange {
  readonly #servers: readonly Server[]
  readonly #clock: Clock
  readonly #patience: Milliseconds
  readonly #gate: Gate

  constructor({ servers, clock, patience = PATIENCE, trustAd = 'auto' }: ExchangeOptions) {
    this.#clock = clock
    this.#patience = patience
    this.#gate = new Gate(clock)
    this.#servers = servers.map((endpoint) => ({
      endpoint,
      udp: new UdpQuestions(endpoint, clock),
      believed: believesAd(endpoint, trustAd),
      shunnedUntil: Number.NEGATIVE_INFINITY,
    }))
  }

  ask(question: Question): Promise<Exchanged> {
    return this.#gate.pass(() => this.#askAll(question))
  }

  close(): void {
    for (const server of this.#servers) server.udp.close()
  }

  async #askAll(question: Question): Promise<Exchanged> {
    let failed = false
    for (let round = 0; round < ROUNDS; round++) {
      let silent = false
      for (const server of this.#inOrder()) {
        const reply = await this.#askOne(server, question)
        if (typeof reply === 'string') {
          silent = true
          server.shunnedUntil = this.#clock.monotonic() + SHUNNED
          continue
        }
        server.shunnedUntil = Number.NEGATIVE_INFINITY
        const reading = interpret(reply, question)
        if (reading.kind !== 'failed') return { reading, authentic: server.believed && reply.authentic }
        failed = true
      }
      // Everybody spoke and nobody knew: asking again at once would hear the same.
      if (!silent) break
    }
    return { fault: failed ? 'servfail' : 'timeout' }
  }

  #inOrder(): readonly Server[] {
    const now = this.#clock.monotonic()
    const shunned = this.#servers.filter((server) => server.shunnedUntil > now)
    if (shunned.length === 0 || shunned.length === this.#servers.length) return this.#servers
    return [...this.#servers.filter((server) => server.shunnedUntil <= now), ...shunned]
  }

  async #askOne(server: Server, question: Question): Promise<WireReply | NoReply> {
    const reply = await this.#transact(server, question, true)
    if (typeof reply === 'string') return reply
    const knowsNoEdns = reply.rcode === FORMERR || reply.rcode === NOTIMP || reply.rcode === BADVERS
    return knowsNoEdns ? this.#transact(server, question, false) : reply
  }

  async #transact(server: Server, question: Question, edns: boolean): Promise<WireReply | NoReply> {
    const ask = { question, edns, patience: this.#patience }
    const reply = await server.udp.ask(ask)
    if (typeof reply === 'string' || !reply.truncated) return reply
    return askByTcp(server.endpoint, { ...ask, id: randomInt(IDS) }, this.#clock)
  }
}
