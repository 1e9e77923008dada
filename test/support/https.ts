//
// Owns: a web server on loopback, with TLS or without, whose answers a test writes as functions. Unless told,
// its certificate is its own root: a client believes it when it is given `ca`.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { selfSigned, type TestCertificate } from './certificate.ts'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export type Script = (request: SeenRequest, response: ServerResponse) => void

export interface WebServer extends AsyncDisposable {
  readonly port: number
  /** PEM of its certificate, which is its own root where nobody signed it. */
  readonly ca: string
  readonly seen: readonly SeenRequest[]
  /** Connections that were ever made to it, and those that stand. */
  readonly made: number
  readonly standing: number
  /** Ends all that stand. */
  cut(): void
  /** What it answers from now on. */
  script: Script
  close(): Promise<void>
}

export const text =
  (body: string, type = 'text/plain', status = 200): Script =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': type })
    response.end(body)
  }

/** With a certificate, or one that nobody signed for a host name; null: plain HTTP. */
export async function startWeb(proof: TestCertificate | string | null, script: Script): Promise<WebServer> {
  const web = new ScriptedWeb(typeof proof === 'string' ? selfSigned(proof) : proof, script)
  await web.listen()
  return web
}

class ScriptedWeb implements WebServer {
  readonly ca: string
  readonly seen: SeenRequest[] = []
  made = 0
  script: Script
  port = 0
  readonly #server: ReturnType<typeof createServer>
  readonly #sockets = new Set<Socket>()

  constructor(certificate: TestCertificate | null, script: Script) {
    this.script = script
    this.ca = certificate?.cert ?? ''
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#take(request, response)
    }
    this.#server = certificate
      ? createSecureServer({ key: certificate.key, cert: certificate.cert }, take)
      : createServer(take)
    this.#server.on('connection', (socket: Socket) => {
      this.made++
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  listen(): Promise<void> {
    return new Promise((done) => {
      this.#server.listen(0, '127.0.0.1', () => {
        this.port = (this.#server.address() as AddressInfo).port
        done()
      })
    })
  }

  get standing(): number {
    return this.#sockets.size
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.closeAllConnections()
    await new Promise<void>((done) => this.#server.close(() => done()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(parts).toString('latin1'),
    }
    this.seen.push(seen)
    this.script(seen, response)
  }
}
