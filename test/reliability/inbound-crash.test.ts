//
// kill -9 while bounces come in: what was answered with 250 is in the log, once. On PostgreSQL two nodes hear for each
// other: a bounce comes to the node that did not send the mail.

import { expect } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { startDns } from '../support/dns.ts'
import { bounceOf, deliver } from '../support/inbound.ts'
import { startMx } from '../support/mx.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { chanceOf } from './chance.ts'
import { say, until } from './lab.ts'
import { API_KEY, type MailNode, SENDER, startNode } from './node.ts'
import { SETPRIV, trial } from './trial.ts'

const ROUNDS = Number(process.env['MAILWOK_CRASH_ROUNDS'] ?? 3)
const MESSAGES = 60
const PEERS = 6

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  trial(
    {
      claim: `over ${ROUNDS} rounds of kill -9 no acknowledged bounce is lost, and none counts twice (${engine})`,
      within: 60_000 + ROUNDS * 10_000,
      needs: engine === 'SQLite' ? SETPRIV : { ...SETPRIV, PostgreSQL: !postgresSuite(engine).skip },
    },
    () => crash(engine),
  )
}

const ROLES = { 'server.roles': '["api", "submission", "delivery", "inbound"]' }
const HEARS = { 'inbound.listen': '"127.0.0.1:0"', 'inbound.greeting_pause': '"0ms"' }

async function crash(engine: 'SQLite' | 'PostgreSQL'): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-inbound-'))
  const mx = await startMx()
  const dns = await startDns({
    'example.net': { MX: [[10, 'mx.example.net']] },
    'mx.example.net': { A: ['127.0.0.1'] },
  })
  const store = engine === 'SQLite' ? {} : { storeUrl: await freshDatabase() }
  const start = (digit: string) =>
    startNode({
      folder,
      digit,
      dns: dns.address,
      mxPort: mx.port,
      settings: { ...ROLES, ...HEARS },
      ...store,
    })
  const chance = chanceOf()
  let sender = await start('0')
  let hearer = engine === 'SQLite' ? sender : await start('1')
  const acknowledged = new Set<string>()
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const before = mx.messages.length
      await send(sender, round)
      await until('all arrived', () => mx.messages.length >= before + MESSAGES, 20_000)
      const sent = mx.messages.slice(before).map(({ reversePath }) => ({
        id: `msg_${/^b\+([0-9a-z]{12})/.exec(reversePath)?.[1]}`,
        path: reversePath,
      }))
      const left = [...sent]
      const peer = async (): Promise<void> => {
        for (let one = left.shift(); one; one = left.shift()) {
          const reply = await tell(hearer, one.path)
          if (reply.startsWith('250')) acknowledged.add(one.id)
          else left.push(one)
          if (reply === '') return
        }
      }
      const peers = Array.from({ length: PEERS }, peer)
      await Bun.sleep(chance.between(5, 250))
      hearer.signal('SIGKILL')
      await hearer.exited
      await Promise.all(peers)
      hearer = await start(engine === 'SQLite' ? '0' : '1')
      if (engine === 'SQLite') sender = hearer
      // A peer that lost our answer says it again; so do those that were told 451.
      for (const { id, path } of sent) {
        const reply = await tell(hearer, path)
        if (reply.startsWith('250')) acknowledged.add(id)
      }
      for (const { id } of sent)
        if (acknowledged.has(id)) expect([id, await bounces(hearer, id)]).toEqual([id, 1])
    }
    expect(acknowledged.size).toBeGreaterThan((ROUNDS * MESSAGES) / 2)
    say(`bounces under kill -9, ${engine}`, { seed: chance.seed, rounds: ROUNDS, bounces: acknowledged.size })
  } finally {
    for (const node of new Set([sender, hearer])) {
      node.signal('SIGKILL')
      await node.exited
    }
    await Promise.all([mx.close(), dns.close()])
    rmSync(folder, { recursive: true, force: true })
  }
}

async function send(node: MailNode, round: number): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port: node.smtpPort, ignoreTLS: true, pool: true })
  const letters = Array.from({ length: MESSAGES }, (_, at) =>
    transport.sendMail({ from: SENDER, to: `r${round}-${at}@example.net`, subject: 'x', text: 'x' }),
  )
  await Promise.all(letters)
  transport.close()
}

/** Empty: the node is gone. */
const tell = (node: MailNode, path: string): Promise<string> =>
  deliver(
    { port: () => node.inboundPort },
    { to: [path], message: bounceOf('secret@elsewhere.example') },
  ).catch(() => '')

async function bounces(node: MailNode, id: string): Promise<number> {
  const answer = await fetch(`${node.api}/v1/email/${id}`, {
    headers: { authorization: `Bearer ${API_KEY}` },
  })
  const { events } = (await answer.json()) as { readonly events: readonly { readonly event: string }[] }
  return events.filter(({ event }) => event === 'email.bounced').length
}
