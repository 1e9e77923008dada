//
// Owns: clients that send by SMTP and by REST as fast as they are answered, and write down every acknowledgement.
// Each message has a name of its own, in its recipients and in its body.

import { connect, type Socket } from 'node:net'
import type { Chance } from './chance.ts'
import type { Ledger } from './ledger.ts'
import { API_KEY, type MailNode, SENDER } from './node.ts'

export interface LoadOptions {
  readonly ledger: Ledger
  readonly chance: Chance
  readonly smtpClients: number
  readonly restClients: number
  /** A client waits this long after each answer. */
  readonly pause?: number
}

/** More than this acknowledged and not delivered: clients wait, so that the last round can be drained soon. */
const MOST_OUTSTANDING = 1500
const DESTINATIONS = ['one.example.net', 'two.example.net', 'three.example.net']
const ANSWER_WITHIN = 15_000

const MARKETING = ['List-Unsubscribe: <https://example.com/u>', 'X-MailWok-Stream: marketing']

export interface Draft {
  readonly name: string
  readonly recipients: readonly string[]
  readonly text: string
  /** Over SMTP alone: the API does not take marketing mail yet. */
  readonly isMarketing?: boolean
}

export class Load {
  readonly #options: LoadOptions
  readonly #unanswered: Draft[] = []
  #running: Promise<void>[] = []
  #stopped = true

  constructor(options: LoadOptions) {
    this.#options = options
  }

  start(node: MailNode): void {
    this.#stopped = false
    const { smtpClients, restClients } = this.#options
    this.#running = [
      ...Array.from({ length: smtpClients }, () => this.#bySmtp(node)),
      ...Array.from({ length: restClients }, () => this.#byRest(node)),
    ]
  }

  /** Resolves when every client has its last answer, or has lost its node. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
  }

  #draft(): Draft {
    const { ledger, chance } = this.#options
    const name = ledger.newName()
    const domain = DESTINATIONS[Math.floor(chance.next() * DESTINATIONS.length)] ?? ''
    const others = chance.next() < 0.1 ? [`${name}+2@${domain}`, `${name}+3@${domain}`] : []
    const lines = Math.floor(chance.between(5, 60))
    const text = `mark:${name}\r\n${'What was promised is kept, line by line, until it has arrived.\r\n'.repeat(lines)}`
    const isMarketing = chance.next() < 0.3
    return { name, recipients: [`${name}@${domain}`, ...others], text, isMarketing }
  }

  async #turn(): Promise<boolean> {
    const { ledger, pause = 0 } = this.#options
    if (pause > 0) await Bun.sleep(pause)
    while (!this.#stopped && ledger.outstanding > MOST_OUTSTANDING) await Bun.sleep(5)
    return !this.#stopped
  }

  async #bySmtp(node: MailNode): Promise<void> {
    const line = new Line(node.smtpPort)
    try {
      if ((await line.reply()) !== '220') return
      await line.say('EHLO client.test\r\n')
      while (await this.#turn()) {
        const draft = this.#draft()
        const code = await line.send(draft)
        if (code === null || code === '421') {
          this.#options.ledger.refuse(code === null ? 'smtp closed' : 'smtp 421')
          return
        }
        if (code === '250') this.#options.ledger.acknowledge(draft.recipients, 'smtp')
        else this.#options.ledger.refuse(`smtp ${code}`)
      }
    } finally {
      line.close()
    }
  }

  /** Without an answer the same message is sent again, with the same Idempotency-Key: it must not become two. */
  async #byRest(node: MailNode): Promise<void> {
    const { ledger } = this.#options
    while (await this.#turn()) {
      const draft = this.#unanswered.pop() ?? this.#draft()
      const answered = await post(node, draft)
      if (answered === null) {
        this.#unanswered.push(draft)
        ledger.refuse('rest closed')
        return
      }
      if (answered.status === 200) ledger.acknowledge(draft.recipients, 'rest')
      else ledger.refuse(`rest ${answered.status}`)
    }
  }
}

export interface Answered {
  readonly status: number
  readonly messageId: string | null
}

/** Null when the connection ended without an answer. */
export async function post(node: MailNode, draft: Draft): Promise<Answered | null> {
  try {
    const answer = await fetch(`${node.api}/v1/email/send`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${API_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': draft.name,
      },
      body: JSON.stringify({
        from: SENDER,
        to: draft.recipients,
        subject: draft.name,
        text: `\r\n${draft.text}`,
      }),
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    })
    const { message_id = null } = (await answer.json()) as { message_id?: string }
    return { status: answer.status, messageId: message_id }
  } catch {
    return null
  }
}

/** One SMTP session of a client that pipelines (RFC 2920). */
export class Line {
  readonly #socket: Socket
  #received = ''
  #isClosed = false
  #wake: () => void = () => undefined

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1')
      this.#wake()
    })
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  /** The code of the answer to the whole message; null when there is none any more. */
  async send({ name, recipients, text, isMarketing }: Draft): Promise<string | null> {
    const envelope = [`MAIL FROM:<${SENDER}>`, ...recipients.map((to) => `RCPT TO:<${to}>`), 'DATA']
    this.#socket.write(`${envelope.join('\r\n')}\r\n`)
    let code: string | null = null
    for (const _ of envelope) code = await this.reply()
    if (code !== '354') return code
    const fields = [
      `From: <${SENDER}>`,
      `To: <${recipients[0]}>`,
      `Subject: ${name}`,
      `Message-ID: <${name}@client.test>`,
      ...(isMarketing ? MARKETING : []),
    ]
    this.#socket.write(`${fields.join('\r\n')}\r\n\r\n${text}.\r\n`)
    return this.reply()
  }

  async say(command: string): Promise<string | null> {
    this.#socket.write(command)
    return this.reply()
  }

  async reply(): Promise<string | null> {
    for (;;) {
      const last = /^(\d{3})(?: [^\r\n]*)?\r\n/m.exec(this.#received)
      if (last) {
        this.#received = this.#received.slice(last.index + last[0].length)
        return last[1] ?? null
      }
      if (this.#isClosed) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.#socket.destroy()
  }
}
