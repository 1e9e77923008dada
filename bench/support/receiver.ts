//
// Owns: a receiving MX that notes when it said its 250 to whom, for figures that smtp-sink cannot give.

import type { Socket } from 'bun'

export interface Receiver {
  /** By forward-path: when its final 250 was written, as performance.now() says it. */
  readonly saidAt: ReadonlyMap<string, number>
  stop(): void
}

interface Session {
  text: string
  recipient: string
  inData: boolean
}

const EHLO = '250-mx.example.net\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250 8BITMIME\r\n'
const END = '\r\n.\r\n'

export function startReceiver(port: number): Receiver {
  const saidAt = new Map<string, number>()
  const listener = Bun.listen<Session>({
    hostname: '127.0.0.1',
    port,
    socket: {
      open(socket) {
        socket.data = { text: '', recipient: '', inData: false }
        socket.write('220 mx.example.net ESMTP\r\n')
      },
      data(socket, bytes) {
        socket.data.text += bytes.toString('latin1')
        const answer = read(socket, saidAt)
        if (answer !== '') socket.write(answer)
      },
      close() {},
      error() {},
    },
  })
  return { saidAt, stop: () => listener.stop(true) }
}

/** Takes all whole lines and messages that are there, and answers them in one piece. */
function read({ data: session }: Socket<Session>, saidAt: Map<string, number>): string {
  let answer = ''
  for (;;) {
    const mark = session.inData ? END : '\r\n'
    const end = session.text.indexOf(mark)
    if (end === -1) return answer
    const line = session.text.slice(0, end)
    session.text = session.text.slice(end + mark.length)
    if (session.inData) {
      session.inData = false
      saidAt.set(session.recipient, performance.now())
      answer += '250 2.0.0 Ok\r\n'
    } else answer += answerTo(line, session)
  }
}

function answerTo(line: string, session: Session): string {
  const recipient = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1]
  if (recipient !== undefined) session.recipient = recipient
  if (/^EHLO/i.test(line)) return EHLO
  if (!/^DATA/i.test(line)) return '250 2.1.0 Ok\r\n'
  session.inData = true
  // An empty body would end with the mark's second half alone.
  session.text = `\r\n${session.text}`
  return '354 Go on\r\n'
}
