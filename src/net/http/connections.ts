//
// Owns: connections of outgoing HTTP: one for a request alone, or kept a moment for the next to the same place. A place is
// the address that was judged (T9), its port, and the name that the certificate proved: a kept connection leads nowhere
// that a new one would not.

import { Agent as PlainAgent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { type Milliseconds, SECOND } from '../../core/time.ts'
import type { Aim } from './aim.ts'

/** Servers commonly close what is silent for two seconds or more: we close first. */
const IDLE: Milliseconds = 1.5 * SECOND
/** To one place, while nothing is asked there. */
const MAX_IDLE = 32

const KEPT = { keepAlive: true, maxFreeSockets: MAX_IDLE, timeout: IDLE } as const
const pairOf = (options: object) => ({ plain: new PlainAgent(options), secure: new SecureAgent(options) })

export class Connections {
  readonly #once = pairOf({})
  readonly #kept = pairOf(KEPT)
  /** Made once: it holds all roots. */
  readonly #trust: { readonly secureContext?: SecureContext }

  /** PEM of roots to believe beside the public ones; null: those alone. */
  constructor(ca: string | null) {
    this.#trust = ca === null ? {} : { secureContext: createSecureContext({ ca: [...rootCertificates, ca] }) }
  }

  /** How a request comes to this address. The name stays what its certificate is about; it is not looked up again. */
  to({ host, port, secure }: Aim, address: string, isKept: boolean) {
    const { plain, secure: overTls } = isKept ? this.#kept : this.#once
    if (!secure) return { host: address, port, agent: plain }
    // RFC 6066 §3: an address is no server name; its certificate is about the address then.
    const servername = host === address ? '' : host
    return { host: address, port, agent: overTls, servername, ...this.#trust }
  }
}
