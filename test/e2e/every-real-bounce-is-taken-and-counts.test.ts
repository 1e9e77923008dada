import { expect, test } from 'bun:test'
import { startLab } from '../support/appliance.ts'
import { notBounces, specimens, wanted } from '../support/bounce-corpus.ts'
import type { AnswerBody } from '../support/lab-answers.ts'
import type { SmtpClient } from '../support/smtp-client.ts'
import { smtpClient } from '../support/smtp-client.ts'

interface Case {
  readonly name: string
  readonly bytes: Uint8Array
  /** What the labels let one expect of the delivery. */
  readonly want: 'bounced' | 'complained' | 'nothing'
}

/** The report itself says that it goes on trying: whatever reason is given, nothing has failed yet (RFC 3464 §2.3.3). */
const isDelayed = (text: string): boolean =>
  (/^Action: delayed\r?$/im.test(text) && !/^Action: failed\r?$/im.test(text)) ||
  text.includes('Message will be retried for 2 more day(s)')
/** RFC 3834 answers, deliveries that went well, and feedback that is no complaint. */
const NOTHING = new Set(['auto-reply', 'delivered', 'complaint: auth-failure'])

function cases(): readonly Case[] {
  const bounces = specimens().map(({ name, bytes, labels }): Case => {
    const reasons = labels.map((label) => wanted(label).reason)
    const failed = reasons.filter((reason) => !NOTHING.has(reason))
    if (failed.length === 0 || isDelayed(Buffer.from(bytes).toString('latin1')))
      return { name, bytes, want: 'nothing' }
    return { name, bytes, want: failed[0]?.startsWith('complaint') ? 'complained' : 'bounced' }
  })
  return [...bounces, ...notBounces().map(({ name, bytes }): Case => ({ name, bytes, want: 'nothing' }))]
}

/** CRLF, dots stuffed, and the final dot. */
const onTheWire = (bytes: Uint8Array): Buffer =>
  Buffer.from(
    `${Buffer.from(bytes)
      .toString('latin1')
      .replace(/\r\n?|\n/g, '\r\n')
      .replaceAll('\0', '')
      .replace(/^\./gm, '..')}\r\n.\r\n`,
    'latin1',
  )

async function bring(client: SmtpClient, path: string, bytes: Uint8Array): Promise<string> {
  for (const command of ['MAIL FROM:<>', `RCPT TO:<${path}>`, 'DATA']) {
    const reply = await client.ask(command)
    if (!/^[23]/.test(reply)) return reply
  }
  client.send(onTheWire(bytes))
  return (await client.reply()).at(-1) ?? ''
}

const become = ({ events }: AnswerBody): string => {
  const late = events.filter(({ event }) => event === 'email.bounced' || event === 'email.complained')
  return late.length === 0 ? 'nothing' : late.map(({ event }) => event.replace('email.', '')).join()
}

test('each message of the corpus, at the return path of a message of its own, is 250 and what it is', async () => {
  await using lab = await startLab()
  const all = cases()
  const ids: string[] = []
  for (const _ of all) ids.push(await lab.sent())
  const paths = new Map<string, string>()
  for (const id of ids) await lab.ended(id)
  for (const { bytes, reversePath } of lab.mx.messages) {
    paths.set(/msg_[0-9a-z]{12}/.exec(bytes.toString('latin1'))?.[0] ?? '', reversePath)
  }
  const client = await smtpClient(lab.port('inbound.listen'))
  await client.reply()
  await client.ask('EHLO mx.peer.example')
  const wrong: string[] = []
  for (const [at, { name, bytes, want }] of all.entries()) {
    const id = ids[at] ?? ''
    const reply = await bring(client, paths.get(id) ?? '', bytes)
    const got = become(await lab.message(id))
    if (reply !== '250 2.0.0 Ok' || got !== want) wrong.push(`${name}: ${reply}, ${got} and not ${want}`)
  }
  client.close()
  expect(all.length).toBeGreaterThan(290)
  expect(wrong).toEqual([])
})
