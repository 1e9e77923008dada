//
// Owns: a receiving MX that is quick and remembers every message it said 250 to, in the order in which that happened.
// test/support/mx.ts is the one with a script for every moment; this one carries thousands of messages per second.
//
// A message counts from its final dot on: whether our 250 finds its way back is not the recorder's matter.

import { createServer, type Server, type Socket } from 'node:net'

export interface Taken {
  /** What the peer called itself. */
  readonly helo: string
  readonly recipients: readonly string[]
  /** The Message-ID field as it came. */
  readonly messageId: string
  /** What stands behind `mark:` in the body. */
  readonly mark: string
}

export interface RecorderOptions {
  readonly onTaken: (taken: Taken) => void
  /** Another answer to RCPT than 250; asked anew for each command. */
  readonly answerTo?: (recipient: string) => string | null
}

export interface Recorder {
  readonly port: number
  /** Sessions that are open now, and the most that were open at once. */
  readonly sessions: number
  readonly mostSessions: number
  /** While true nothing is answered to a final dot; what waits is answered when it becomes false. */
  hold(on: boolean): void
  close(): Promise<void>
}

const END_OF_DATA = '\r\n.\r\n'
const KEPT = '250 2.0.0 kept\r\n'

export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const place = new RecordingMx(options)
  await place.listen()
  return place
}

class RecordingMx implements Recorder {
  port = 0
  mostSessions = 0
  isHolding = false
  readonly options: RecorderOptions
  readonly #server: Server = createServer((socket) => this.#welcome(socket))
  readonly #open = new Set<RecordingSession>()

  constructor(options: RecorderOptions) {
    this.options = options
  }

  get sessions(): number {
    return this.#open.size
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', () => {
        const at = this.#server.address()
        this.port = at !== null && typeof at === 'object' ? at.port : 0
        resolve()
      })
    })
  }

  hold(on: boolean): void {
    this.isHolding = on
    if (!on) for (const session of this.#open) session.answerHeld()
  }

  async close(): Promise<void> {
    for (const session of this.#open) session.socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #welcome(socket: Socket): void {
    const session = new RecordingSession(socket, this)
    this.#open.add(session)
    this.mostSessions = Math.max(this.mostSessions, this.#open.size)
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => session.receive(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#open.delete(session))
    socket.write('220 mx.test ESMTP recorder\r\n')
  }
}

class RecordingSession {
  readonly socket: Socket
  readonly #mx: RecordingMx
  #received = ''
  #recipients: string[] = []
  #inData = false
  /** Its final dot has no answer yet; what follows is not read: replies never change their order. */
  #isHeld = false
  #helo = ''

  constructor(socket: Socket, mx: RecordingMx) {
    this.socket = socket
    this.#mx = mx
  }

  receive(chunk: Buffer): void {
    this.#received += chunk.toString('latin1')
    this.#read('')
  }

  answerHeld(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#read(KEPT)
  }

  #read(before: string): void {
    let replies = before
    while (!this.#isHeld) {
      const reply = this.#inData ? this.#body() : this.#command()
      if (reply === null) break
      replies += reply
    }
    if (replies !== '') this.socket.write(replies)
  }

  /** Null until there is a whole line. */
  #command(): string | null {
    const end = this.#received.indexOf('\r\n')
    if (end === -1) return null
    const line = this.#received.slice(0, end)
    this.#received = this.#received.slice(end + 2)
    const verb = line.slice(0, 4).toUpperCase()
    if (verb === 'EHLO') this.#helo = line.slice(5)
    if (verb === 'EHLO') return '250-mx.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n'
    if (verb === 'RCPT') return this.#recipient(line)
    if (verb === 'DATA') return this.#data()
    if (verb === 'QUIT') {
      this.socket.end('221 2.0.0 bye\r\n')
      return ''
    }
    this.#recipients = []
    return '250 2.0.0 ok\r\n'
  }

  #recipient(line: string): string {
    const recipient = line.slice(line.indexOf('<') + 1, line.indexOf('>'))
    const other = this.#mx.options.answerTo?.(recipient) ?? null
    if (other !== null) return `${other}\r\n`
    this.#recipients.push(recipient)
    return '250 2.1.5 ok\r\n'
  }

  #data(): string {
    if (this.#recipients.length === 0) return '503 5.5.1 no recipient\r\n'
    this.#inData = true
    return '354 go on\r\n'
  }

  /** Null until the final dot is there. */
  #body(): string | null {
    const end = this.#received.indexOf(END_OF_DATA)
    if (end === -1) return null
    const message = this.#received.slice(0, end)
    this.#received = this.#received.slice(end + END_OF_DATA.length)
    this.#inData = false
    const messageId = after(message, '\r\nmessage-id:')
    const mark = after(message, '\r\nmark:')
    this.#mx.options.onTaken({ helo: this.#helo, recipients: this.#recipients, messageId, mark })
    this.#recipients = []
    this.#isHeld = this.#mx.isHolding
    return this.#isHeld ? '' : KEPT
  }
}

/** The rest of the line behind `label`, which is given in lower case; empty when it does not occur. */
function after(message: string, label: string): string {
  const at = message.toLowerCase().indexOf(label)
  if (at === -1) return ''
  const start = at + label.length
  const end = message.indexOf('\r\n', start)
  return message.slice(start, end === -1 ? undefined : end).trim()
}
