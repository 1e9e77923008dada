// Transcripts in dialogue/*.dialogue:
//   S line         the peer's reply, one line of it         C line   what we write, exactly
//   begin [8bit] [utf8]   a transaction is to begin          tls verified|unverified   the handshake ended
//   follow         the next message's commands go out behind the content   wish …   the TLS policy (if-offered unless told)
//   ! detail       the connection broke                     !! detail   it broke before all that was written had left
//   = …            what the dialogue wants or what ended; content means that the whole content left

import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Mailbox, parseMailbox } from '../../../src/core/address.ts'
import type { Cause } from '../../../src/core/outcome.ts'
import { type Action, Dialogue } from '../../../src/net/smtp/dialogue.ts'
import { ReplyParser } from '../../../src/net/smtp/reply-parser.ts'
import type { TlsWish } from '../../../src/net/smtp/security.ts'

const folder = join(import.meta.dir, 'dialogue')

test.each(readdirSync(folder))('%s', (name) => {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n')
  const script = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const wish = script[0]?.startsWith('wish ') ? (script.shift()?.slice(5) as TlsWish) : 'if-offered'
  expect(play(script, wish)).toEqual(script)
})

/** Plays the peer's lines of a transcript and writes down what really happens at ours. */
function play(script: readonly string[], wish: TlsWish): string[] {
  const hail = { hello: 'client.test', wish, tlsa: null, auth: null, implicitTls: false }
  const dialogue = new Dialogue(hail, false)
  const parser = new ReplyParser()
  const said: string[] = []
  const note = (action: Action, line: string | undefined): void => {
    for (const words of spell(action)) said.push(words)
    if (action.kind !== 'write-content') return
    const whole = line !== '= content-unfinished'
    if (whole) dialogue.contentSent()
    said.push(whole ? '= content' : '= content-unfinished')
  }
  for (const [at, line] of script.entries()) {
    const after = script[at + 1]
    if (line.startsWith('C ') || line.startsWith('= ')) continue
    said.push(line)
    const proven = wish !== 'verified' || line !== 'tls unverified'
    if (line.startsWith('tls ')) note(dialogue.secured(proven ? null : 'test'), after)
    else for (const action of turn(dialogue, parser, line)) note(action, after)
  }
  return said
}

/** What one line of a transcript does to the dialogue. */
function turn(dialogue: Dialogue, parser: ReplyParser, line: string): Action[] {
  if (line.startsWith('S ')) {
    const replies = parser.push(Buffer.from(`${line.slice(2)}\r\n`))
    if (!replies.ok) throw new Error(replies.error)
    return replies.value.map((reply) => dialogue.reply(reply))
  }
  if (line.startsWith('begin')) return [dialogue.begin(mailOf(line))]
  if (line !== 'follow') return [dialogue.broken(line, line.startsWith('!!'))]
  const text = dialogue.follow(mailOf(line))
  return text === null ? [] : [{ kind: 'write', text }]
}

function spell(action: Action): string[] {
  switch (action.kind) {
    case 'wait':
    case 'write-content':
      return []
    case 'write':
      return action.text
        .split('\r\n')
        .slice(0, -1)
        .map((line) => `C ${line}`)
    case 'failed':
      return [`= failed ${causeOf(action.cause)}`]
    case 'ended': {
      const { end, session } = action
      if (end.kind === 'accepted') return [`= accepted ${end.reply.code} ${session}`]
      const untouched = end.untouched && end.cause.kind === 'reply' ? ' untouched' : ''
      return [`= failed ${causeOf(end.cause)} ${session}${untouched}`]
    }
    default:
      return [`= ${action.kind}`]
  }
}

function causeOf(cause: Cause): string {
  switch (cause.kind) {
    case 'reply':
      return `${cause.stage} ${cause.reply.code}`
    case 'network':
      return `network ${cause.at}`
    case 'policy':
      return `policy ${cause.rule}`
    default:
      return cause.kind
  }
}

const mailOf = (line: string) => ({
  reversePath: mailbox('a@sender.test'),
  forwardPath: mailbox('b@receiver.test'),
  size: 100,
  eightBit: line.includes('8bit'),
  utf8Header: line.includes('utf8'),
  dsn: null,
  requireTls: false,
})

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
