//
// Owns: whether somebody answers at a place: one TCP connection, and what is said first.
// Never: speaks; who is knocked at sees a connection that ends.

import { connect } from 'node:net'
import type { Milliseconds } from '../../core/time.ts'

export interface Door {
  readonly host: string
  readonly port: number
  /** Ours, to leave from. */
  readonly from?: string | undefined
}

/**
 * `greeted`: a line came; `open`: connected, and nothing was said within the time; `refused`: a host is there and nobody
 * listens; `silent`: no answer at all, as where packets are dropped; `unreachable`: there is no way to it;
 * `impossible`: it could not be tried from here, as where the address to leave from is not ours.
 */
export type Answered = 'greeted' | 'open' | 'refused' | 'silent' | 'unreachable' | 'impossible'

export interface Knock {
  readonly answered: Answered
  /** The first line, or what the system said. */
  readonly said: string
}

const MOST_OF_A_LINE = 200

const FAULTS: Readonly<Record<string, Answered>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'refused',
  ETIMEDOUT: 'silent',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'impossible',
  EINVAL: 'impossible',
  EACCES: 'refused',
  EPERM: 'refused',
}

/** `greeting`: how long a first line is waited for once the connection stands; 0: not at all. */
export function knock(
  { from, host, port }: Door,
  { connecting, greeting }: { readonly connecting: Milliseconds; readonly greeting: Milliseconds },
): Promise<Knock> {
  return new Promise((done) => {
    const socket = connect({ host, port, ...(from === undefined ? {} : { localAddress: from }) })
    let timer = setTimeout(() => end({ answered: 'silent', said: 'no answer' }), connecting)
    let heard = ''
    function end(knock: Knock): void {
      clearTimeout(timer)
      socket.removeAllListeners()
      // A late fault of a socket that nobody looks at any more is no fault.
      socket.on('error', () => undefined)
      socket.destroy()
      done(knock)
    }
    socket.once('connect', () => {
      clearTimeout(timer)
      if (greeting <= 0) return end({ answered: 'open', said: '' })
      timer = setTimeout(() => end({ answered: 'open', said: '' }), greeting)
    })
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      const [line = ''] = heard.split('\r\n')
      if (heard.includes('\n') || heard.length > MOST_OF_A_LINE) {
        end({ answered: 'greeted', said: line.slice(0, MOST_OF_A_LINE) })
      }
    })
    socket.once('close', () => end({ answered: 'open', said: 'closed without a word' }))
    socket.once('error', (error) => {
      const code = 'code' in error ? String(error.code) : ''
      end({ answered: FAULTS[code] ?? 'unreachable', said: code || error.message })
    })
  })
}
