//
// Owns: what clients see of a certificate: one TLS handshake, with the authorities that the world believes.

import { connect, createServer, type TLSSocket } from 'node:tls'
import type { Certificate } from '../../core/certificate.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'

export interface Shown {
  /** Null: a client that knows the name believes it. Else the words of the TLS library, such as CERT_HAS_EXPIRED. */
  readonly distrusted: string | null
  /** DER of the first certificate; null where none came. */
  readonly leaf: Uint8Array | null
}

interface Place {
  readonly host: string
  readonly port: number
}

/** `name` is what a client would ask for; `ca`: authorities that are believed besides. */
export function certificateShown(
  { host, port }: Place,
  name: string,
  { ca, within }: { readonly ca: string | null; readonly within: Milliseconds },
): Promise<Result<Shown, string>> {
  return new Promise((done) => {
    const socket = connect({
      host,
      port,
      servername: name,
      rejectUnauthorized: false,
      ...(ca === null ? {} : { ca: [ca] }),
    })
    const timer = setTimeout(() => end(fault('no answer')), within)
    function end(result: Result<Shown, string>): void {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on('error', () => undefined)
      socket.destroy()
      done(result)
    }
    socket.once('secureConnect', () => end(ok(sightOf(socket))))
    socket.once('error', (error) => end(fault('code' in error ? String(error.code) : error.message)))
    socket.once('close', () => end(fault('closed without a word')))
  })
}

/** The same of a pair that nobody serves yet. The fault says why it cannot be served. */
export async function certificateAsShown(
  pair: Certificate,
  name: string,
  options: { readonly ca: string | null; readonly within: Milliseconds },
): Promise<Result<Shown, string>> {
  const listener = (() => {
    try {
      return createServer({ cert: pair.cert, key: pair.key }, (socket) => socket.end())
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  })()
  if (typeof listener === 'string') return fault(listener)
  listener.on('tlsClientError', () => undefined)
  await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', () => ready()))
  try {
    const place = listener.address()
    if (place === null || typeof place === 'string') return fault('no port')
    return await certificateShown({ host: '127.0.0.1', port: place.port }, name, options)
  } finally {
    listener.close()
  }
}

function sightOf(socket: TLSSocket): Shown {
  const raw: unknown = Reflect.get(socket.getPeerCertificate(), 'raw')
  const said = socket.authorizationError as unknown
  const words = said instanceof Error ? ('code' in said ? String(said.code) : said.message) : said
  return {
    distrusted: socket.authorized ? null : String(words ?? 'not authorized'),
    leaf: raw instanceof Uint8Array ? raw : null,
  }
}
