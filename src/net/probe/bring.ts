//
// Owns: bringing one message to a host as a stranger's mail server does, to see what is said to it: our own way back.
// Never: mail to anybody else; what leaves for receivers goes by net/delivery.

import { connect } from 'node:net'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'

export interface Brought {
  readonly host: string
  readonly port: number
  readonly hello: string
  readonly to: string
  /** With CRLF at the end of each line, and no line of one dot. */
  readonly message: string
}

/** The answer to the final dot. The fault is what was said instead, or what the system said. */
export function bring(
  { hello, host, message, port, to }: Brought,
  within: Milliseconds,
): Promise<Result<string, string>> {
  const commands = [
    `EHLO ${hello}`,
    'MAIL FROM:<>',
    `RCPT TO:<${to}>`,
    'DATA',
    `${message.replace(/^\./gm, '..')}\r\n.`,
  ]
  return new Promise((done) => {
    const socket = connect({ host, port })
    const timer = setTimeout(() => end(fault('no answer')), within)
    let heard = ''
    let turn = 0
    function end(result: Result<string, string>): void {
      clearTimeout(timer)
      socket.removeAllListeners()
      socket.on('error', () => undefined)
      socket.end('QUIT\r\n')
      done(result)
    }
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      // The last line of a reply has a blank behind its code (RFC 5321 §4.2.1).
      const line = /^(\d{3})(?: [^\r\n]*)?\r?\n$/m.exec(heard)?.[0]
      if (line === undefined) return
      heard = ''
      const said = line.trim()
      if (!/^[23]/.test(said)) return end(fault(said))
      if (turn === commands.length) return end(ok(said))
      socket.write(`${commands[turn]}\r\n`)
      turn++
    })
    socket.once('close', () => end(fault('the connection was closed')))
    socket.once('error', (error) => end(fault('code' in error ? String(error.code) : error.message)))
  })
}
