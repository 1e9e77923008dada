//
// kill -9 of the node, and kill -9 of the program that takes its webhooks: every event of the log arrives, each time with
// the same webhook-id and the same body.

import { expect } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDns } from '../support/dns.ts'
import { type ForeignHook, startForeignHook } from '../support/foreign-hook.ts'
import { verified } from '../support/hook.ts'
import { startMx } from '../support/mx.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { chanceOf } from './chance.ts'
import { say, until } from './lab.ts'
import { post } from './load.ts'
import { API_KEY, type MailNode, startNode } from './node.ts'
import { SETPRIV, trial } from './trial.ts'

const ROUNDS = Math.min(10, Number(process.env['MAILWOK_CRASH_ROUNDS'] ?? 4))
const CLIENTS = 4
/** What a node that died had in its hands comes again when its lease of a minute ends. */
const DRAINED_WITHIN = 180_000

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  trial(
    {
      claim: `over ${ROUNDS} rounds of kill -9 of node and receiver each event is told, with one id (${engine})`,
      within: 60_000 + DRAINED_WITHIN + ROUNDS * 10_000,
      needs: engine === 'SQLite' ? SETPRIV : { ...SETPRIV, PostgreSQL: !postgresSuite(engine).skip },
    },
    async () => crash(engine, engine === 'SQLite' ? {} : { storeUrl: await freshDatabase() }),
  )
}

async function crash(engine: string, store: { readonly storeUrl?: string }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-told-'))
  const mx = await startMx()
  const dns = await startDns({
    'one.example.net': { MX: [[10, 'mx.example.net']] },
    'mx.example.net': { A: ['127.0.0.1'] },
  })
  const program = await startForeignHook(folder)
  const start = () =>
    startNode({
      folder,
      dns: dns.address,
      mxPort: mx.port,
      settings: { 'webhooks.allow': `["${program.place}"]` },
      ...store,
    })
  const chance = chanceOf()
  let node = await start()
  try {
    const secret = await addWebhook(node, program.url)
    const acknowledged: string[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const clients = Array.from({ length: CLIENTS }, (_, client) =>
        submit(node, `m${round}-${client}`, acknowledged),
      )
      await Bun.sleep(chance.between(200, 1500))
      // The one, the other, and both, in turns.
      if (round % 3 !== 0) {
        await program.kill()
        await Bun.sleep(chance.between(50, 400))
      }
      if (round % 3 === 1) {
        await program.start()
        await Bun.sleep(chance.between(50, 400))
      }
      node.signal('SIGKILL')
      await node.exited
      await Promise.all(clients)
      await program.start()
      node = await start()
    }
    const events = await drained(node, program)
    expect(acknowledged.length).toBeGreaterThan(ROUNDS)
    expect(
      acknowledged.filter((name) => !events.some(({ recipient }) => recipient.startsWith(`${name}@`))),
    ).toEqual([])
    const told = program.got()
    const bodies = new Map<string, string>()
    for (const got of told) {
      const id = got.headers['webhook-id'] ?? ''
      expect(got.text).toBe(bodies.get(id) ?? got.text)
      bodies.set(id, got.text)
    }
    expect([...bodies.keys()].sort()).toEqual(events.map(({ id }) => id).sort())
    const first = told[0]
    const last = told.at(-1)
    for (const got of [first, last]) if (got) verified(secret, got)
    const again = told.length - bodies.size
    say(`webhooks under kill -9, ${engine}`, {
      seed: chance.seed,
      rounds: ROUNDS,
      events: bodies.size,
      again,
    })
    expect(await node.stop()).toBe(0)
  } finally {
    node.signal('SIGKILL')
    await node.exited
    await Promise.all([program.kill(), mx.close(), dns.close()])
    rmSync(folder, { recursive: true, force: true })
  }
}

const AUTHORIZED = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }

/** Its secret. */
async function addWebhook(node: MailNode, url: string): Promise<string> {
  const body = JSON.stringify({ url, events: ['email.queued', 'email.delivered'] })
  const made = await fetch(`${node.api}/v1/webhooks`, { method: 'POST', headers: AUTHORIZED, body })
  return ((await made.json()) as { readonly secret: string }).secret
}

/** Until the node is gone. */
async function submit(node: MailNode, client: string, acknowledged: string[]): Promise<void> {
  for (let count = 0; ; count++) {
    const name = `${client}-${count}`
    const answered = await post(node, { name, recipients: [`${name}@one.example.net`], text: name })
    if (answered === null) return
    if (answered.status === 200) acknowledged.push(name)
  }
}

interface LogPage {
  readonly data: readonly { readonly id: string; readonly recipient: string; readonly event: string }[]
  readonly has_more: boolean
  readonly next: string
}

/** All mail has ended, and all of the log was told; the log. */
async function drained(node: MailNode, program: ForeignHook): Promise<LogPage['data']> {
  let log: LogPage['data'] = []
  await until(
    'everything to be told',
    async () => {
      await Bun.sleep(250)
      log = await readLog(node)
      const of = (type: string) => log.filter(({ event }) => event === type).length
      if (of('email.queued') !== of('email.delivered')) return false
      const told = new Set(program.got().map(({ headers }) => headers['webhook-id']))
      return log.every(({ id }) => told.has(id))
    },
    DRAINED_WITHIN,
  )
  return log
}

async function readLog(node: MailNode): Promise<LogPage['data']> {
  const all: LogPage['data'][number][] = []
  for (let next = '', more = true; more; ) {
    const query = `type=email.queued,email.delivered&limit=1000${next === '' ? '' : `&after=${next}`}`
    const answer = await fetch(`${node.api}/v1/events?${query}`, { headers: AUTHORIZED })
    const page = (await answer.json()) as LogPage
    all.push(...page.data)
    next = page.next
    more = page.has_more
  }
  return all
}
