//
// Owns: transcripts of SMTP sessions: one file each, played over a real socket.
//
//   # why this matters
//   ! plain keyless          which listener (plain, starttls, tls); keyless: the client needs no key; size=N; recipients=N
//   ! mx                     the inbound MX; size=N; memory=N; pause=N milliseconds before the greeting
//   S 250 exactly this       the next line from the listener
//   S ~ 250                  it begins with this
//   C EHLO client.test       a line to the listener, CRLF added
//   R a\r\n.\nb              octets as they are: \r \n \0 \\ \xHH; nothing added
//   AUTH <key>               AUTH PLAIN with it, and 235
//   TLS                      the client's handshake
//   CLOSED                   the listener has closed
//   DOOR 1                   so many messages were submitted
//   BODY Subject: x\r\n      what the last one was, exactly

import { expect } from 'bun:test'
import { type SmtpClient, smtpClient } from '../../support/smtp-client.ts'
import { agent, KEY, LOOPBACK, recordingDoor } from './agent.ts'
import { mailExchanger } from './mail-exchanger.ts'

export async function play(transcript: string): Promise<void> {
  const steps = transcript.split('\n').filter((step) => step.trim() !== '' && !step.startsWith('#'))
  const setting = steps.find((step) => step.startsWith('! '))?.slice(2) ?? 'plain keyless'
  const under = setting.startsWith('mx') ? await exchanger(setting) : await submissionAgent(setting)
  const client = await smtpClient(under.port, { tls: under.tls })
  try {
    for (const [at, step] of steps.entries()) {
      if (!step.startsWith('! ')) await perform(step, { client, under, at })
    }
  } finally {
    client.close()
    await under.stop()
  }
}

/** What a transcript is played against. */
interface Played {
  readonly port: number
  readonly tls: boolean
  readonly bodies: () => readonly Uint8Array[]
  stop(): Promise<void>
}

async function exchanger(setting: string): Promise<Played> {
  const memory = numberIn(setting, 'memory', 'bytesInFlight')
  const mx = await mailExchanger({
    ...numberIn(setting, 'size', 'maxMessageSize'),
    ...numberIn(setting, 'pause', 'greetingPause'),
    limits: { errorDelay: 1, ...memory },
  })
  return {
    port: mx.port,
    tls: false,
    bodies: () => mx.desk.messages.map(({ bytes }) => bytes),
    stop: mx.stop,
  }
}

async function submissionAgent(setting: string): Promise<Played> {
  const under = await agent({
    keylessNetworks: setting.includes('keyless') ? LOOPBACK : [],
    door: recordingDoor({
      ...numberIn(setting, 'size', 'maxMessageSize'),
      ...numberIn(setting, 'recipients', 'maxRecipients'),
    }),
  })
  const kind = setting.startsWith('tls') ? 'tls' : setting.startsWith('starttls') ? 'starttls' : 'plain'
  return {
    port: under.port(kind),
    tls: kind === 'tls',
    bodies: () => under.door.messages.map(({ bytes }) => bytes),
    stop: under.stop,
  }
}

async function perform(
  step: string,
  { client, under, at }: { client: SmtpClient; under: Played; at: number },
): Promise<void> {
  const [, verb = '', rest = ''] = /^(\S+) ?(.*)$/.exec(step) ?? []
  const where = `step ${at}: ${step}`
  switch (verb) {
    case 'S': {
      const got = await client.line()
      if (rest.startsWith('~ '))
        expect(`${where} → ${got?.slice(0, rest.length - 2)}`).toBe(`${where} → ${rest.slice(2)}`)
      else expect(`${where} → ${got}`).toBe(`${where} → ${rest}`)
      return
    }
    case 'C':
      client.send(`${rest}\r\n`)
      return
    case 'R':
      client.send(octetsOf(rest))
      return
    case 'AUTH':
      client.send(`AUTH PLAIN ${Buffer.from(`\0any\0${rest || KEY}`).toString('base64')}\r\n`)
      expect(await client.line()).toStartWith('235 2.7.0')
      return
    case 'TLS':
      await client.startTls()
      return
    case 'CLOSED':
      expect(`${where} → ${await client.line()}`).toBe(`${where} → null`)
      return
    case 'DOOR':
      expect(`${where} → ${under.bodies().length}`).toBe(`${where} → ${rest}`)
      return
    case 'BODY':
      expect(Buffer.from(under.bodies().at(-1) ?? []).toString('latin1')).toBe(
        octetsOf(rest).toString('latin1'),
      )
      return
    default:
      throw new Error(`unknown ${where}`)
  }
}

function octetsOf(text: string): Buffer {
  const named: Readonly<Record<string, string>> = { r: '\r', n: '\n', '0': '\0', '\\': '\\' }
  const plain = Buffer.from(text).toString('latin1')
  const octets = plain.replace(/\\(x[0-9a-f]{2}|.)/g, (_, escaped: string) =>
    escaped.startsWith('x')
      ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
      : (named[escaped] ?? escaped),
  )
  return Buffer.from(octets, 'latin1')
}

function numberIn(setting: string, word: string, as: string): Record<string, number> {
  const match = new RegExp(`${word}=(\\d+)`).exec(setting)
  return match ? { [as]: Number(match[1]) } : {}
}
