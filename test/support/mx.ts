//
// Owns: a receiving MX on real sockets. Without a script it is a correct ESMTP server (RFC 5321, 2920, 1870, 6152,
// 6531, 3207) that records what it accepted; a script makes it misbehave at any moment of the session.
//
//   const mx = await startMx()                                            // accepts everything
//   const mx = await startMx({ at: { RCPT: '550 5.1.1 no such user' } })  // answers a command differently
//   const mx = await startMx({ at: { BODY: { drop: true, store: true } } }) // takes the message, never says so
//   const mx = await startMx({ at: (moment, seen) => seen.connection === 1 ? { drop: true } : undefined })
//   …; mx.messages[0]?.forwardPaths; await mx.close()

import { createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { selfSigned, type TestCertificate } from './certificate.ts'
import type { MxAuth } from './mx-auth.ts'
import { MxSession } from './mx-session.ts'

/** CONNECT is the greeting, TLS the handshake, BODY the final dot, OTHER any unknown command. */
export type Moment =
  | 'CONNECT'
  | 'EHLO'
  | 'HELO'
  | 'STARTTLS'
  | 'AUTH'
  | 'TLS'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'BODY'
  | 'RSET'
  | 'NOOP'
  | 'QUIT'
  | 'OTHER'

/** A string is the reply to give; "\n" parts the lines of a multi-line reply, each written with its own code. */
export type Behaviour =
  | string
  | {
      readonly reply?: string
      /** After the reply nothing more is read: the window closes. */
      readonly stall?: true
      /** Says nothing, ever. */
      readonly hang?: true
      /** Closes (with a reset where the system does so) after `reply`, if one is given. */
      readonly drop?: true
      /** At BODY: keep the message although the reply does not say so. */
      readonly store?: true
      /** Writes these bytes as they are instead of a reply. */
      readonly raw?: string
      /** Writes the reply in pieces of so many bytes, each in its own packet. */
      readonly pieces?: number
      /** Writes continuation lines without end. */
      readonly endless?: true
      /** Milliseconds before it says anything. */
      readonly slow?: number
    }

export interface Seen {
  /** Counts from 1. */
  readonly connection: number
  /** Messages accepted on this connection so far. */
  readonly accepted: number
  /** The command line; empty at CONNECT, TLS and BODY. */
  readonly line: string
  readonly secure: boolean
  /** The address that connected. */
  readonly client: string
}

export interface MxScript {
  readonly hostname?: string
  /** The address to listen on: 127.0.0.1 unless told. */
  readonly host?: string
  readonly port?: number
  /** False: EHLO is answered 502. */
  readonly ehlo?: boolean
  readonly pipelining?: boolean
  readonly eightBitMime?: boolean
  readonly smtpUtf8?: boolean
  /** Null: SIZE is not offered; 0: offered without a limit. */
  readonly size?: number | null
  readonly starttls?: boolean
  /** TLS from the first octet. */
  readonly implicitTls?: boolean
  /** Instead of one that nobody signed. */
  readonly certificate?: TestCertificate
  readonly auth?: MxAuth
  readonly dsn?: boolean
  /** Offered once the connection is encrypted (RFC 8689). */
  readonly requireTls?: boolean
  /** 421 and close when MAIL comes after so many messages on one connection. */
  readonly messagesPerConnection?: number
  readonly at?:
    | Partial<Readonly<Record<Moment, Behaviour>>>
    | ((moment: Moment, seen: Seen) => Behaviour | undefined)
  /** False keeps only the count of messages: for benches. */
  readonly record?: boolean
}

export interface MxMessage {
  readonly connection: number
  /** As on the wire between the angle brackets; "" for the null reverse-path. */
  readonly reversePath: string
  readonly forwardPaths: readonly string[]
  /** The parameters of MAIL FROM, upper case names. */
  readonly parameters: Readonly<Record<string, string>>
  /** The parameters of the last RCPT TO. */
  readonly rcptParameters: Readonly<Record<string, string>>
  /** After unstuffing, without the final dot line. */
  readonly bytes: Buffer
  readonly tls: {
    readonly version: string
    readonly cipher: string
    readonly serverName: string | null
  } | null
}

export interface Mx {
  readonly host: string
  readonly port: number
  readonly messages: readonly MxMessage[]
  /** All command lines in order of arrival, each "<connection>: <line>"; BODY for content. */
  readonly commands: readonly string[]
  readonly connections: number
  readonly open: number
  close(): Promise<void>
}

export async function startMx(script: MxScript = {}): Promise<Mx> {
  const messages: MxMessage[] = []
  const commands: string[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const certificate = script.certificate ?? selfSigned(script.hostname ?? 'mx.test')
  const listener = createServer({ noDelay: true }, (socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    new MxSession(socket, connections, script, {
      messages,
      commands,
      secure: (plain) => new TLSSocket(plain, { isServer: true, ...certificate }),
    }).start()
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(script.port ?? 0, script.host ?? '127.0.0.1', resolve)
  })
  const bound = listener.address()
  if (bound === null || typeof bound === 'string') throw new Error('no address')
  return {
    host: bound.address,
    port: bound.port,
    messages,
    commands,
    get connections() {
      return connections
    },
    get open() {
      return sockets.size
    },
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
