//
// Owns: the sockets on which the API answers, plain and TLS, and changing the certificate without losing a request.

import type { Certificate } from '../../core/certificate.ts'
import type { Milliseconds } from '../../core/time.ts'
import { MAX_BATCH_BODY } from './body-limit.ts'
import { steerTo } from './newest-first.ts'

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
  readonly wait: (ms: Milliseconds) => Promise<void>
}

/** Idle connections and dripping requests are closed after this (T17). Bun counts in seconds, at most 255. */
const IDLE_SECONDS = 30
/**
 * How far beyond its limit the API may answer in its own words: body.ts refuses an announced length unread and stops
 * reading at the limit. Beyond this the listener says 413 without a word.
 */
const ANNOUNCED_TIMES = 8

/** Connections that were dealt to the old listener before the new one stood have shaken hands and are accepted by then. */
const HANDOVER: Milliseconds = 500

type Server = ReturnType<typeof Bun.serve>

export class HttpServers {
  readonly #options: HttpOptions
  #certificate: Certificate
  #changing: Promise<void> | null = null
  #stopped = false
  /** Their successors stand already. */
  readonly #leaving: Server[] = []
  #servers: { readonly listener: HttpListener; readonly server: Server }[] = []

  constructor(options: HttpOptions) {
    this.#options = options
    this.#certificate = options.certificate
  }

  /** Binds everything; what was bound before a failure is released. */
  start(): readonly HttpListener[] {
    try {
      this.#servers = this.#options.listeners.map((listener) => ({ listener, server: this.#first(listener) }))
    } catch (error) {
      for (const { server } of this.#servers) void server.stop(true)
      throw error
    }
    return this.#servers.map(({ listener, server }) => ({ ...listener, port: server.port ?? listener.port }))
  }

  /**
   * Bun ignores `reload({tls})`: a new listener is bound beside the old one, which closes once nobody is in its queue. Who
   * comes with another certificate meanwhile is served by the next change: the last one counts.
   */
  async reloadCertificate(certificate: Certificate): Promise<void> {
    this.#certificate = certificate
    if (this.#changing !== null) return this.#changing
    this.#changing = this.#change().finally(() => {
      this.#changing = null
    })
    return this.#changing
  }

  async #change(): Promise<void> {
    let served: Certificate | null = null
    while (served !== this.#certificate && !this.#stopped) {
      served = this.#certificate
      for (const [place, each] of this.#servers.entries()) {
        if (!each.listener.tls) continue
        const bound = { ...each.listener, port: each.server.port ?? each.listener.port }
        this.#servers[place] = { listener: bound, server: this.#bind(bound) }
        this.#leaving.push(each.server)
        // The old one was bound first; it is alone again before the next change.
        steerTo(1, bound.port)
      }
      await this.#options.wait(HANDOVER)
      // Closes the listening socket; requests under way on the old one go on to their end.
      for (const server of this.#leaving.splice(0)) void server.stop(false)
    }
  }

  /** Requests under way may finish within `patience`. */
  async stop(patience: Milliseconds, wait: (ms: Milliseconds) => Promise<void>): Promise<void> {
    this.#stopped = true
    const all = [...this.#servers.map(({ server }) => server), ...this.#leaving.splice(0)]
    const finished = Promise.all(all.map((server) => server.stop(false)))
    await Promise.race([finished, wait(patience)])
    await Promise.all(all.map((server) => server.stop(true)))
  }

  /** A port that another program shares in the same way would be shared with it, and nobody would hear of it. */
  #first(listener: HttpListener): Server {
    if (!listener.tls || listener.port === 0) return this.#bind(listener)
    void this.#bind(listener, false).stop(true)
    return this.#bind(listener)
  }

  #bind(listener: HttpListener, shared = listener.tls): Server {
    const { fetch, maxBody } = this.#options
    return Bun.serve({
      hostname: listener.host,
      port: listener.port,
      reusePort: shared,
      idleTimeout: IDLE_SECONDS,
      maxRequestBodySize: Math.max(maxBody, MAX_BATCH_BODY) * ANNOUNCED_TIMES,
      // Otherwise a fault shows strangers a page with our sources.
      development: false,
      fetch: (request, server) => fetch(request, server.requestIP(request)?.address ?? ''),
      ...(listener.tls ? { tls: contexts(this.#certificate) } : {}),
    })
  }
}

/** The first is for clients that name no host, or one that is not ours. */
const contexts = ({
  cert,
  key,
  named = [],
}: Certificate): { cert: string; key: string; serverName?: string }[] => [
  { cert, key },
  ...named.map((one) => ({ cert: one.cert, key: one.key, serverName: one.host })),
]
