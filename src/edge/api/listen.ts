//
// Owns: the sockets on which the API answers, plain and TLS, and changing the certificate without losing a request.

import type { Certificate } from '../../core/certificate.ts'
import type { Milliseconds } from '../../core/time.ts'
import { MAX_BATCH_BODY } from './body-limit.ts'

export interface HttpListener {
  readonly host: string
  readonly port: number
  readonly tls: boolean
}

export interface HttpOptions {
  readonly listeners: readonly HttpListener[]
  readonly certificate: Certificate
  readonly fetch: (request: Request, peer: string) => Response | Promise<Response>
  /** Octets that the API allows. */
  readonly maxBody: number
}

/** Idle connections and dripping requests are closed after this (T17). Bun counts in seconds, at most 255. */
const IDLE_SECONDS = 30
/**
 * How far beyond its limit the API may answer in its own words: body.ts refuses an announced length unread and stops
 * reading at the limit. Beyond this the listener says 413 without a word.
 */
const ANNOUNCED_TIMES = 8

type Server = ReturnType<typeof Bun.serve>

export class HttpServers {
  readonly #options: HttpOptions
  #certificate: Certificate
  #servers: { readonly listener: HttpListener; readonly server: Server }[] = []

  constructor(options: HttpOptions) {
    this.#options = options
    this.#certificate = options.certificate
  }

  /** Binds everything; what was bound before a failure is released. */
  start(): readonly HttpListener[] {
    try {
      this.#servers = this.#options.listeners.map((listener) => ({ listener, server: this.#bind(listener) }))
    } catch (error) {
      for (const { server } of this.#servers) void server.stop(true)
      throw error
    }
    return this.#servers.map(({ listener, server }) => ({ ...listener, port: server.port ?? listener.port }))
  }

  /** Bun ignores `reload({tls})`: the old listener stops taking connections and a new one takes its port. */
  async reloadCertificate(certificate: Certificate): Promise<void> {
    this.#certificate = certificate
    for (const [place, each] of this.#servers.entries()) {
      if (!each.listener.tls) continue
      const bound = { ...each.listener, port: each.server.port ?? each.listener.port }
      // Closes the listening socket at once; requests under way on the old one go on to their end.
      void each.server.stop(false)
      this.#servers[place] = { listener: bound, server: this.#bind(bound) }
    }
  }

  /** Requests under way may finish within `patience`. */
  async stop(patience: Milliseconds, wait: (ms: Milliseconds) => Promise<void>): Promise<void> {
    const finished = Promise.all(this.#servers.map(({ server }) => server.stop(false)))
    await Promise.race([finished, wait(patience)])
    await Promise.all(this.#servers.map(({ server }) => server.stop(true)))
  }

  #bind(listener: HttpListener): Server {
    const { fetch, maxBody } = this.#options
    return Bun.serve({
      hostname: listener.host,
      port: listener.port,
      idleTimeout: IDLE_SECONDS,
      maxRequestBodySize: Math.max(maxBody, MAX_BATCH_BODY) * ANNOUNCED_TIMES,
      // Otherwise a fault shows strangers a page with our sources.
      development: false,
      fetch: (request, server) => fetch(request, server.requestIP(request)?.address ?? ''),
      ...(listener.tls ? { tls: { cert: this.#certificate.cert, key: this.#certificate.key } } : {}),
    })
  }
}
