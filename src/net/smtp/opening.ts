//
// Owns: the part of a session before the first transaction: greeting, EHLO or HELO, STARTTLS, AUTH. A pure state machine.
// Never: sockets, clocks.
//
//   (tls ─secured→) greeting ─220→ ehlo ─250→ (starttls ─220→ tls ─secured→ ehlo) → (auth ─235→) ready
//                                    └─5yz→ helo ─250→ ready

import type { Cause, SmtpStage } from '../../core/outcome.ts'
import type { Reply } from '../../core/reply.ts'
import { Authentication, type AuthStep, withoutSecrets } from './authentication.ts'
import { type Capabilities, NO_CAPABILITIES, parseCapabilities } from './capabilities.ts'
import type { Hail } from './peer.ts'

export type OpeningStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'write'; readonly text: string }
  | { readonly kind: 'start-tls' }
  | { readonly kind: 'ready'; readonly capabilities: Capabilities }
  | { readonly kind: 'failed'; readonly cause: Cause }

type State = 'greeting' | 'ehlo' | 'helo' | 'starttls' | 'tls' | 'auth'

export class Opening {
  readonly #hail: Hail
  readonly #trusted: boolean
  #state: State
  #secure = false
  #startTls: 'unasked' | 'unsupported' | 'asked' = 'unasked'
  #capabilities: Capabilities = NO_CAPABILITIES
  #authentication: Authentication | null = null
  #peerSoftware: string | null = null

  /** `trusted`: credentials may be shown without TLS, for nobody stands between. */
  constructor(hail: Hail, trusted: boolean) {
    this.#hail = hail
    this.#trusted = trusted
    this.#state = hail.implicitTls ? 'tls' : 'greeting'
  }

  /** The first line of the greeting: most peers name their software in it. */
  get peerSoftware(): string | null {
    return this.#peerSoftware
  }

  /** What became of the offer of TLS, where it was wanted. */
  get startTls(): 'unasked' | 'unsupported' | 'asked' {
    return this.#startTls
  }

  get inHandshake(): boolean {
    return this.#state === 'tls'
  }

  get wait(): 'greeting' | 'command' {
    return this.#state === 'greeting' ? 'greeting' : 'command'
  }

  /** What the next reply answers, as it may be shown to people. */
  get said(): string {
    switch (this.#state) {
      case 'greeting':
        return 'greeting'
      case 'ehlo':
        return `EHLO ${this.#hail.hello}`
      case 'helo':
        return `HELO ${this.#hail.hello}`
      case 'starttls':
        return 'STARTTLS'
      case 'tls':
        return 'TLS handshake'
      case 'auth':
        return this.#authentication?.said ?? 'AUTH'
      default:
        return this.#state satisfies never
    }
  }

  shown(reply: Reply): Reply {
    const { auth } = this.#hail
    return auth === null ? reply : withoutSecrets(reply, auth)
  }

  reply(reply: Reply): OpeningStep {
    switch (this.#state) {
      case 'greeting':
        return this.#greeted(reply)
      case 'ehlo':
        return this.#ehloAnswered(reply)
      case 'helo':
        return reply.code === 250 ? this.#authenticate() : refused('EHLO', reply)
      case 'starttls':
        return this.#startTlsAnswered(reply)
      // Clear text between our hello and the end of the handshake is somebody else's (T3).
      case 'tls':
        return this.broken('clear text after STARTTLS')
      case 'auth':
        return this.#authAnswered(this.#authentication?.reply(this.shown(reply)))
      default:
        return this.#state satisfies never
    }
  }

  /** `fault` says why what is demanded of the certificate is not proven; null: it is, or nothing is demanded. */
  secured(fault: string | null): OpeningStep {
    if (fault !== null) return tlsRequired(`the certificate proves nothing: ${fault}`)
    // RFC 3207 §4.2: what was said before the handshake is forgotten.
    this.#secure = true
    this.#capabilities = NO_CAPABILITIES
    if (!this.#hail.implicitTls) return this.#hello()
    this.#state = 'greeting'
    return { kind: 'wait' }
  }

  broken(detail: string): OpeningStep {
    if (this.#state !== 'tls') {
      const at = this.#isOverTls && !this.#demandsTls ? 'tls' : 'dialogue'
      return { kind: 'failed', cause: { kind: 'network', at, detail: `${this.said}: ${detail}` } }
    }
    if (this.#demandsTls) return tlsRequired(`the handshake failed: ${detail}`)
    return { kind: 'failed', cause: { kind: 'network', at: 'tls', detail } }
  }

  /**
   * Beside the handshake: something on the way may cut off whoever says STARTTLS, and in TLS 1.3 a peer refuses us
   * after our side of the handshake is done (RFC 8446 §4.4.2.4), which only shows at the EHLO.
   */
  get #isOverTls(): boolean {
    return this.#state === 'starttls' || (this.#state === 'ehlo' && this.#secure)
  }

  #hello(): OpeningStep {
    this.#state = 'ehlo'
    return { kind: 'write', text: `EHLO ${this.#hail.hello}\r\n` }
  }

  #greeted(reply: Reply): OpeningStep {
    if (reply.code !== 220) return refused('GREETING', reply)
    this.#peerSoftware = reply.text.split('\n', 1)[0]?.slice(0, MAX_SOFTWARE_CHARACTERS) || null
    return this.#hello()
  }

  #ehloAnswered(reply: Reply): OpeningStep {
    if (reply.code === 250) {
      this.#capabilities = parseCapabilities(reply)
      return this.#afterEhlo()
    }
    // RFC 5321 §3.2: an old peer answers 500 or 502; some filters say 550 to everything they do not know.
    if (reply.code < 500 || this.#secure) return refused('EHLO', reply)
    if (this.#hail.wish !== 'never') this.#startTls = 'unsupported'
    if (this.#demandsTls) return tlsRequired('the peer does not know EHLO, so it has no STARTTLS')
    this.#state = 'helo'
    return { kind: 'write', text: `HELO ${this.#hail.hello}\r\n` }
  }

  #afterEhlo(): OpeningStep {
    if (this.#secure || this.#hail.wish === 'never') return this.#authenticate()
    if (this.#capabilities.startTls) {
      this.#startTls = 'asked'
      this.#state = 'starttls'
      return { kind: 'write', text: 'STARTTLS\r\n' }
    }
    this.#startTls = 'unsupported'
    return this.#demandsTls ? tlsRequired('the peer does not offer STARTTLS') : this.#authenticate()
  }

  #startTlsAnswered(reply: Reply): OpeningStep {
    if (reply.code === 220) {
      this.#state = 'tls'
      return { kind: 'start-tls' }
    }
    if (reply.code === 421) return refused('STARTTLS', reply)
    // A peer that offers and then refuses is as good as one that never offered.
    this.#startTls = 'unsupported'
    if (this.#demandsTls) return tlsRequired(`the peer refused STARTTLS: ${reply.code} ${reply.text}`)
    return this.#authenticate()
  }

  #authenticate(): OpeningStep {
    const { auth } = this.#hail
    if (auth === null) return this.#ready()
    if (!this.#secure && !this.#trusted) return authFailed('credentials are shown over TLS only')
    this.#authentication = new Authentication(auth, this.#capabilities.auth)
    this.#state = 'auth'
    return this.#authAnswered(this.#authentication.begin())
  }

  #authAnswered(step: AuthStep | undefined): OpeningStep {
    if (step?.kind === 'write') return step
    return step?.kind === 'refused' ? authFailed(step.detail) : this.#ready()
  }

  get #demandsTls(): boolean {
    const { wish } = this.#hail
    return wish === 'required' || wish === 'verified' || wish === 'dane'
  }

  #ready(): OpeningStep {
    return { kind: 'ready', capabilities: this.#capabilities }
  }
}

/** It is for people to read; a peer may write 64 KB. */
const MAX_SOFTWARE_CHARACTERS = 200

const refused = (stage: SmtpStage, reply: Reply): OpeningStep => ({
  kind: 'failed',
  cause: { kind: 'reply', stage, reply },
})

const tlsRequired = (detail: string): OpeningStep => failed('tls-required', detail)
const authFailed = (detail: string): OpeningStep => failed('relay-auth', detail)

const failed = (rule: 'tls-required' | 'relay-auth', detail: string): OpeningStep => ({
  kind: 'failed',
  cause: { kind: 'policy', rule, detail },
})
