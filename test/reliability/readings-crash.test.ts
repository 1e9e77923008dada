//
// kill -9 while links are clicked: what was answered a moment before is in the log, each click once; what is lost was answered
// in the last moment.

import { expect } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deliveryId, type MessageId } from '../../src/core/ids.ts'
import { type Milliseconds, SECOND } from '../../src/core/time.ts'
import { clickHead, clickTail, copyName } from '../../src/mail/tracking/link-token.ts'
import { openMasterSecret } from '../../src/services/domains/secret-file.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { chanceOf } from './chance.ts'
import { say } from './lab.ts'
import { API_KEY, type MailNode, startNode } from './node.ts'
import { SETPRIV, trial } from './trial.ts'

const ROUNDS = Math.min(5, Number(process.env['MAILWOK_CRASH_ROUNDS'] ?? 2))
const CLIENTS = 8
/** A batch is gathered for 20 ms and committed; machines that run a whole suite are slow. */
const MOMENT: Milliseconds = 1.5 * SECOND
const AUTHORIZED = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  trial(
    {
      claim: `over ${ROUNDS} rounds of kill -9 no click is lost but of the last moment, and none doubled (${engine})`,
      within: 60_000 + ROUNDS * 20_000,
      needs: engine === 'SQLite' ? SETPRIV : { ...SETPRIV, PostgreSQL: !postgresSuite(engine).skip },
    },
    async () => crash(engine, engine === 'SQLite' ? {} : { storeUrl: await freshDatabase() }),
  )
}

interface Answered {
  readonly url: string
  readonly at: number
}

async function crash(engine: string, store: { readonly storeUrl?: string }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-readings-'))
  const settings = { 'server.roles': '["api"]' }
  const start = () => startNode({ folder, dns: '127.0.0.1:9', mxPort: 9, settings, ...store })
  const chance = chanceOf()
  let node = await start()
  try {
    const id = await letter(node)
    const key = await keyIn(folder)
    let clicks = 0
    const next = (): { readonly url: string; readonly path: string } => {
      const url = `https://shop.example/${++clicks}`
      const tail = clickTail(url, clicks % 40, 40)
      return { url, path: `/c/${clickHead(copyName(deliveryId(id, 0)), tail, key)}${tail}` }
    }
    let kept = 0
    let lost = 0
    for (let round = 1; round <= ROUNDS; round++) {
      const answered: Answered[] = []
      const clients = Array.from({ length: CLIENTS }, () => click(node, next, answered))
      await Bun.sleep(chance.between(2500, 4000))
      const killedAt = performance.now()
      node.signal('SIGKILL')
      await node.exited
      await Promise.all(clients)
      node = await start()
      const targets = await targetsOf(node, id)
      const told = new Set(targets)
      expect(told.size).toBe(targets.length)
      const missing = answered.filter(({ url }) => !told.has(url))
      expect(missing.filter(({ at }) => at < killedAt - MOMENT)).toEqual([])
      expect(answered.filter(({ at }) => at < killedAt - MOMENT).length).toBeGreaterThan(CLIENTS)
      lost += missing.length
      kept += answered.length - missing.length
    }
    say(`clicks under kill -9, ${engine}`, {
      seed: chance.seed,
      rounds: ROUNDS,
      kept,
      lost,
    })
    expect(await node.stop()).toBe(0)
  } finally {
    node.signal('SIGKILL')
    await node.exited
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Nobody delivers it: its links are clicked all the same. */
async function letter(node: MailNode): Promise<MessageId> {
  const body = JSON.stringify({ from: 'app@example.com', to: 'a@one.example.net', subject: 'Hi', text: 'Hi' })
  const said = await fetch(`${node.api}/v1/email/send`, { method: 'POST', headers: AUTHORIZED, body })
  return ((await said.json()) as { readonly message_id: MessageId }).message_id
}

async function keyIn(folder: string): Promise<Uint8Array> {
  const secrets = await openMasterSecret(join(folder, 'secret'))
  if (!secrets.ok) throw new Error(secrets.error)
  return secrets.value.deriveKey('tracking')
}

/** Until the node is gone. */
async function click(
  node: MailNode,
  next: () => { readonly url: string; readonly path: string },
  answered: Answered[],
): Promise<void> {
  for (;;) {
    const { url, path } = next()
    try {
      const answer = await fetch(`${node.api}${path}`, { redirect: 'manual' })
      expect(answer.headers.get('location')).toBe(url)
      answered.push({ url, at: performance.now() })
      // Some thousands of events say as much as a hundred thousand.
      await Bun.sleep(5)
    } catch {
      return
    }
  }
}

async function targetsOf(node: MailNode, id: MessageId): Promise<readonly string[]> {
  const said = await fetch(`${node.api}/v1/email/${id}`, { headers: AUTHORIZED })
  const { events } = (await said.json()) as { readonly events: readonly { event: string; url: string }[] }
  return events.filter(({ event }) => event === 'email.clicked').map(({ url }) => url)
}
