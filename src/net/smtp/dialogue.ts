//
// Owns: the client's whole side of an SMTP session as a pure state machine: an event in, one action out.
// Never: sockets, clocks, message bytes. connection.ts obeys the actions.
//
//   opening ─ready→ idle ─begin→ transaction ─ended→ idle …        anything ─over→ over

import type { Reply } from '../../core/reply.ts'
import { type Capabilities, NO_CAPABILITIES } from './capabilities.ts'
import { Opening, type OpeningStep } from './opening.ts'
import type { Hail } from './peer.ts'
import { impossible, type Mail, Transaction, type TransactionStep } from './transaction.ts'

export type Action =
  | OpeningStep
  | TransactionStep
  /** The session ended between transactions: nobody waits for anything. */
  | { readonly kind: 'over' }

/** Which of the time-outs of RFC 5321 §4.5.3.2 runs now. */
export type Wait = 'greeting' | 'command' | 'data' | 'block' | 'finalDot' | 'idle'

const OVER: Action = { kind: 'over' }

export class Dialogue {
  readonly #opening: Opening
  #phase: 'opening' | 'idle' | 'over' | Transaction = 'opening'
  #capabilities: Capabilities = NO_CAPABILITIES
  #needsReset = false
  /** Begun behind the content of the current transaction (RFC 2920 §3.1 allows that group). */
  #next: Transaction | null = null

  /** `trusted`: credentials may be shown without TLS, for nobody stands between. */
  constructor(hail: Hail, trusted: boolean) {
    this.#opening = new Opening(hail, trusted)
  }

  /** What the next reply answers, as it may be shown to people. */
  get said(): string {
    return this.#phase instanceof Transaction ? this.#phase.said : this.#opening.said
  }

  /** A reply as it may be shown to people. */
  shown(reply: Reply): Reply {
    return this.#phase === 'opening' ? this.#opening.shown(reply) : reply
  }

  get inHandshake(): boolean {
    return this.#phase === 'opening' && this.#opening.inHandshake
  }

  get startTls(): Opening['startTls'] {
    return this.#opening.startTls
  }

  get peerSoftware(): string | null {
    return this.#opening.peerSoftware
  }

  get usable(): boolean {
    return this.#phase !== 'over'
  }

  get pipelines(): boolean {
    return this.#capabilities.pipelining
  }

  /** True when a transaction may begin. */
  get idle(): boolean {
    return this.#phase === 'idle'
  }

  get wait(): Wait {
    if (this.#phase === 'opening') return this.#opening.wait
    return this.#phase instanceof Transaction ? this.#phase.wait : 'idle'
  }

  /** Only while `idle`. */
  begin(mail: Mail): Action {
    if (this.#phase !== 'idle') return ended({ kind: 'internal', detail: 'the session is not idle' })
    const cause = impossible(mail, this.#capabilities)
    if (cause !== null) return ended(cause)
    this.#phase = new Transaction(mail, this.#capabilities, this.#needsReset)
    return this.#phase.begin()
  }

  /** The commands to write behind the content of the current transaction; null where that cannot be. */
  follow(mail: Mail): string | null {
    if (!this.#capabilities.pipelining || impossible(mail, this.#capabilities) !== null) return null
    this.#next = new Transaction(mail, this.#capabilities, false)
    const first = this.#next.begin()
    return first.kind === 'write' ? first.text : null
  }

  reply(reply: Reply): Action {
    if (this.#phase === 'opening') return this.#opened(this.#opening.reply(reply))
    if (this.#phase instanceof Transaction) return this.#went(this.#phase.reply(reply))
    // Nothing was asked: it is a 421 before the peer closes, and whatever else it is, the order of replies is lost.
    this.#phase = 'over'
    return OVER
  }

  secured(fault: string | null): Action {
    return this.#opened(this.#opening.secured(fault))
  }

  contentSent(): void {
    if (this.#phase instanceof Transaction) this.#phase.contentSent()
  }

  /** Closed, timed out or unreadable. */
  broken(detail: string, unsent = false): Action {
    if (this.#phase === 'opening') return this.#opened(this.#opening.broken(detail))
    if (this.#phase instanceof Transaction) return this.#went(this.#phase.broken(detail, unsent))
    this.#phase = 'over'
    return OVER
  }

  #opened(step: OpeningStep): Action {
    if (step.kind === 'ready') {
      this.#capabilities = step.capabilities
      this.#phase = 'idle'
    } else if (step.kind === 'failed') {
      this.#phase = 'over'
    }
    return step
  }

  #went(step: TransactionStep): Action {
    if (step.kind === 'ended') {
      this.#phase = step.session === 'over' ? 'over' : (this.#next ?? 'idle')
      this.#next = null
      this.#needsReset = step.session === 'needs-reset'
    }
    return step
  }
}

type Failed = Extract<Extract<TransactionStep, { kind: 'ended' }>['end'], { kind: 'failed' }>

const ended = (cause: Failed['cause']): Action => ({
  kind: 'ended',
  end: { kind: 'failed', cause, untouched: false },
  session: 'ready',
})
