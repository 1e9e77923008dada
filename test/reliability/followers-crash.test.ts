//
// kill -9 while the followers of the log are at work: what they owe is neither lost nor done twice.

import { expect } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { startDns } from '../support/dns.ts'
import { type MxMessage, startMx } from '../support/mx.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { chanceOf } from './chance.ts'
import { say, until } from './lab.ts'
import { API_KEY, type MailNode, SENDER, startNode } from './node.ts'
import { SETPRIV, trial } from './trial.ts'

const ROUNDS = Number(process.env['MAILWOK_CRASH_ROUNDS'] ?? 8)
const CLIENTS = 4

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  trial(
    {
      claim: `over ${ROUNDS} rounds of kill -9 each failure is reported and suppressed, and reported once (${engine})`,
      within: 90_000 + ROUNDS * 6000,
      needs: engine === 'SQLite' ? SETPRIV : { ...SETPRIV, PostgreSQL: !postgresSuite(engine).skip },
    },
    async () => crash(engine, engine === 'SQLite' ? {} : { storeUrl: await freshDatabase() }),
  )
}

async function crash(engine: string, store: { readonly storeUrl?: string }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-followers-'))
  const mx = await startMx({
    at: (moment, { line }) =>
      moment === 'RCPT' && line.includes('gone') ? '550 5.1.1 no such user' : undefined,
  })
  const dns = await startDns({
    'example.com': { MX: [[10, 'mx.example.net']] },
    'example.net': { MX: [[10, 'mx.example.net']] },
    'mx.example.net': { A: ['127.0.0.1'] },
  })
  const acknowledged: string[] = []
  const chance = chanceOf()
  const start = () => startNode({ folder, dns: dns.address, mxPort: mx.port, ...store })
  let node = await start()
  try {
    for (let round = 1; round <= ROUNDS; round++) {
      const clients = Array.from({ length: CLIENTS }, (_, client) =>
        submit(node, `${round}-${client}`, acknowledged),
      )
      await Bun.sleep(chance.between(50, 2500))
      node.signal('SIGKILL')
      await node.exited
      await Promise.all(clients)
      node = await start()
    }
    await until(
      'each failure to be reported',
      () => {
        // Some are reported that were accepted though the answer did not arrive: to count would not do.
        const told = new Set(reported(mx.messages))
        return acknowledged.every((address) => told.has(address))
      },
      60_000,
    )
    for (const address of acknowledged) {
      await until(`${address} to be suppressed`, async () => (await entryOf(node, address)) === 200)
    }
    expect(acknowledged.length).toBeGreaterThan(ROUNDS)
    const told = reported(mx.messages)
    expect([...new Set(told)].sort()).toEqual([...new Set([...told, ...acknowledged])].sort())
    expect(told.length - new Set(told).size).toBe(0)
    const letters = mx.messages.filter(isReport).length
    say(`followers under kill -9, ${engine}`, {
      seed: chance.seed,
      rounds: ROUNDS,
      failures: told.length,
      letters,
    })
    expect(await node.stop()).toBe(0)
  } finally {
    node.signal('SIGKILL')
    await node.exited
    await Promise.all([mx.close(), dns.close()])
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Until the node is gone. Three recipients each; two of them fail. */
async function submit(node: MailNode, name: string, acknowledged: string[]): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port: node.smtpPort, ignoreTLS: true })
  for (let count = 0; ; count++) {
    const gone = [`gone-${name}-${count}a@example.net`, `gone-${name}-${count}b@example.net`]
    const to = [...gone, `good-${name}-${count}@example.net`]
    const dsn = { id: name, notify: 'failure', return: 'headers' } as const
    const sent = await transport
      .sendMail({ from: SENDER, envelope: { from: SENDER, to, dsn }, dsn, to, subject: name, text: name })
      .catch(() => null)
    if (sent === null) return transport.close()
    acknowledged.push(...gone)
  }
}

const isReport = ({ forwardPaths }: MxMessage): boolean => forwardPaths.includes(SENDER)

/** Recipients in letters of their own; a letter that the peer got twice for a lost answer is one (at least once). */
function reported(messages: readonly MxMessage[]): readonly string[] {
  const letters = new Map<string, string>()
  for (const message of messages.filter(isReport)) {
    const text = message.bytes.toString('latin1')
    letters.set(/^Message-ID: (.*)$/im.exec(text)?.[1] ?? '', text)
  }
  return [...letters.values()].flatMap((text) =>
    [...text.matchAll(/^Final-Recipient: rfc822; (\S+)/gm)].map(([, recipient]) => recipient ?? ''),
  )
}

const entryOf = async (node: MailNode, address: string): Promise<number> =>
  (await fetch(`${node.api}/v1/suppressions/${address}`, { headers: { authorization: `Bearer ${API_KEY}` } }))
    .status
