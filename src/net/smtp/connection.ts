//
// Owns: one connection to one address of an MX: it obeys the dialogue, in time, and keeps the transcript.
// Never: which address, what to do after a failure.

import type { TLSSocket } from 'node:tls'
import type { Cause, TlsSession } from '../../core/outcome.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import { blocksOf, fitsOneBlock } from './data-framing.ts'
import { Deadline } from './deadline.ts'
import { type Action, Dialogue } from './dialogue.ts'
import { type ConnectionFacts, type Ground, type Hail, isLoopback, type Peer, type Unopened } from './peer.ts'
import { type Outgoing, Turns } from './pending.ts'
import { ReplyParser } from './reply-parser.ts'
import { type CertificateFault, proofOf, type TlsFacts, UNSUPPORTED } from './security.ts'
import type { TransactionEnd } from './transaction.ts'
import type { Transcript } from './transcript.ts'
import { Wire } from './wire.ts'

/** Nobody waits for the answer to QUIT; the socket is kept this long so that the peer can read it. */
const QUIT_PATIENCE: Milliseconds = 5 * SECOND

export class Connection {
  readonly hail: Hail
  readonly #peer: Peer
  readonly #ground: Ground
  readonly #dialogue: Dialogue
  readonly #deadline: Deadline
  #parser = new ReplyParser()
  readonly #wire: Wire
  #tls: TlsFacts | null = null
  #tlsFault: CertificateFault | null = null
  #source: string | null = null
  #connected = false
  #opened: ((result: Result<Connection, Unopened>) => void) | null = null
  /** Of the attempt that opened it, until it is open; then each message has its own. */
  #transcript: Transcript | null
  readonly #turns = new Turns()
  #askNext: () => Outgoing | null = () => null
  #onOver: (() => void) | null = null
  readonly #stop = (): void => this.#broken('this node stops')

  private constructor(peer: Peer, hail: Hail, ground: Ground, transcript: Transcript) {
    this.hail = hail
    this.#peer = peer
    this.#ground = ground
    this.#transcript = transcript
    this.#dialogue = new Dialogue(hail, hail.auth !== null && isLoopback(peer.address))
    this.#deadline = new Deadline(ground.clock, () => this.#timedOut())
    this.#deadline.set(ground.patience.connect)
    this.#wire = new Wire(peer, {
      reached: () => this.#reached(),
      secured: (socket) => this.#secured(socket),
      read: (chunk) => this.#read(chunk),
      flows: (whole) => this.#flows(whole),
      lost: (detail) => this.#broken(detail),
    })
    ground.stop.addEventListener('abort', this.#stop)
  }

  /** Resolves when transactions may begin. */
  static open(
    peer: Peer,
    hail: Hail,
    ground: Ground,
    transcript: Transcript,
  ): Promise<Result<Connection, Unopened>> {
    return new Promise((resolve) => {
      const connection = new Connection(peer, hail, ground, transcript)
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

  /** For TLS-RPT: null where no session was wanted, or it never came so far. */
  get session(): TlsSession | null {
    const failure = this.#dialogue.startTls === 'unsupported' ? UNSUPPORTED : this.#tlsFault
    if (failure === null && this.#tls === null) return null
    const { exchange, address } = this.#peer
    return { mx: exchange, address, source: this.#source, failure }
  }

  /** False once it broke, even while nobody used it, and nothing it has begun is left to ask for. */
  get usable(): boolean {
    return this.#dialogue.usable || !this.#turns.allClaimed
  }

  /** True for a message that went out behind the one before: its `transact` must be called, whatever came of it. */
  holds(outgoing: Outgoing): boolean {
    return this.#turns.holds(outgoing)
  }

  /** `askNext` names the message to send right behind the content of the current one; `over` tells of a lost idle one. */
  serve(askNext: () => Outgoing | null, over: () => void): void {
    this.#askNext = askNext
    this.#onOver = over
  }

  /** One message, when the one before has ended. */
  transact(outgoing: Outgoing): Promise<TransactionEnd> {
    const begun = this.#turns.claim(outgoing)
    if (begun !== null) return begun
    const end = this.#turns.begin(outgoing)
    const action = this.#dialogue.begin(outgoing.mail)
    if (action.kind === 'ended') this.#note('(nothing was sent)')
    this.#obey(action)
    return end
  }

  /** RFC 5321 §4.1.1.10, without waiting for the answer. */
  quit(): void {
    this.#onOver = null
    if (this.#wire.destroyed) return
    this.#dialogue.broken('quit')
    this.#deadline.set(QUIT_PATIENCE)
    this.#wire.end('QUIT\r\n')
  }

  destroy(): void {
    this.#deadline.clear()
    this.#wire.destroy()
  }

  #reached(): void {
    this.#connected = true
    this.#source = this.#wire.source
    this.#note(`${sayPlace(this.#peer)} from ${this.#source}`)
    if (this.hail.implicitTls) this.#startTls()
    else this.#rest()
  }

  #note(what: string): void {
    this.#listener?.note(this.#ground.clock.monotonic(), what)
  }

  get #listener(): Transcript | null {
    return this.#turns.current?.transcript ?? this.#transcript
  }

  #read(chunk: Buffer): void {
    const replies = this.#parser.push(chunk)
    if (!replies.ok) {
      this.#broken(`unreadable reply: ${replies.error}`)
      return
    }
    const now = this.#ground.clock.monotonic()
    for (const reply of replies.value) {
      this.#listener?.reply(now, this.#dialogue.said, this.#dialogue.shown(reply))
      this.#obey(this.#dialogue.reply(reply))
    }
  }

  #obey(action: Action): void {
    switch (action.kind) {
      case 'wait':
        this.#rest()
        break
      case 'write':
        this.#wire.write(action.text)
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
        this.#settleOpening(null)
        break
      case 'failed':
        this.destroy()
        this.#settleOpening(action.cause)
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

  #settleOpening(cause: Cause | null): void {
    const tell = this.#opened
    this.#opened = null
    this.#transcript = null
    if (cause === null) tell?.(ok(this))
    else tell?.(fault({ cause, facts: this.facts, session: this.session }))
  }

  #settleTransaction(end: TransactionEnd, session: 'ready' | 'needs-reset' | 'over'): void {
    this.#wire.forget()
    this.#turns.ended(end)
    if (session !== 'over') {
      this.#rest()
      return
    }
    this.destroy()
    this.#turns.over()
  }

  /** The time-out of whatever is awaited now. */
  #rest(): void {
    this.#deadline.set(this.#ground.patience[this.#dialogue.wait])
  }

  /** Small contents leave in one write, and the next message's commands with them: one way and back per message. */
  #writeContent(): void {
    const { current } = this.#turns
    if (current === null) return
    const { content } = current
    const next = fitsOneBlock(content) && this.#dialogue.pipelines ? this.#askNext() : null
    const commands = next === null ? null : this.#dialogue.follow(next.mail)
    if (next === null || commands === null) {
      this.#wire.send(blocksOf(content))
    } else {
      this.#turns.follow(next)
      this.#wire.send([Buffer.concat([...content, Buffer.from(commands)])])
    }
  }

  /** The last block holds the final dot: once it is with the system, the peer may have it. */
  #flows(whole: boolean): void {
    if (whole) this.#dialogue.contentSent()
    this.#rest()
  }

  #startTls(): void {
    // T3: nothing may stand between the 220 and the handshake.
    if (this.#parser.midway) {
      this.#broken('clear text after STARTTLS')
      return
    }
    this.#parser = new ReplyParser()
    this.#wire.startTls(this.#ground.trust, this.hail.tlsaBase)
    this.#rest()
  }

  #secured(socket: TLSSocket): void {
    const { hail } = this
    const proof = proofOf(socket, this.#peer.exchange, { ...hail, now: this.#ground.clock.now() })
    this.#tls = proof.facts
    this.#tlsFault = proof.reported
    this.#note(`TLS ${proof.said}`)
    this.#obey(this.#dialogue.secured(proof.lacks && `${proof.lacks.type}: ${proof.lacks.detail}`))
  }

  #timedOut(): void {
    const wait = this.#connected ? this.#dialogue.wait : 'connect'
    if (wait === 'idle' && !this.#wire.destroyed && this.#dialogue.idle) {
      const tell = this.#onOver
      this.quit()
      tell?.()
      return
    }
    this.#broken(`timed out (${wait})`)
  }

  #broken(detail: string): void {
    this.#deadline.clear()
    this.#ground.stop.removeEventListener('abort', this.#stop)
    // The rest that did not leave may be the next message's commands alone.
    const unsent = this.#wire.unsent && !this.#turns.following
    this.#wire.destroy()
    if (!this.#connected) {
      this.#note(`${sayPlace(this.#peer)} => ${detail}`)
      this.#settleOpening({ kind: 'network', at: 'connect', detail })
      return
    }
    if (this.#dialogue.inHandshake) this.#tlsFault ??= { type: 'validation-failure', detail }
    this.#note(`${this.#dialogue.said} => ${detail}`)
    this.#obey(this.#dialogue.broken(detail, unsent))
  }
}

const sayPlace = ({ exchange, address, port }: Peer): string => `CONNECT ${exchange} [${address}]:${port}`
