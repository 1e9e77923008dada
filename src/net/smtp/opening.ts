//
// Owns: the part of a session before the first transaction: greeting, EHLO or HELO, STARTTLS. A pure state machine.
// Never: sockets, clocks.
//
//   greeting ─220→ ehlo ─250→ (starttls ─220→ tls ─secured→ ehlo) → ready
//                    └─5yz→ helo ─250→ ready

import type { Cause, SmtpStage } from '../../core/outcome.ts'
import type { Reply } from '../../core/reply.ts'
import { type Capabilities, NO_CAPABILITIES, parseCapabilities } from './capabilities.ts'

/** `never` is the second try in clear after TLS failed (RFC 3207 §4.1, RFC 7435 §3). */
export type TlsWish = 'never' | 'if-offered' | 'required' | 'verified'

export type OpeningStep =
  | { readonly kind: 'write'; readonly text: string }
  | { readonly kind: 'start-tls' }
  | { readonly kind: 'ready'; readonly capabilities: Capabilities }
  | { readonly kind: 'failed'; readonly cause: Cause }

type State = 'greeting' | 'ehlo' | 'helo' | 'starttls' | 'tls'

export class Opening {
  readonly #hostname: string
  readonly #wish: TlsWish
  #state: State = 'greeting'
  #secure = false
  #capabilities: Capabilities = NO_CAPABILITIES
  #peerSoftware: string | null = null

  constructor(hostname: string, wish: TlsWish) {
    this.#hostname = hostname
    this.#wish = wish
  }

  /** The first line of the greeting: most peers name their software in it. */
  get peerSoftware(): string | null {
    return this.#peerSoftware
  }

  get wait(): 'greeting' | 'command' {
    return this.#state === 'greeting' ? 'greeting' : 'command'
  }

  reply(reply: Reply): OpeningStep {
    switch (this.#state) {
      case 'greeting':
        return this.#greeted(reply)
      case 'ehlo':
        return this.#ehloAnswered(reply)
      case 'helo':
        return reply.code === 250 ? { kind: 'ready', capabilities: NO_CAPABILITIES } : refused('EHLO', reply)
      case 'starttls':
        return this.#startTlsAnswered(reply)
      // Clear text between our hello and the end of the handshake is somebody else's (T3).
      case 'tls':
        return this.broken('clear text after STARTTLS')
      default:
        return this.#state satisfies never
    }
  }

  secured(verified: boolean, detail: string): OpeningStep {
    if (this.#wish === 'verified' && !verified) {
      return tlsRequired(`the certificate could not be verified: ${detail}`)
    }
    // RFC 3207 §4.2: what was said before the handshake is forgotten.
    this.#secure = true
    this.#capabilities = NO_CAPABILITIES
    return this.#hello()
  }

  broken(detail: string): OpeningStep {
    const at = this.#state === 'tls' ? 'tls' : 'dialogue'
    return { kind: 'failed', cause: { kind: 'network', at, detail } }
  }

  #hello(): OpeningStep {
    this.#state = 'ehlo'
    return { kind: 'write', text: `EHLO ${this.#hostname}\r\n` }
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
    if (this.#demandsTls) return tlsRequired('the peer does not know EHLO, so it has no STARTTLS')
    this.#state = 'helo'
    return { kind: 'write', text: `HELO ${this.#hostname}\r\n` }
  }

  #afterEhlo(): OpeningStep {
    if (this.#secure || this.#wish === 'never') return this.#ready()
    if (this.#capabilities.startTls) {
      this.#state = 'starttls'
      return { kind: 'write', text: 'STARTTLS\r\n' }
    }
    return this.#demandsTls ? tlsRequired('the peer does not offer STARTTLS') : this.#ready()
  }

  #startTlsAnswered(reply: Reply): OpeningStep {
    if (reply.code === 220) {
      this.#state = 'tls'
      return { kind: 'start-tls' }
    }
    // A peer that offers and then refuses is as good as one that never offered.
    if (this.#demandsTls || reply.code === 421) return refused('STARTTLS', reply)
    return this.#ready()
  }

  get #demandsTls(): boolean {
    return this.#wish === 'required' || this.#wish === 'verified'
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

const tlsRequired = (detail: string): OpeningStep => ({
  kind: 'failed',
  cause: { kind: 'policy', rule: 'tls-required', detail },
})
