//
// Owns: HTTP to addresses of other people's choice (policies, webhooks, reports) that cannot be aimed at our inside (T9):
// the name is resolved once, every address is judged, and the connection goes to exactly such an address.
// Never: follows a redirect, unpacks a body, or asks a proxy; retrying is the caller's.

import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { Resolver } from '../dns/resolver.ts'
import { type Aim, type AllowedPlace, aimOf, allowedAddresses, knownAddresses } from './aim.ts'
import { Connections } from './connections.ts'

export interface OutgoingHttpOptions {
  readonly resolver: Pick<Resolver, 'addresses'>
  readonly clock: Clock
  /** Places of our own inside that may be asked nevertheless. */
  readonly allow: readonly AllowedPlace[]
  /** True only in labs. */
  readonly allowPrivate: boolean
  /** PEM of roots to believe beside the public ones; null: those alone. */
  readonly ca: string | null
}

export interface GetOptions {
  /** Of the body; more is a fault, never a part. */
  readonly maxOctets: number
  /** From the look-up of the name to the last octet. */
  readonly within: Milliseconds
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface PostOptions extends GetOptions {
  readonly body: Uint8Array | string
  /**
   * The connection may be one that was kept, and is kept afterwards. Only for what the peer can tell as the same when it
   * comes twice: a kept connection that turns out dead is followed by a new one (RFC 9110 §9.2.2).
   */
  readonly keep?: boolean
}

export interface HttpAnswer {
  readonly status: number
  /** By lower-case name; a field that came several times is joined with ", ". */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Where it came from. */
  readonly address: string
}

export interface HttpFault {
  readonly kind: /** Nothing that may be asked: no URL, another scheme, credentials in it. */
    | 'url'
    /** An address on the inside. */
    | 'forbidden'
    /** The name has no address. */
    | 'no-address'
    /** The name servers gave no answer. */
    | 'dns'
    | 'connect'
    /** The peer did not prove to be that host. */
    | 'certificate'
    | 'timeout'
    | 'too-large'
    /** The peer broke the connection or HTTP. */
    | 'broken'
    /** By the caller's signal. */
    | 'aborted'
  readonly detail: string
}

type Answered = Result<HttpAnswer, HttpFault>

interface Call {
  readonly aim: Aim
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
  readonly maxOctets: number
  readonly keep: boolean
}

export class OutgoingHttp {
  readonly #options: OutgoingHttpOptions
  readonly #connections: Connections

  constructor(options: OutgoingHttpOptions) {
    this.#options = options
    this.#connections = new Connections(options.ca)
  }

  get(url: string, options: GetOptions): Promise<Answered> {
    return this.#ask(url, { method: 'GET', body: null, keep: false }, options)
  }

  /** `Content-Type` is the caller's to say. */
  post(url: string, { body, keep = false, ...options }: PostOptions): Promise<Answered> {
    const octets = typeof body === 'string' ? Buffer.from(body) : body
    return this.#ask(url, { method: 'POST', body: octets, keep }, options)
  }

  async #ask(
    url: string,
    what: Pick<Call, 'method' | 'body' | 'keep'>,
    options: GetOptions,
  ): Promise<Answered> {
    const aim = aimOf(url)
    if (!aim.ok) return failed('url', aim.error)
    const stop = new AbortController()
    const deadline = new Promise<HttpFault>((resolve) => {
      stop.signal.addEventListener('abort', () => resolve(stop.signal.reason as HttpFault), { once: true })
    })
    const cancel = this.#options.clock.after(options.within, () =>
      stop.abort({ kind: 'timeout', detail: `no answer within ${options.within} ms` } satisfies HttpFault),
    )
    const byCaller = (): void =>
      stop.abort({ kind: 'aborted', detail: 'it was called off' } satisfies HttpFault)
    options.signal?.addEventListener('abort', byCaller, { once: true })
    if (options.signal?.aborted) byCaller()
    try {
      const { headers = {}, maxOctets } = options
      const call: Call = { ...what, aim: aim.value, headers, maxOctets }
      return await Promise.race([this.#resolveAndCall(call, stop.signal), deadline.then(fault)])
    } finally {
      cancel()
      options.signal?.removeEventListener('abort', byCaller)
    }
  }

  async #resolveAndCall(call: Call, stop: AbortSignal): Promise<Answered> {
    const addresses = await this.#addressesOf(call.aim)
    if (!addresses.ok) return addresses
    let answered: Answered = failed('no-address', `${call.aim.host} has no address`)
    for (const address of addresses.value) {
      if (stop.aborted) break
      answered = await this.#exchange(call, address, stop)
      // Only where nobody heard us may another address be asked: a POST must not be done twice.
      if (answered.ok || answered.error.kind !== 'connect') break
    }
    return answered
  }

  async #exchange(call: Call, address: string, stop: AbortSignal): Promise<Answered> {
    const way = (keep: boolean): Way => ({ ...this.#connections.to(call.aim, address, keep), keep })
    const first = await exchange(call, way(call.keep), stop)
    if (first !== 'was-dead') return first
    const second = await exchange(call, way(false), stop)
    return second === 'was-dead' ? failed('broken', 'the connection ended') : second
  }

  async #addressesOf(aim: Aim): Promise<Result<readonly string[], HttpFault>> {
    let addresses = knownAddresses(aim.host)
    if (addresses === null) {
      const found = await this.#options.resolver.addresses(aim.host)
      if (!found.ok) {
        const no = found.error === 'nxdomain' || found.error === 'nodata'
        return failed(no ? 'no-address' : 'dns', `${aim.host}: ${found.error}`)
      }
      addresses = found.value.records
    }
    const allowed = allowedAddresses(aim, addresses, this.#options)
    return allowed.ok ? allowed : failed('forbidden', allowed.error)
  }
}

const failed = (kind: HttpFault['kind'], detail: string): { readonly ok: false; readonly error: HttpFault } =>
  fault({ kind, detail })

type Way = ReturnType<Connections['to']> & { readonly keep: boolean }

/** One request on one connection; `was-dead`: the connection was a kept one, and had ended before anything came of it. */
function exchange(call: Call, { keep, ...way }: Way, stop: AbortSignal): Promise<Answered | 'was-dead'> {
  const { aim, method, headers, body, maxOctets } = call
  return new Promise((resolve) => {
    let heard = false
    const request = (aim.secure ? requestHttps : requestHttp)({
      ...way,
      path: aim.path,
      method,
      headers: {
        ...headers,
        host: aim.authority,
        connection: keep ? 'keep-alive' : 'close',
        // What is not packed cannot burst: maxOctets counts what we read.
        'accept-encoding': 'identity',
        ...(body === null ? {} : { 'content-length': String(body.byteLength) }),
      },
      signal: stop,
    })
    request.on('error', (error) => {
      const fate = faultOf(error)
      const wasDead = request.reusedSocket && !heard && fate.kind === 'broken' && !stop.aborted
      resolve(wasDead ? 'was-dead' : fault(fate))
    })
    request.on('response', (response) => {
      heard = true
      void readBody(response, maxOctets).then((read) => {
        if (!read.ok) request.destroy()
        resolve(
          read.ok
            ? ok({
                status: response.statusCode ?? 0,
                headers: flat(response),
                body: read.value,
                address: way.host,
              })
            : read,
        )
      })
    })
    request.end(body ?? undefined)
  })
}

function readBody(response: IncomingMessage, maxOctets: number): Promise<Result<Buffer, HttpFault>> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    let octets = 0
    response.on('data', (part: Buffer) => {
      octets += part.length
      if (octets > maxOctets) resolve(failed('too-large', `the answer has more than ${maxOctets} octets`))
      else parts.push(part)
    })
    response.on('end', () => resolve(ok(Buffer.concat(parts))))
    response.on('error', (error) => resolve(fault(faultOf(error))))
    response.on('aborted', () => resolve(failed('broken', 'the connection broke within the answer')))
  })
}

function flat(response: IncomingMessage): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {}
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) fields[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return fields
}

/** Nobody was reached: the only codes after which another address may be asked. */
const UNREACHED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'ConnectionRefused',
  'FailedToOpenSocket',
])
/** As OpenSSL and the runtime name what is wrong with a certificate. */
const CERTIFICATE = /CERT|SIGNATURE|SIGNED|ISSUER|ALTNAME|CRL|CA_|_CHAIN|HOSTNAME/

function faultOf(error: Error & { readonly code?: string }): HttpFault {
  const code = error.code ?? ''
  const kind = UNREACHED.has(code) ? 'connect' : CERTIFICATE.test(code) ? 'certificate' : 'broken'
  return { kind, detail: code === '' ? error.message : `${code}: ${error.message}` }
}
