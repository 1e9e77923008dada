//
// Owns: the whole appliance in this process between a fake DNS and a scripted MX, on ports of the system's choice, with
// a clock that stands until it is moved. What a person could do with it from outside is what a test does here.
//
//   await using lab = await startLab({ mx: { at: { RCPT: '550 5.1.1 no such user' } } })
//   const { message_id } = (await lab.send({ to: 'a@example.net' })).body
//   expect(story(await lab.ended(message_id))).toEqual(['queued', 'bounced'])

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createTransport, type SendMailOptions } from 'nodemailer'
import { connectAdmin } from '../../cli/client.ts'
import type { Admin } from '../../src/admin/admin.ts'
import { runAppliance } from '../../src/appliance.ts'
import type { Result } from '../../src/core/result.ts'
import { type Milliseconds, SECOND } from '../../src/core/time.ts'
import type { ListenerBook } from '../../src/listeners.ts'
import { type HandClock, handClock, WITH_FRACTIONS } from './clock.ts'
import { type FakeDns, startDns, type Zone } from './dns.ts'
import { type AnswerBody, type ApiAnswer, readAnswer } from './lab-answers.ts'
import { type DkimVerdict, verdictsOn } from './lab-dkim.ts'
import { freshFolder, LAB_KEY, LAB_START, readConfig, type Settings } from './lab-folder.ts'
import { type Mx, type MxScript, startMx } from './mx.ts'
import { endOf, TrueTime } from './true-time.ts'
import { until } from './until.ts'

export interface LabOptions {
  readonly mx?: MxScript
  /** Beside `example.net`, whose MX is at 127.0.0.1. */
  readonly dns?: Zone
  readonly config?: Settings
  /** TOML tables such as `[[domain]]`. */
  readonly toml?: string
  /** Runs on the folder, DNS, MX and clock of another one. */
  readonly beside?: Lab
  /** Its own one, where another lab's would be taken. */
  readonly clock?: HandClock
}

export interface Lab extends AsyncDisposable {
  readonly folder: string
  readonly clock: HandClock
  readonly dns: FakeDns
  readonly mx: Mx
  readonly admin: Admin
  port(listener: string): number
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<ApiAnswer>
  /** POST /v1/email/send; what is not given is a small letter to rcpt@example.net. */
  send(
    fields?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>
  /** The id of an accepted send. */
  sent(fields?: Readonly<Record<string, unknown>>): Promise<string>
  /** By STARTTLS; the reply to the final dot, or an error with `responseCode`. */
  submit(letter: SendMailOptions, key?: string): Promise<string>
  /** GET /v1/email/{id}. */
  message(id: string): Promise<AnswerBody>
  /** When no recipient waits any more. */
  ended(id: string): Promise<AnswerBody>
  /** When that many attempts are in the log. */
  tried(id: string, attempts: number): Promise<AnswerBody>
  /** What mailauth says of each signature, with the keys that `mailwok domain dns` prints. */
  dkim(bytes: Buffer, domain?: string): Promise<readonly DkimVerdict[]>
  /** Both clocks, in steps in which heartbeats keep up. */
  advance(by: Milliseconds): Promise<void>
  /** Moves the clock by seconds until the promise is settled. */
  meanwhile<T>(promise: Promise<T>): Promise<T>
  /** The REST API as it is, without a key. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Ends the appliance as SIGTERM does; DNS and MX stay. */
  stop(): Promise<void>
  /** After `stop`. */
  start(settings?: Settings): Promise<void>
}

export const AUTHORIZED = { authorization: `Bearer ${LAB_KEY}` }

/** Heartbeats come every 20 s; a longer step would be a process that was paused. */
const STEP: Milliseconds = 10 * SECOND

const ZONE: Zone = {
  'example.net': { MX: [[10, 'mx.example.net']] },
  'mx.example.net': { A: ['127.0.0.1'] },
}

const FINAL: ReadonlySet<string> = new Set(['delivered', 'bounced', 'suppressed', 'cancelled', 'failed'])

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { beside } = options
  const lab = new RunningLab(options, {
    folder: beside?.folder ?? (await freshFolder()),
    dns: beside?.dns ?? (await startDns({ ...ZONE, ...options.dns })),
    mx: beside?.mx ?? (await startMx(options.mx)),
    clock: options.clock ?? beside?.clock ?? handClock(LAB_START, WITH_FRACTIONS),
  })
  try {
    await lab.start()
  } catch (error) {
    await lab[Symbol.asyncDispose]()
    throw error
  }
  return lab
}

export function must<T>(result: Result<T, { readonly message: string }>): T {
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}

/** The message id in the reply to a final dot. */
export function idIn(reply: string): string {
  const id = /msg_[0-9a-z]{12}/.exec(reply)?.[0]
  if (!id) throw new Error(`no id in ${reply}`)
  return id
}

type Parts = Pick<Lab, 'folder' | 'dns' | 'mx' | 'clock'>

class RunningLab implements Lab {
  readonly folder: string
  readonly clock: HandClock
  readonly dns: FakeDns
  readonly mx: Mx
  readonly #options: LabOptions
  #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #book: ListenerBook = {}
  readonly #trueTime = new TrueTime()
  #admin: Admin | null = null

  constructor(options: LabOptions, { folder, clock, dns, mx }: Parts) {
    this.#options = options
    this.folder = folder
    this.clock = clock
    this.dns = dns
    this.mx = mx
  }

  get admin(): Admin {
    if (!this.#admin) throw new Error('the lab does not run')
    return this.#admin
  }

  async start(settings: Settings = {}): Promise<void> {
    const socket = join(this.folder, this.#options.beside ? 'admin-2.sock' : 'admin.sock')
    const config = readConfig(
      this.folder,
      {
        'dns.servers': this.dns.address,
        'delivery.mx_port': String(this.mx.port),
        'api.admin_socket': socket,
        ...this.#options.config,
        ...settings,
      },
      this.#options.toml,
    )
    this.#stop = new AbortController()
    await new Promise<void>((ready, failed) => {
      this.#running = runAppliance(config, this.#stop.signal, {
        onReady: (book) => {
          this.#book = book
          ready()
        },
        world: { clock: this.clock, dice: () => 0.5 },
      })
      this.#running.catch(failed)
    })
    this.#admin = await connectAdmin(socket)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#admin = null
    await endOf(this.#running, this.clock)
    // The same millisecond would give the same ids to the next start.
    this.clock.advance(SECOND)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await endOf(this.#running, this.clock).catch(() => undefined)
    if (this.#options.beside) return
    await Promise.all([this.dns.close(), this.mx.close()])
    rmSync(this.folder, { recursive: true, force: true })
  }

  port(listener: string): number {
    const [place = ''] = this.#book[listener] ?? []
    return Number(place.slice(place.lastIndexOf(':') + 1))
  }

  async post(
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> {
    return readAnswer(
      await this.fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...AUTHORIZED, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
  }

  send(fields: Readonly<Record<string, unknown>> = {}, headers: Readonly<Record<string, string>> = {}) {
    const letter = { from: 'Shop <shop@example.com>', to: 'rcpt@example.net', subject: 'Hello' }
    const body = 'html' in fields || 'text' in fields ? {} : { text: 'Hello there.' }
    return this.post('/v1/email/send', { ...letter, ...body, ...fields }, headers)
  }

  async sent(fields?: Readonly<Record<string, unknown>>): Promise<string> {
    const { status, body } = await this.send(fields)
    if (status !== 200) throw new Error(`${status} ${body.error.message}`)
    return body.message_id
  }

  async submit(letter: SendMailOptions, key: string = LAB_KEY): Promise<string> {
    const transport = createTransport({
      host: '127.0.0.1',
      port: this.port('submission.starttls'),
      requireTLS: true,
      auth: { user: key, pass: key },
      tls: { rejectUnauthorized: false },
    })
    try {
      return (await transport.sendMail({ from: 'shop@example.com', to: 'rcpt@example.net', ...letter }))
        .response
    } finally {
      transport.close()
    }
  }

  async message(id: string): Promise<AnswerBody> {
    const { status, body } = await readAnswer(await this.fetch(`/v1/email/${id}`, { headers: AUTHORIZED }))
    if (status !== 200) throw new Error(`${status} ${body.error.message}`)
    return body
  }

  ended(id: string): Promise<AnswerBody> {
    return this.#when(id, `${id} has ended`, (view) =>
      view.deliveries.every((delivery) => FINAL.has(delivery.status)),
    )
  }

  tried(id: string, attempts: number): Promise<AnswerBody> {
    return this.#when(id, `${id} was tried ${attempts} times`, (view) =>
      view.deliveries.every((delivery) => delivery.attempts.length >= attempts),
    )
  }

  dkim(bytes: Buffer, domain = 'example.com'): Promise<readonly DkimVerdict[]> {
    return verdictsOn(bytes, async () => must(await this.admin.domainDns({ name: domain })), this.clock.now())
  }

  async advance(by: Milliseconds): Promise<void> {
    for (let left = by; left > 0; left -= STEP) {
      this.clock.advance(Math.min(left, STEP))
      // A write that changes nothing comes back when the heartbeat before it has.
      await this.admin.queueCommand({ ...NOTHING, command: 'hold' })
      await this.#trueTime.forTransactions(this.admin)
    }
  }

  async meanwhile<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const end = (): void => {
      settled = true
    }
    promise.then(end, end)
    await until('it settles', async () => {
      if (settled) return true
      await new Promise((done) => setTimeout(done, 5))
      if (!settled) await this.advance(SECOND)
      return settled
    })
    return promise
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port('api.http')}${path}`, init)
  }

  async #when(id: string, what: string, condition: (view: AnswerBody) => boolean): Promise<AnswerBody> {
    let view = await this.message(id)
    await until(what, async () => {
      if (condition(view)) return true
      view = await this.message(id)
      return false
    })
    return view
  }
}

const NOTHING = { message: 'msg_000000000000', destination: null, account: null, key: null } as const
