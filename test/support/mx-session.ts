//
// Owns: one session of the scripted MX (mx.ts): reads commands and content, asks the script, answers.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Behaviour, Moment, MxMessage, MxScript } from './mx.ts'
import { AuthExchange } from './mx-auth.ts'
import { neverEnd, offeredBy, parametersOf, say, unstuff } from './mx-speech.ts'

export interface MxBooks {
  readonly messages: MxMessage[]
  readonly commands: string[]
  secure(plain: Socket): TLSSocket
}

const END = Buffer.from('\r\n.\r\n')
const VERBS = ['EHLO', 'HELO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'RSET', 'NOOP', 'QUIT'] as const

export class MxSession {
  readonly #number: number
  readonly #script: MxScript
  readonly #books: MxBooks
  #socket: Socket
  #tls: MxMessage['tls'] = null
  #pending: Buffer = Buffer.alloc(0)
  #inContent = false
  #stopped = false
  #reading = false
  #accepted = 0
  #reversePath: string | null = null
  #parameters: Record<string, string> = {}
  #forwardPaths: string[] = []
  #rcptParameters: Record<string, string> = {}
  #auth: AuthExchange | null = null
  #known = false

  constructor(socket: Socket, number: number, script: MxScript, books: MxBooks) {
    this.#socket = socket
    this.#number = number
    this.#script = script
    this.#books = books
  }

  start(): void {
    if (!this.#script.implicitTls) this.#listen(this.#socket)
    if (this.#script.implicitTls) this.#upgrade(() => this.#greet())
    else this.#greet()
  }

  #greet(): void {
    void this.#answer('CONNECT', '', () => `220 ${this.#hostname} ESMTP test`)
  }

  get #hostname(): string {
    return this.#script.hostname ?? 'mx.test'
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
      void this.#read()
    })
    socket.on('error', () => {
      this.#stopped = true
    })
    socket.on('end', () => socket.end())
  }

  async #read(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    while (!this.#stopped) {
      if (this.#inContent ? !(await this.#takeContent()) : !(await this.#takeCommand())) break
    }
    this.#reading = false
  }

  async #takeCommand(): Promise<boolean> {
    const end = this.#pending.indexOf('\r\n')
    if (end === -1) return false
    const line = this.#pending.toString('utf8', 0, end)
    this.#pending = this.#pending.subarray(end + 2)
    if (this.#script.record !== false) this.#books.commands.push(`${this.#number}: ${line}`)
    const exchange = this.#auth
    if (exchange !== null) {
      this.#auth = null
      await this.#answer('AUTH', line, () => this.#heard(exchange, exchange.goOn(line)))
      return true
    }
    const word = (/^[a-z]+/i.exec(line)?.[0] ?? '').toUpperCase()
    const moment = VERBS.find((verb) => verb === word) ?? 'OTHER'
    await this.#answer(moment, line, () => this.#obey(moment, line))
    return true
  }

  async #takeContent(): Promise<boolean> {
    // The line before the dot may be the DATA line itself: an empty message.
    const empty = this.#pending.length >= 3 && this.#pending.toString('latin1', 0, 3) === '.\r\n'
    const end = empty ? 0 : this.#pending.indexOf(END)
    if (end === -1) return false
    const stuffed = empty ? Buffer.alloc(0) : this.#pending.subarray(0, end + 2)
    this.#pending = this.#pending.subarray(empty ? 3 : end + END.length)
    this.#inContent = false
    if (this.#script.record !== false) this.#books.commands.push(`${this.#number}: BODY`)
    await this.#answer('BODY', '', () => this.#takeMessage(stuffed))
    return true
  }

  #takeMessage(stuffed: Buffer): string {
    if (this.#forwardPaths.length === 0) {
      this.#reset()
      return '554 5.5.1 no valid recipients'
    }
    this.#store(stuffed)
    return `250 2.0.0 Ok: queued as ${this.#number}-${this.#accepted}`
  }

  #store(stuffed: Buffer): void {
    this.#accepted += 1
    const record = this.#script.record !== false
    this.#books.messages.push({
      connection: this.#number,
      reversePath: this.#reversePath ?? '',
      forwardPaths: this.#forwardPaths,
      parameters: this.#parameters,
      rcptParameters: this.#rcptParameters,
      bytes: record ? unstuff(stuffed) : Buffer.alloc(0),
      tls: this.#tls,
    })
    this.#reset()
  }

  #reset(): void {
    this.#reversePath = null
    this.#forwardPaths = []
    this.#parameters = {}
  }

  #obey(moment: Moment, line: string): string {
    switch (moment) {
      case 'EHLO':
        return this.#script.ehlo === false
          ? '502 5.5.1 unknown command'
          : offeredBy(this.#script, this.#tls !== null)
      case 'HELO':
        return `250 ${this.#hostname}`
      case 'STARTTLS':
        return this.#script.starttls && !this.#tls ? '220 2.0.0 go ahead' : '502 5.5.1 not here'
      case 'AUTH':
        return this.#authenticate(line)
      case 'MAIL':
        return this.#mail(line)
      case 'RCPT':
        return this.#rcpt(line)
      case 'DATA':
        if (this.#forwardPaths.length === 0) return '503 5.5.1 need RCPT'
        this.#inContent = true
        return '354 go ahead'
      case 'RSET':
        this.#reset()
        return '250 2.0.0 Ok'
      case 'NOOP':
        return '250 2.0.0 Ok'
      case 'QUIT':
        return '221 2.0.0 bye'
      default:
        return '500 5.5.2 what?'
    }
  }

  #authenticate(line: string): string {
    if (!this.#script.auth) return '502 5.5.1 not here'
    const exchange = new AuthExchange(this.#script.auth)
    return this.#heard(exchange, exchange.begin(line))
  }

  #heard(exchange: AuthExchange, reply: string): string {
    if (reply.startsWith('334')) this.#auth = exchange
    this.#known ||= reply.startsWith('235')
    return reply
  }

  #mail(line: string): string {
    const match = /^MAIL FROM:<([^>]*)>(.*)$/i.exec(line)
    if (!match) return '501 5.5.4 syntax'
    if (this.#reversePath !== null) return '503 5.5.1 nested MAIL'
    if (this.#script.auth && !this.#known) return '530 5.7.0 who are you?'
    if (this.#accepted >= (this.#script.messagesPerConnection ?? Number.POSITIVE_INFINITY)) {
      return '421 4.7.0 enough for this connection'
    }
    this.#reversePath = match[1] ?? ''
    this.#parameters = parametersOf(match[2] ?? '')
    return '250 2.1.0 Ok'
  }

  #rcpt(line: string): string {
    const match = /^RCPT TO:<(.+)>( .*)?$/i.exec(line)
    if (!match) return '501 5.5.4 syntax'
    if (this.#reversePath === null) return '503 5.5.1 need MAIL'
    this.#forwardPaths.push(match[1] ?? '')
    this.#rcptParameters = parametersOf(match[2] ?? '')
    return '250 2.1.5 Ok'
  }

  /** Asks the script first; only without its word the session does what a correct one does. */
  async #answer(moment: Moment, line: string, properly: () => string): Promise<void> {
    const behaviour = this.#scripted(moment, line)
    if (behaviour === undefined) {
      const reply = properly()
      await say(this.#socket, reply)
      return this.#after(moment, reply)
    }
    return this.#behave(moment, typeof behaviour === 'string' ? { reply: behaviour } : behaviour, properly)
  }

  #scripted(moment: Moment, line: string): Behaviour | undefined {
    const { at } = this.#script
    if (typeof at !== 'function') return at?.[moment]
    return at(moment, {
      connection: this.#number,
      accepted: this.#accepted,
      line,
      secure: this.#tls !== null,
      client: this.#socket.remoteAddress ?? '',
    })
  }

  async #behave(
    moment: Moment,
    behaviour: Exclude<Behaviour, string>,
    properly: () => string,
  ): Promise<void> {
    const { reply, hang, drop, stall, store, raw, pieces, endless, slow = 0 } = behaviour
    if (slow > 0) await Bun.sleep(slow)
    // What the reply says decides the session's state: a 2xx or 354 that the script spells itself still counts.
    const positive = reply === undefined ? !hang && !drop && !endless : /^[23]/.test(reply)
    const proper = store || positive ? properly() : undefined
    if (moment === 'BODY' && !store && !positive) this.#reset()
    this.#stopped ||= hang === true
    if (hang) return
    if (raw !== undefined) this.#socket.write(raw)
    else if (endless) return this.#neverEnd()
    else if (reply !== undefined || !drop) await say(this.#socket, reply ?? proper ?? '', pieces)
    if (drop) return this.#drop()
    if (stall) {
      // Its system still takes what its buffers hold.
      this.#stopped = true
      this.#socket.pause()
      return
    }
    return this.#after(moment, reply ?? proper ?? '')
  }

  #drop(): void {
    this.#stopped = true
    this.#socket.destroy()
  }

  #neverEnd(): void {
    this.#stopped = true
    neverEnd(this.#socket)
  }

  #after(moment: Moment, reply: string): void {
    if (moment === 'QUIT' || reply.startsWith('421')) {
      this.#stopped = true
      this.#socket.end()
    } else if (moment === 'STARTTLS' && reply.startsWith('220')) {
      this.#upgrade()
    }
  }

  #upgrade(then?: () => void): void {
    const behaviour = this.#scripted('TLS', '')
    this.#pending = Buffer.alloc(0)
    this.#socket.removeAllListeners('data')
    if (behaviour !== undefined) {
      if (typeof behaviour === 'object' && behaviour.hang) return
      if (typeof behaviour === 'object' && behaviour.raw) this.#socket.write(behaviour.raw)
      this.#socket.once('data', () => this.#drop())
      return
    }
    const secured = this.#books.secure(this.#socket)
    secured.on('error', () => this.#drop())
    secured.on('secure', () => {
      const name = Reflect.get(secured, 'servername')
      this.#tls = {
        version: secured.getProtocol() ?? '',
        cipher: secured.getCipher()?.name ?? '',
        serverName: typeof name === 'string' && name !== '' ? name : null,
      }
      then?.()
    })
    this.#socket = secured
    this.#reset()
    this.#listen(secured)
  }
}
