//
// Owns: a receiving MX that can be told to put everything off, and counts what it did.

import type { Socket } from 'bun'

export interface StormReceiver {
  readonly port: number
  storm: boolean
  delivered(): number
  refused(): number
  replies(): number
  /** Sessions in the middle of a transaction. */
  busy(): number
  stop(): void
}

interface Session {
  text: string
  inData: boolean
  inTransaction: boolean
}

const EHLO = '250-mx.example.net\r\n250-PIPELINING\r\n250-SIZE 26214400\r\n250 8BITMIME\r\n'
const STORM = '421 4.7.28 unusual rate of mail from your address, slow down\r\n'
const END = '\r\n.\r\n'

export function startStormReceiver(): StormReceiver {
  const state = { storm: false, delivered: 0, refused: 0, replies: 0, busy: 0 }
  const listener = Bun.listen<Session>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open(socket) {
        socket.data = { text: '', inData: false, inTransaction: false }
        socket.write('220 mx.example.net ESMTP\r\n')
      },
      data(socket, bytes) {
        socket.data.text += bytes.toString('latin1')
        read(socket, state)
      },
      close(socket) {
        if (socket.data.inTransaction) state.busy -= 1
      },
      error() {},
    },
  })
  return {
    port: listener.port,
    get storm() {
      return state.storm
    },
    set storm(on) {
      state.storm = on
    },
    delivered: () => state.delivered,
    refused: () => state.refused,
    replies: () => state.replies,
    busy: () => state.busy,
    stop: () => listener.stop(true),
  }
}

interface State {
  storm: boolean
  delivered: number
  refused: number
  replies: number
  busy: number
}

function read(socket: Socket<Session>, state: State): void {
  const session = socket.data
  for (;;) {
    const mark = session.inData ? END : '\r\n'
    const end = session.text.indexOf(mark)
    if (end === -1) return
    const line = session.text.slice(0, end)
    session.text = session.text.slice(end + mark.length)
    state.replies += 1
    if (!session.inData && state.storm && /^MAIL/i.test(line)) {
      state.refused += 1
      socket.write(STORM)
      socket.end()
      return
    }
    socket.write(session.inData ? taken(session, state) : answerTo(line, session, state))
  }
}

function taken(session: Session, state: State): string {
  session.inData = false
  session.inTransaction = false
  state.busy -= 1
  state.delivered += 1
  return '250 2.0.0 Ok\r\n'
}

function answerTo(line: string, session: Session, state: State): string {
  if (/^EHLO/i.test(line)) return EHLO
  if (/^MAIL/i.test(line) && !session.inTransaction) {
    session.inTransaction = true
    state.busy += 1
  }
  if (!/^DATA/i.test(line)) return '250 2.1.0 Ok\r\n'
  session.inData = true
  // An empty body would end with the mark's second half alone.
  session.text = `\r\n${session.text}`
  return '354 Go on\r\n'
}
