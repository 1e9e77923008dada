//
// Owns: how the scripted MX speaks: what it offers, replies whole, in pieces or without end; and how content is read back.

import type { Socket } from 'node:net'
import type { MxScript } from './mx.ts'

/** "\n" parts the lines of a multi-line reply, each written with its own code. */
export async function say(socket: Socket, reply: string, pieces?: number): Promise<void> {
  const lines = reply.split('\n')
  const spelt = lines.map((line, at) =>
    at < lines.length - 1 ? `${line.slice(0, 3)}-${line.slice(4)}` : line,
  )
  const bytes = Buffer.from(`${spelt.join('\r\n')}\r\n`)
  if (pieces === undefined) {
    socket.write(bytes)
    return
  }
  for (let at = 0; at < bytes.length; at += pieces) {
    socket.write(bytes.subarray(at, at + pieces))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export function neverEnd(socket: Socket): void {
  const block = '250-and another thing\r\n'.repeat(400)
  const more = (): void => {
    while (!socket.destroyed && socket.write(block));
  }
  socket.on('drain', more)
  more()
}

export function unstuff(stuffed: Buffer): Buffer {
  if (stuffed[0] !== 0x2e && stuffed.indexOf('\n.') === -1) return Buffer.from(stuffed)
  return Buffer.from(stuffed.toString('latin1').replace(/(^|\r\n)\./g, '$1'), 'latin1')
}

/** NAME=value, as MAIL and RCPT have them; names in upper case. */
export function parametersOf(text: string): Record<string, string> {
  const parameters: Record<string, string> = {}
  for (const parameter of text.split(' ').filter(Boolean)) {
    const [name = '', value = ''] = parameter.split('=')
    parameters[name.toUpperCase()] = value
  }
  return parameters
}

/** The reply to EHLO. */
export function offeredBy(script: MxScript, secure: boolean): string {
  const lines = [`${script.hostname ?? 'mx.test'} greets you`]
  if (script.pipelining !== false) lines.push('PIPELINING')
  if (script.size !== null) lines.push(`SIZE ${script.size ?? 30_000_000}`)
  if (script.eightBitMime !== false) lines.push('8BITMIME')
  if (script.smtpUtf8 !== false) lines.push('SMTPUTF8')
  if (script.starttls && !secure) lines.push('STARTTLS')
  if (script.auth) lines.push(`AUTH ${script.auth.mechanisms.join(' ')}`)
  if (script.dsn) lines.push('DSN')
  if (script.requireTls && secure) lines.push('REQUIRETLS')
  lines.push('ENHANCEDSTATUSCODES')
  return lines.map((line) => `250 ${line}`).join('\n')
}
