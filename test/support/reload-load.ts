//
// Owns: a node as a process whose certificate is replaced again and again by SIGHUP, and clients that count what fails
// meanwhile: HTTPS on new and on kept connections, SMTP with implicit TLS and by STARTTLS.

import { renameSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { selfSigned } from '../../src/net/tls/x509.ts'

export interface ReloadOptions {
  /** Empty. */
  readonly folder: string
  /** How `mailwok serve` is run. */
  readonly command: readonly string[]
  readonly seconds: number
  /** Milliseconds between two certificates. */
  readonly every: number
}

export interface ReloadCounts {
  readonly reloads: number
  /** Exchanges that went well, by client. */
  readonly done: Readonly<Record<ClientName, number>>
  /** What went wrong, in words, with how often. */
  readonly failed: Readonly<Record<string, number>>
  /** Different certificates that clients were shown. */
  readonly certificates: number
}

export type ClientName = 'https, new connections' | 'https, kept connections' | 'smtps' | 'starttls'

const CLIENTS_EACH = 4

export async function reloadUnderLoad({
  folder,
  command,
  seconds,
  every,
}: ReloadOptions): Promise<ReloadCounts> {
  const config = prepared(folder)
  const child = Bun.spawn([...command, '--config', config], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
    stdout: 'pipe',
    stderr: Bun.file(join(folder, 'log')),
  })
  try {
    const port = portsIn(await firstLine(child.stdout))
    const end = performance.now() + seconds * 1000
    const counts = new Counts()
    let reloads = 0
    const reloading = (async () => {
      while (performance.now() < end) {
        await new Promise((done) => setTimeout(done, every))
        replacePair(folder)
        child.kill('SIGHUP')
        reloads += 1
      }
    })()
    const clients = clientsOf(port, counts)
    const working = Object.entries(clients).flatMap(([name, exchange]) =>
      Array.from({ length: CLIENTS_EACH }, async () => {
        while (performance.now() < end) await counts.take(name as ClientName, exchange)
      }),
    )
    await Promise.all([reloading, ...working])
    return counts.read(reloads)
  } finally {
    child.kill('SIGTERM')
    await child.exited
  }
}

class Counts {
  readonly #done: Record<ClientName, number> = {
    'https, new connections': 0,
    'https, kept connections': 0,
    smtps: 0,
    starttls: 0,
  }
  readonly #failed: Record<string, number> = {}
  readonly #seen = new Set<string>()

  see(serial: string): void {
    this.#seen.add(serial)
  }

  async take(name: ClientName, exchange: () => Promise<void>): Promise<void> {
    try {
      await exchange()
      this.#done[name] += 1
    } catch (error) {
      const words = `${name}: ${error instanceof Error ? error.message : String(error)}`
      this.#failed[words] = (this.#failed[words] ?? 0) + 1
    }
  }

  read(reloads: number): ReloadCounts {
    return { reloads, done: this.#done, failed: this.#failed, certificates: this.#seen.size }
  }
}

type Ports = Readonly<Record<'api.https' | 'submission.tls' | 'submission.starttls', number>>

function clientsOf(port: Ports, counts: Counts): Record<ClientName, () => Promise<void>> {
  const https = `https://127.0.0.1:${port['api.https']}/livez`
  return {
    'https, kept connections': async () => {
      const answer = await fetch(https, { tls: { rejectUnauthorized: false } })
      await answer.text()
      if (answer.status !== 200) throw new Error(`answered with ${answer.status}`)
    },
    'https, new connections': () =>
      dialogue(secured(port['api.https'], counts), [
        ['GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 'HTTP/1.1 200'],
      ]),
    smtps: () =>
      dialogue(secured(port['submission.tls'], counts), [
        ['', '220 '],
        ['EHLO client.test\r\n', 'STARTTLS|250 '],
        ['QUIT\r\n', '221 '],
      ]),
    starttls: async () => {
      const plain = connectTcp(port['submission.starttls'], '127.0.0.1')
      await dialogue(
        plain,
        [
          ['', '220 '],
          ['EHLO client.test\r\n', '250 '],
          ['STARTTLS\r\n', '220 '],
        ],
        false,
      )
      await dialogue(secured(plain, counts), [
        ['EHLO client.test\r\n', '250 '],
        ['QUIT\r\n', '221 '],
      ])
    },
  }
}

function secured(to: number | Socket, counts: Counts): Socket {
  const target = typeof to === 'number' ? { host: '127.0.0.1', port: to } : { socket: to }
  const socket = connectTls({ ...target, rejectUnauthorized: false }, () =>
    counts.see(socket.getPeerCertificate().serialNumber),
  )
  return socket
}

/** Says each line once the words before it came; a connection that ends before the last of them is a failure. */
function dialogue(
  socket: Socket,
  steps: readonly (readonly [say: string, want: string])[],
  close = true,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let at = 0
    let heard = ''
    const ended = (): void => reject(new Error(`ended at step ${at}`))
    const say = (): void => {
      const text = steps[at]?.[0] ?? ''
      if (text !== '') socket.write(text)
    }
    const take = (octets: Buffer): void => {
      heard += octets.toString('latin1')
      const want = steps[at]?.[1] ?? ''
      if (!want.split('|').some((words) => heard.includes(words))) return
      heard = ''
      at += 1
      if (at < steps.length) {
        say()
        return
      }
      socket.off('close', ended)
      socket.off('data', take)
      if (close) socket.destroy()
      resolve()
    }
    socket.on('data', take)
    socket.on('error', reject)
    socket.on('close', ended)
    say()
  })
}

function prepared(folder: string): string {
  replacePair(folder)
  const config = join(folder, 'mailwok.toml')
  writeFileSync(
    config,
    `[server]
hostname = "mail.example.net"
data_dir = "${folder}/data"
[api]
http = ""
https = "127.0.0.1:0"
admin_socket = ""
[submission]
starttls = "127.0.0.1:0"
tls = "127.0.0.1:0"
[inbound]
listen = ""
[delivery]
mode = "capture"
[tls]
mode = "files"
cert = "${folder}/cert.pem"
key = "${folder}/key.pem"
[log]
level = "warn"
`,
  )
  return config
}

/** As a renewal would. A node that reads between the two finds strangers, and keeps what it has. */
function replacePair(folder: string): void {
  const { cert, key } = selfSigned({ names: ['mail.example.net'], now: Date.now() })
  for (const [name, text] of [
    ['key.pem', key],
    ['cert.pem', cert],
  ] as const) {
    writeFileSync(join(folder, `${name}.new`), text, { mode: 0o600 })
    renameSync(join(folder, `${name}.new`), join(folder, name))
  }
}

async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('\n')) {
    const { done, value } = await reader.read()
    if (done) break
    text += value
  }
  return text.split('\n')[0] ?? ''
}

function portsIn(line: string): Ports {
  const { listeners }: { listeners: Record<string, string[]> } = JSON.parse(line)
  const portOf = (name: string): number => Number((listeners[name]?.[0] ?? '').split(':').at(-1))
  return {
    'api.https': portOf('api.https'),
    'submission.tls': portOf('submission.tls'),
    'submission.starttls': portOf('submission.starttls'),
  }
}
