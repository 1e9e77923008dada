//
// Owns: one listening port: who is let in, TLS for it, and the library's listener that makes our sessions.

import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import { neighbourhood } from '../../config/networks.ts'
import type { Certificate } from '../../core/certificate.ts'
import type { Milliseconds } from '../../core/time.ts'
import { MINUTE } from '../../core/time.ts'
import type { NoPlace, Place } from './admission.ts'
import type { ListenerConnection } from './connection.ts'
import { type AnyHouse, Arrival } from './house.ts'
import type { ListenerPlace } from './options.ts'
import { NOT_YOUR_DOOR, type Reply, TOO_MANY_CONNECTIONS } from './replies.ts'

/** A session on any listener, as its listener sees it. */
type Session = ListenerConnection<AnyHouse>
type Socket = Parameters<SMTPServer['_handleProxy']>[0]
type Admit = Parameters<SMTPServer['_handleProxy']>[1]

/** The handshake is the library's; a client that does not finish it holds a place no longer than this. */
const HANDSHAKE_DEADLINE: Milliseconds = MINUTE

export abstract class SmtpListener<S extends Session> extends SMTPServer {
  readonly #house: AnyHouse
  readonly #place: ListenerPlace
  readonly #strangersWelcome: boolean
  readonly #sessions = new Set<S>()
  readonly #whenEmpty: (() => void)[] = []
  readonly #bySession = new WeakMap<SMTPServerSession, S>()

  /** `strangersWelcome`: peers outside the keyless networks may come in, to authenticate. */
  constructor(
    place: ListenerPlace,
    context: { house: AnyHouse; certificate: Certificate | null; strangersWelcome: boolean },
  ) {
    super({
      name: context.house.hostname,
      secure: place.kind === 'tls',
      hideSTARTTLS: place.kind !== 'starttls',
      hideENHANCEDSTATUSCODES: false,
      authMethods: ['PLAIN', 'LOGIN'],
      disableReverseLookup: true,
      logger: false,
      socketTimeout: HANDSHAKE_DEADLINE,
      // RFC 8997: 1.0 and 1.1 are gone from mail.
      minVersion: 'TLSv1.2',
      ...(context.certificate === null ? {} : secureOptions(context.certificate)),
    })
    this.#house = context.house
    this.#place = place
    this.#strangersWelcome = context.strangersWelcome
    this.on('error', (error: Error) => {
      this.#house.log.debug('smtp connection failed', { listener: place.kind, error: error.message })
    })
  }

  protected abstract session(socket: Session['_socket'], arrival: Arrival): S

  protected sessionOf(facts: SMTPServerSession): S | undefined {
    return this.#bySession.get(facts)
  }

  /** Resolves with the place once it listens. A kernel without IPv6 gets the IPv4 half of a dual stack. */
  async open(): Promise<ListenerPlace> {
    const { host, kind } = this.#place
    try {
      return { kind, host, port: await this.#bind(host) }
    } catch (error) {
      if (host !== '::' || !/EAFNOSUPPORT|EADDRNOTAVAIL/.test(String(error))) throw error
      return { kind, host: '0.0.0.0', port: await this.#bind('0.0.0.0') }
    }
  }

  /** No new connections; those in a TLS handshake have nothing to lose. */
  stopListening(): void {
    this.server.close()
    for (const topSocket of this._pendingSockets.values()) topSocket.destroy()
  }

  /** Resolves once the last session is gone. */
  empty(): Promise<void> {
    if (this.#sessions.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }

  sweep(now: Milliseconds): void {
    for (const session of this.#sessions) session.sweep(now)
  }

  retireAll(): void {
    for (const session of this.#sessions) session.retire()
  }

  destroyAll(): void {
    for (const session of this.#sessions) session._socket.destroy()
  }

  reload(certificate: Certificate): void {
    if (this.#place.kind !== 'plain') this.updateSecureContext(secureOptions(certificate))
  }

  /** The library's first step with a new socket; we speak no PROXY protocol, so it is where peers are let in. */
  override _handleProxy(socket: Socket, admit: Admit): void {
    const address = socket.remoteAddress ?? ''
    const keyless = this.#house.isKeyless(address)
    const place = this.#letIn(address, keyless, socket)
    if (typeof place === 'string') {
      this.#house.log.warn('connection refused', { listener: this.#place.kind, address, reason: place })
      this.#turnAway(socket, { reply: place === 'not-local' ? NOT_YOUR_DOOR : TOO_MANY_CONNECTIONS, admit })
      return
    }
    socket.once('close', place.leave)
    if (keyless) place.prove(null)
    admit(null, new Arrival({ id: this.#house.ids.request(), kind: this.#place.kind, keyless, place }))
  }

  override connect(socket: Session['_socket'], arrival?: SMTPConnectionOptions | null): void {
    if (!(arrival instanceof Arrival)) throw new Error('a connection came without having been let in')
    const session = this.session(socket, arrival)
    this.#sessions.add(session)
    this.connections.add(session)
    this.#bySession.set(session.session, session)
    session.on('error', (error) => this._onError(error))
    session.init()
  }

  /** The handshake is over, and with it the library's timer. */
  override onSecure(socket: Session['_socket'], _session: SMTPServerSession, next: () => void): void {
    socket.setTimeout(0)
    next()
  }

  /** The library's last step with a connection, whatever ended it. */
  override onClose(ended: SMTPServerSession): void {
    const session = this.#bySession.get(ended)
    if (session) this.#sessions.delete(session)
    if (this.#sessions.size > 0) return
    for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  #bind(host: string): Promise<number> {
    const { port } = this.#place
    return new Promise((resolve, reject) => {
      this.server.once('error', reject)
      this.listen({ host, port, ipv6Only: false }, () => {
        this.server.off('error', reject)
        const bound = this.server.address()
        resolve(bound !== null && typeof bound === 'object' ? bound.port : port)
      })
    })
  }

  #letIn(address: string, keyless: boolean, socket: Socket): Place | NoPlace | 'not-local' {
    if (!keyless && !this.#strangersWelcome) return 'not-local'
    return this.#house.admission.enter(keyless ? null : neighbourhood(address), () => {
      socket.destroy()
    })
  }

  #turnAway(socket: Socket, { reply, admit }: { reply: Reply; admit: Admit }): void {
    socket.on('error', () => undefined)
    // Before a TLS handshake nothing can be said.
    if (this.#place.kind === 'tls') socket.destroy()
    else socket.end(`${reply.code} ${reply.text}\r\n`, () => socket.destroy())
    admit(new Error(reply.text))
  }
}

/** By host for clients that name one of ours; the first for all others. */
function secureOptions({ cert, key, named = [] }: Certificate) {
  const own = { cert, key, minVersion: 'TLSv1.2' as const }
  const sniOptions = new Map(named.map((one) => [one.host, { ...own, cert: one.cert, key: one.key }]))
  return { cert, key, sniOptions }
}
