//
// Owns: a real certification authority for tests (Pebble), and a front before it that adds what its packaged version lacks
// (renewal windows, RFC 9773) and plays trouble: limits, silence, answers that are held back.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as askHttps, createServer, type Server } from 'node:https'
import { createServer as createTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Subprocess } from 'bun'
import type { Certificate } from '../../src/core/certificate.ts'
import { selfSigned } from '../../src/net/tls/x509.ts'
import { runs } from './system-part.ts'
import { until } from './until.ts'

export const HAS_PEBBLE = runs('sh', '-c', 'command -v pebble')

export interface Trouble {
  /** Answers instead of the authority, for paths that contain `at`; as often as `times`. */
  readonly at: string
  times: number
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Pebble extends AsyncDisposable {
  /** Of the front. */
  readonly directory: string
  /** PEM file: whom its clients trust at that place. */
  readonly caFile: string
  /** What clients of the certificates trust. */
  root(): Promise<string>
  /** Where it asks for HTTP-01 answers. */
  readonly httpPort: number
  /** `POST /order-plz` and the like, in their order. */
  readonly seen: string[]
  readonly troubles: Trouble[]
  /** Null: it has no opinion. */
  window: { readonly start: string; readonly end: string } | null
  /** Ids of certificates about whose window was asked. */
  readonly windowsAsked: string[]
  /** Bodies of orders, as far as they can be read. */
  readonly orders: Readonly<Record<string, unknown>>[]
  /** True: connections are dropped. */
  away: boolean
}

export interface PebbleOptions {
  /** Its name server. */
  readonly dns: string
  readonly env?: Readonly<Record<string, string>>
  /** Key ids and keys of external accounts; demanded when there are any. */
  readonly bindings?: Readonly<Record<string, string>>
}

export async function startPebble({ dns, env = {}, bindings }: PebbleOptions): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-pebble-'))
  const [listen, management, httpPort] = [await freePort(), await freePort(), await freePort()]
  const own = selfSigned({ names: ['localhost', '127.0.0.1'], now: Date.now() })
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const config = {
    listenAddress: `127.0.0.1:${listen}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: file('cert.pem', own.cert),
    privateKey: file('key.pem', own.key),
    httpPort,
    tlsPort: 1,
    externalAccountBindingRequired: bindings !== undefined,
    externalAccountMACKeys: bindings ?? {},
  }
  const running = Bun.spawn(
    ['pebble', '-config', file('config.json', JSON.stringify({ pebble: config })), '-dnsserver', dns],
    {
      stdout: 'ignore',
      stderr: 'ignore',
      env: { PATH: process.env['PATH'] ?? '', PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', ...env },
    },
  )
  const front = new Front(listen, own)
  await front.listen()
  const pebble = new RunningPebble({
    folder,
    running,
    front,
    management,
    httpPort,
    caFile: join(folder, 'cert.pem'),
  })
  await until('pebble answers', async () => (await front.forward('/dir').catch(() => null)) !== null)
  return pebble
}

interface Parts {
  readonly folder: string
  readonly running: Subprocess
  readonly front: Front
  readonly management: number
  readonly httpPort: number
  readonly caFile: string
}

class RunningPebble implements Pebble {
  readonly #parts: Parts
  readonly httpPort: number
  readonly caFile: string

  constructor(parts: Parts) {
    this.#parts = parts
    this.caFile = parts.caFile
    this.httpPort = parts.httpPort
  }

  get directory(): string {
    return `https://localhost:${this.#parts.front.port}/dir`
  }
  get seen(): string[] {
    return this.#parts.front.seen
  }
  get troubles(): Trouble[] {
    return this.#parts.front.troubles
  }
  get windowsAsked(): string[] {
    return this.#parts.front.windowsAsked
  }
  get orders(): Readonly<Record<string, unknown>>[] {
    return this.#parts.front.orders
  }
  get window(): Pebble['window'] {
    return this.#parts.front.window
  }
  set window(window: Pebble['window']) {
    this.#parts.front.window = window
  }
  set away(away: boolean) {
    this.#parts.front.away = away
  }

  async root(): Promise<string> {
    const answer = await fetch(`https://127.0.0.1:${this.#parts.management}/roots/0`, {
      tls: { rejectUnauthorized: false },
    })
    return answer.text()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { folder, front, running } = this.#parts
    running.kill()
    await running.exited
    await front.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Forwarded {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Forwards under its own name, so that what is handed out and signed are its places. */
class Front {
  readonly seen: string[] = []
  readonly troubles: Trouble[] = []
  readonly windowsAsked: string[] = []
  readonly orders: Record<string, unknown>[] = []
  window: Pebble['window'] = null
  away = false
  port = 0
  readonly #behind: number
  readonly #server: Server

  constructor(behind: number, own: Certificate) {
    this.#behind = behind
    this.#server = createServer({ cert: own.cert, key: own.key }, (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', async () => {
        if (this.away) {
          request.socket.destroy()
          return
        }
        const path = request.url ?? '/'
        this.seen.push(`${request.method} ${path}`)
        const { status, headers, body } = await this.#answer(
          path,
          request.method ?? 'GET',
          Buffer.concat(parts),
        )
        response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
      })
    })
  }

  listen(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const bound = this.#server.address()
        this.port = typeof bound === 'object' && bound !== null ? bound.port : 0
        resolve()
      })
    })
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #answer(path: string, method: string, body: Buffer): Promise<Forwarded> {
    const trouble = this.troubles.find((one) => one.times > 0 && path.includes(one.at))
    if (trouble !== undefined) {
      trouble.times -= 1
      return { status: trouble.status, headers: trouble.headers ?? {}, body: Buffer.from(trouble.body ?? '') }
    }
    if (path.startsWith('/renewal/')) {
      this.windowsAsked.push(path.slice('/renewal/'.length))
      const told = { suggestedWindow: this.window, explanationURL: 'https://status.test/incident' }
      return { status: 200, headers: { 'retry-after': '21600' }, body: Buffer.from(JSON.stringify(told)) }
    }
    const forwarded = path === '/order-plz' ? this.#ordered(body) : body
    const answer = await this.forward(path, method, forwarded)
    if (path !== '/dir' || this.window === null) return answer
    const directory = {
      ...JSON.parse(answer.body.toString()),
      renewalInfo: `https://localhost:${this.port}/renewal`,
    }
    return { ...answer, body: Buffer.from(JSON.stringify(directory)) }
  }

  #ordered(body: Buffer): Buffer {
    const { payload } = JSON.parse(body.toString()) as { payload: string }
    this.orders.push(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    return body
  }

  forward(path: string, method = 'GET', body: Buffer = Buffer.alloc(0)): Promise<Forwarded> {
    return new Promise((resolve, reject) => {
      const request = askHttps(
        {
          host: '127.0.0.1',
          port: this.#behind,
          path,
          method,
          rejectUnauthorized: false,
          headers: {
            host: `localhost:${this.port}`,
            'content-length': String(body.length),
            'content-type': 'application/jose+json',
            'user-agent': 'front',
          },
        },
        (answer) => {
          const parts: Buffer[] = []
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.on('end', () => {
            const headers: Record<string, string> = {}
            for (const name of ['location', 'replay-nonce', 'retry-after', 'content-type', 'link']) {
              const value = answer.headers[name]
              if (value !== undefined) headers[name] = String(value)
            }
            resolve({ status: answer.statusCode ?? 500, headers, body: Buffer.concat(parts) })
          })
        },
      )
      request.on('error', reject)
      request.end(body)
    })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createTcp()
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0
      server.close(() => resolve(port))
    })
  })
}
