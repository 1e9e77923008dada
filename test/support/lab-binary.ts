//
// Owns: the compiled executable as a child process between a fake DNS and a scripted MX. The clock is the machine's, so
// nothing is asked of it here that needs a wait.

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { connectAdmin } from '../../cli/client.ts'
import type { Admin } from '../../src/admin/admin.ts'
import { startDns } from './dns.ts'
import { type AnswerBody, type ApiAnswer, readAnswer } from './lab-answers.ts'
import { freshFolder, LAB_KEY, placesIn, type Settings, writeConfig } from './lab-folder.ts'
import { type Mx, startMx } from './mx.ts'
import { until } from './until.ts'

export const EXECUTABLE = process.env['MAILWOK_BINARY'] ?? join(import.meta.dir, '../../dist/mailwok')
export const hasExecutable = existsSync(EXECUTABLE)

export interface BinaryLab extends AsyncDisposable {
  readonly mx: Mx
  readonly folder: string
  /** What it wrote to both outputs since the first start. */
  readonly written: string
  start(settings?: Settings): Promise<void>
  /** The exit code, or the signal's name. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string>
  post(path: string, body: unknown): Promise<ApiAnswer>
  delivered(id: string): Promise<AnswerBody>
  submit(text: string): Promise<string>
  admin(): Promise<Admin>
  port(listener: string): number
}

type Child = Bun.Subprocess<'ignore', 'pipe', 'pipe'>

export async function startBinary(settings: Settings = {}): Promise<BinaryLab> {
  const [folder, dns, mx] = await Promise.all([
    freshFolder(),
    startDns({ 'example.net': { MX: [[10, 'mx.example.net']] }, 'mx.example.net': { A: ['127.0.0.1'] } }),
    startMx(),
  ])
  const lab = new Binary(folder, mx, {
    ...placesIn(folder),
    'dns.servers': dns.address,
    'delivery.mx_port': String(mx.port),
    'log.level': 'debug',
  })
  lab.onEnd = () => dns.close()
  await lab.start(settings)
  return lab
}

class Binary implements BinaryLab {
  readonly folder: string
  readonly mx: Mx
  written = ''
  onEnd: () => Promise<void> = async () => undefined
  readonly #settings: Settings
  #child: Child | null = null
  #listeners: Readonly<Record<string, readonly string[]>> = {}

  constructor(folder: string, mx: Mx, settings: Settings) {
    this.folder = folder
    this.mx = mx
    this.#settings = settings
  }

  async start(settings: Settings = {}): Promise<void> {
    const sets = Object.entries({ ...this.#settings, ...settings }).flatMap(([key, value]) => [
      '--set',
      `${key}=${value}`,
    ])
    const child = Bun.spawn([EXECUTABLE, 'serve', '--config', writeConfig(this.folder), ...sets], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'] ?? '' },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    })
    this.#child = child
    let out = ''
    void follow(child.stderr, (text) => {
      this.written += text
    })
    void follow(child.stdout, (text) => {
      this.written += text
      out += text
    })
    await until('it is ready', () => {
      if (child.exitCode !== null) throw new Error(`it ended at once: ${this.written}`)
      return out.includes('\n')
    })
    this.#listeners = (
      JSON.parse(out) as { listeners: Readonly<Record<string, readonly string[]>> }
    ).listeners
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string> {
    const child = this.#child
    if (!child) return 0
    this.#child = null
    child.kill(signal)
    const code = await child.exited
    return child.signalCode ?? code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
    await Promise.all([this.onEnd(), this.mx.close()])
    rmSync(this.folder, { recursive: true, force: true })
  }

  async post(path: string, body: unknown): Promise<ApiAnswer> {
    return readAnswer(
      await fetch(this.#url(path), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${LAB_KEY}` },
        body: JSON.stringify(body),
      }),
    )
  }

  async delivered(id: string): Promise<AnswerBody> {
    let body: AnswerBody | null = null
    await until(`${id} is delivered`, async () => {
      const headers = { authorization: `Bearer ${LAB_KEY}` }
      body = (await readAnswer(await fetch(this.#url(`/v1/email/${id}`), { headers }))).body
      return body.status === 'delivered'
    })
    if (!body) throw new Error('no answer')
    return body
  }

  async submit(text: string): Promise<string> {
    const transport = createTransport({
      host: '127.0.0.1',
      port: this.port('submission.starttls'),
      requireTLS: true,
      auth: { user: LAB_KEY, pass: LAB_KEY },
      tls: { rejectUnauthorized: false },
    })
    const letter = { from: 'shop@example.com', to: 'rcpt@example.net', subject: 's', text }
    return (await transport.sendMail(letter).finally(() => transport.close())).response
  }

  async admin(): Promise<Admin> {
    const admin = await connectAdmin(join(this.folder, 'admin.sock'))
    if (!admin) throw new Error('nobody answers at the admin socket')
    return admin
  }

  #url(path: string): string {
    return `http://127.0.0.1:${this.port('api.http')}${path}`
  }

  port(key: string): number {
    const [place = ''] = this.#listeners[key] ?? []
    return Number(place.slice(place.lastIndexOf(':') + 1))
  }
}

async function follow(stream: ReadableStream<Uint8Array>, heard: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  for await (const chunk of stream) heard(decoder.decode(chunk, { stream: true }))
}
