//
// kill -9 while batches are accepted: what was answered is there, what was not is whole or not there at all, and the
// same request with the same key after the crash sends nothing twice (docs/idempotency.md).

import { expect } from 'bun:test'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { chanceOf } from './chance.ts'
import { type Lab, say, until, withLab } from './lab.ts'
import { API_KEY, type MailNode, SENDER } from './node.ts'
import { SETPRIV, trial } from './trial.ts'
import { askPostgres, askSqlite, type Witness } from './witness.ts'

const ROUNDS = Number(
  process.env['MAILWOK_CRASH_ROUNDS'] ?? (process.env['MAILWOK_TEST_ALL'] === '1' ? 8 : 4),
)
const CLIENTS = 4
/** Of a client in one life: the store need not hold a whole day's mail. */
const MOST = 15
const GOOD = 50

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  trial(
    {
      claim: `over ${ROUNDS} rounds of kill -9 a batch is whole or not there, and repeated it is sent once (${engine})`,
      within: 60_000 + ROUNDS * 10_000,
      needs: engine === 'SQLite' ? SETPRIV : { ...SETPRIV, PostgreSQL: !postgresSuite(engine).skip },
    },
    async () => {
      const storeUrl = engine === 'SQLite' ? null : await freshDatabase()
      await withLab((lab) => crash(lab, storeUrl))
    },
  )
}

interface Asked {
  readonly name: string
  /** Of the life in which it was first asked for; null: no answer came. */
  answer: string | null
}

async function crash(lab: Lab, storeUrl: string | null): Promise<void> {
  const chance = chanceOf()
  const options = {
    // What is accepted stays where the witness finds it.
    settings: { 'server.roles': '["api"]' },
    ...(storeUrl === null ? {} : { storeUrl }),
  }
  const look = () => (storeUrl === null ? askSqlite(lab.folder) : askPostgres(storeUrl))
  const all: Asked[] = []
  const counts = { answered: 0, 'whole without an answer': 0, 'not there': 0 }
  let node = await lab.start(options)
  for (let round = 1; round <= ROUNDS; round += 1) {
    const asked: Asked[] = []
    const clients = Array.from({ length: CLIENTS }, (_, client) => load(node, `${round}-${client}`, asked))
    await until('a first answer', () => asked.some(({ answer }) => answer !== null))
    await Bun.sleep(chance.between(0, 400))
    node.signal('SIGKILL')
    await node.exited
    await Promise.all(clients)
    const witness = await look()
    node = await lab.start(options)
    for (const one of asked) {
      const there = goodOf(one.name).filter((recipient) => witness.known.has(recipient)).length
      expect([one.name, there]).toEqual([one.name, one.answer !== null || there > 0 ? GOOD : 0])
      counts[one.answer !== null ? 'answered' : there > 0 ? 'whole without an answer' : 'not there'] += 1
      await expectRepeated(node, one, there > 0)
    }
    all.push(...asked)
  }
  expect(await node.stop()).toBe(0)
  expectOnce(await look(), all)
  say(`kill -9 of batches, ${storeUrl === null ? 'SQLite' : 'PostgreSQL'}`, {
    batches: all.length,
    ...counts,
  })
}

/** What is in the store has its answer there, too; what is not is sent now. */
async function expectRepeated(node: MailNode, { answer, name }: Asked, isThere: boolean): Promise<void> {
  const again = await ask(node, name)
  const text = await again.text()
  expect([name, again.status, again.headers.get('idempotency-replayed')]).toEqual([
    name,
    200,
    isThere ? 'true' : null,
  ])
  expect(JSON.parse(text)).toMatchObject({ accepted: GOOD, refused: 1 })
  if (answer !== null) expect(text).toBe(answer)
}

function expectOnce(witness: Witness, all: readonly Asked[]): void {
  expect(witness.known).toEqual(new Set(all.flatMap(({ name }) => goodOf(name))))
  expect(witness.deliveries).toBe(all.length * GOOD)
}

async function load(node: MailNode, client: string, asked: Asked[]): Promise<void> {
  for (let place = 0; place < MOST; place += 1) {
    const one: Asked = { name: `b${client}-${place}`, answer: null }
    asked.push(one)
    try {
      const answer = await ask(node, one.name)
      one.answer = await answer.text()
    } catch {
      // The node is dead.
      return
    }
  }
}

const ask = (node: MailNode, name: string): Promise<Response> =>
  fetch(`${node.api}/v1/email/batch`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${API_KEY}`,
      'content-type': 'application/json',
      'idempotency-key': name,
    },
    body: JSON.stringify({
      from: SENDER,
      subject: 'Order {{ n }}',
      text: 'Order {{ n }} left.',
      messages: [
        ...goodOf(name).map((to, n) => ({ to, data: { n } })),
        { to: `bad-${name}@one.example.net`, data: {} },
      ],
    }),
    signal: AbortSignal.timeout(15_000),
  })

const goodOf = (name: string): readonly string[] =>
  Array.from({ length: GOOD }, (_, place) => `${name}-${place}@one.example.net`)
