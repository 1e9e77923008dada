//
// Owns: asking a certification authority (RFC 8555): its directory, nonces, signed requests, the account.
// Never: what is ordered (order.ts), or what is kept (services/certificates).

import type { Clock } from '../../../core/ports.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import { DAY, type Milliseconds, SECOND } from '../../../core/time.ts'
import type { HttpAnswer, HttpFault, OutgoingHttp } from '../../http/outgoing.ts'
import { type AcmeFault, away, faultOf, ours } from './fault.ts'
import { type AccountKey, type Binding, boundTo, signedBody } from './jws.ts'

export interface AcmeOptions {
  readonly directory: string
  readonly http: Pick<OutgoingHttp, 'get' | 'post'>
  readonly clock: Clock
  readonly account: AccountKey
  /** Null: not made yet. */
  readonly accountUrl: string | null
  /** Empty: nobody. */
  readonly contact: string
  readonly binding: Binding | null
  readonly userAgent: string
  readonly signal: AbortSignal
}

export interface AcmeAnswer {
  readonly status: number
  readonly headers: HttpAnswer['headers']
  readonly text: string
  /** An object; empty when the text is none. */
  readonly json: Readonly<Record<string, unknown>>
  readonly retryAfter: Milliseconds | null
}

type Asked<T = AcmeAnswer> = Promise<Result<T, AcmeFault>>

const WITHIN: Milliseconds = 30 * SECOND
/** A chain has a few kilobytes, a directory less. */
const MAX_OCTETS = 256 * 1024
/** RFC 8555 §6.5: a nonce may have been forgotten; one that answers so for ever is broken. */
const MAX_BAD_NONCES = 10
/** What waits longer is asked again by the next turn. */
const LONGEST_WAIT: Milliseconds = 14 * DAY

export class AcmeClient {
  readonly #options: AcmeOptions
  #directory: Readonly<Record<string, unknown>> | null = null
  /** Each is good for one request. */
  #nonce: string | null = null
  #accountUrl: string | null

  constructor(options: AcmeOptions) {
    this.#options = options
    this.#accountUrl = options.accountUrl
  }

  get thumbprint(): string {
    return this.#options.account.thumbprint
  }

  /** The URL of the account, made where it was not. Terms were agreed to in the configuration. */
  async login(): Asked<string> {
    if (this.#accountUrl !== null) return ok(this.#accountUrl)
    const { account, binding, contact } = this.#options
    const url = await this.endpoint('newAccount')
    if (!url.ok) return url
    const made = await this.#signed(url.value, {
      termsOfServiceAgreed: true,
      ...(contact === '' ? {} : { contact: [`mailto:${contact}`] }),
      ...(binding === null ? {} : { externalAccountBinding: boundTo(binding, account, url.value) }),
    })
    if (!made.ok) return made
    const location = made.value.headers['location']
    if (location === undefined) return fault(away('it made an account and did not say where'))
    this.#accountUrl = location
    return ok(location)
  }

  /** The account is gone there (RFC 8555 §6.7, accountDoesNotExist): the next login makes it anew. */
  forgetAccount(): void {
    this.#accountUrl = null
  }

  /** A signed request of the account; `payload` null: POST-as-GET. */
  async ask(url: string, payload: unknown, accept?: string): Asked {
    const account = await this.login()
    return account.ok ? this.#signed(url, payload, accept) : account
  }

  /** Unsigned (RFC 9773 §4.1). */
  async look(url: string): Asked {
    const { http, signal, userAgent } = this.#options
    const got = await http.get(url, {
      maxOctets: MAX_OCTETS,
      within: WITHIN,
      headers: { 'user-agent': userAgent },
      signal,
    })
    return got.ok ? this.#read(got.value) : fault(awayOf(url, got.error))
  }

  async endpoint(name: string): Asked<string> {
    const url = await this.offered(name)
    if (!url.ok) return url
    if (url.value !== null) return ok(url.value)
    return fault(ours(`${this.#options.directory} is no ACME directory: it names no ${name}`))
  }

  /** Null: this authority does not have it. */
  async offered(name: string): Asked<string | null> {
    if (this.#directory === null) {
      const got = await this.look(this.#options.directory)
      if (!got.ok) return got
      this.#directory = got.value.json
    }
    const url = this.#directory[name]
    return ok(typeof url === 'string' ? url : null)
  }

  async #signed(url: string, payload: unknown, accept = 'application/json'): Asked {
    const { account, http, signal, userAgent } = this.#options
    for (let tries = 0; tries < MAX_BAD_NONCES; tries += 1) {
      const nonce = await this.#takeNonce()
      if (!nonce.ok) return nonce
      const posted = await http.post(url, {
        body: signedBody(payload, { account, url, nonce: nonce.value, kid: this.#accountUrl }),
        headers: { 'content-type': 'application/jose+json', 'user-agent': userAgent, accept },
        maxOctets: MAX_OCTETS,
        within: WITHIN,
        signal,
      })
      if (!posted.ok) return fault(awayOf(url, posted.error))
      this.#nonce = posted.value.headers['replay-nonce'] ?? null
      const read = this.#read(posted.value)
      if (read.ok || read.error.type !== 'badNonce') return read
    }
    return fault(away('it takes none of the nonces that it hands out'))
  }

  async #takeNonce(): Asked<string> {
    const kept = this.#nonce
    this.#nonce = null
    if (kept !== null) return ok(kept)
    const url = await this.endpoint('newNonce')
    if (!url.ok) return url
    const got = await this.look(url.value)
    if (!got.ok) return got
    const nonce = got.value.headers['replay-nonce']
    return nonce === undefined ? fault(away('it hands out no nonce')) : ok(nonce)
  }

  #read(answer: HttpAnswer): Result<AcmeAnswer, AcmeFault> {
    const { status, headers } = answer
    const text = answer.body.toString('utf8')
    const retryAfter = retryAfterOf(headers['retry-after'], this.#options.clock.now())
    if (status < 200 || status > 299) return fault(faultOf(status, text, retryAfter))
    return ok({ status, headers, text, json: objectIn(text), retryAfter })
  }
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Seconds or a date (RFC 9110 §10.2.3). */
export function retryAfterOf(field: string | undefined, now: Milliseconds): Milliseconds | null {
  if (field === undefined) return null
  const wait = /^\d+$/.test(field) ? Number(field) * SECOND : Date.parse(field) - now
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_WAIT) : null
}

function awayOf(url: string, { kind, detail }: HttpFault): AcmeFault {
  const where = URL.parse(url)?.host ?? url
  const why = kind === 'certificate' ? `${detail}; tls.acme_ca_file names roots of your own` : detail
  return away(`${where}: ${why}`)
}
