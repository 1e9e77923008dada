//
// Owns: a client that says exactly the octets it is told to, right or wrong, over a real socket.

import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

const PATIENCE_MS = 15_000

export interface SmtpClient {
  /** The next line without its CRLF; null when the peer has closed. */
  line(): Promise<string | null>
  /** All lines of the next reply. */
  reply(): Promise<readonly string[]>
  /** Octets as they are, nothing added. */
  send(octets: string | Buffer): void
  /** One command with its CRLF; resolves with the last line of its reply. */
  ask(command: string): Promise<string>
  /** After 220 to STARTTLS. */
  startTls(options?: ConnectionOptions): Promise<void>
  /** `EHLO`, and AUTH PLAIN with the key. */
  authenticate(key: string, user?: string): Promise<string>
  close(): void
}

export async function smtpClient(
  port: number,
  how: { tls?: boolean; host?: string; options?: ConnectionOptions } = {},
): Promise<SmtpClient> {
  const host = how.host ?? '127.0.0.1'
  let socket: Socket = how.tls
    ? connectTls({ port, host, rejectUnauthorized: false, ...how.options })
    : connect({ port, host })
  let received = ''
  let closed = false
  let wake: () => void = () => undefined
  const listen = (to: Socket): void => {
    to.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      wake()
    })
    const end = (): void => {
      closed = true
      wake()
    }
    to.on('close', end)
    to.on('end', end)
    to.on('error', end)
  }
  listen(socket)
  await once(socket, how.tls ? 'secureConnect' : 'connect')

  const line = async (): Promise<string | null> => {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const end = received.indexOf('\r\n')
      if (end !== -1) {
        const found = received.slice(0, end)
        received = received.slice(end + 2)
        return found
      }
      if (closed) return null
      if (performance.now() > deadline) throw new Error(`no line came; so far: ${JSON.stringify(received)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, PATIENCE_MS)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
  const reply = async (): Promise<readonly string[]> => {
    const lines: string[] = []
    for (;;) {
      const next = await line()
      if (next === null) return lines
      lines.push(next)
      if (!/^\d{3}-/.test(next)) return lines
    }
  }
  const ask = async (command: string): Promise<string> => {
    socket.write(`${command}\r\n`)
    return (await reply()).at(-1) ?? ''
  }
  return {
    line,
    reply,
    ask,
    send: (octets) => void socket.write(octets),
    async startTls(options) {
      const raw = socket
      raw.removeAllListeners()
      const secure = connectTls({ socket: raw, rejectUnauthorized: false, ...options })
      listen(secure)
      socket = secure
      await once(secure, 'secureConnect')
    },
    async authenticate(key, user = key) {
      await ask('EHLO client.test')
      return ask(`AUTH PLAIN ${Buffer.from(`\0${user}\0${key}`).toString('base64')}`)
    },
    close: () => void socket.destroy(),
  }
}

function once(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`no ${event}: the connection failed`))
    socket.once(event, () => {
      socket.off('error', fail)
      socket.off('close', fail)
      resolve()
    })
    socket.once('error', fail)
    socket.once('close', fail)
  })
}
