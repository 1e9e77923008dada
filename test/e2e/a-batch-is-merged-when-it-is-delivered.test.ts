//
// Decision 7: one content in the store, data in the rows of the messages, merged whenever a copy is made.

import { Database } from 'bun:sqlite'
import { expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { AUTHORIZED, type Lab, startLab } from '../support/appliance.ts'
import { handClock } from '../support/clock.ts'
import type { ApiAnswer } from '../support/lab-answers.ts'
import { LAB_START } from '../support/lab-folder.ts'
import { unsigned } from '../support/message.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { until } from '../support/until.ts'

// The first one with PostgreSQL waits for the cluster to start.
setDefaultTimeout(60_000)

const suite = postgresSuite('PostgreSQL')
const batchOf = (count: number) => ({
  from: 'shop@example.com',
  subject: 'For {{ name }}',
  html: '<p>Dear {{ name }}</p>{% if vip %}<b>VIP</b>{% endif %}',
  messages: Array.from({ length: count }, (_, at) => ({
    to: `r${at}@example.net`,
    data: { name: `Zoë ${at}`, vip: at === 0 },
  })),
})
const batch = (lab: Lab, body: unknown, headers = {}) => lab.post('/v1/email/batch', body, headers)
const idsOf = ({ body }: ApiAnswer): string[] =>
  (body as unknown as { data: { message_id: string }[] }).data.map(({ message_id }) => message_id)

async function expectLetters(lab: Lab, count: number): Promise<void> {
  const letters = await Promise.all(lab.mx.messages.map(({ bytes }) => simpleParser(bytes)))
  expect(
    letters.map(({ subject, text }) => `${subject}: ${text?.replace(/\s+/g, ' ').trim()}`).sort(),
  ).toEqual(
    Array.from({ length: count }, (_, at) => `For Zoë ${at}: Dear Zoë ${at}${at === 0 ? ' VIP' : ''}`).sort(),
  )
}

test('what a node accepted that does not deliver is merged by another, from one content', async () => {
  await using lab = await startLab({ config: { 'server.roles': 'api,submission' } })
  const ids = idsOf(await batch(lab, batchOf(20)))
  const store = new Database(join(lab.folder, 'data/mailwok.db'), { readonly: true })
  expect(store.query('SELECT count(*) AS n FROM contents').get()).toEqual({ n: 1 })
  store.close()
  await lab.stop()
  await lab.start({ 'server.roles': 'delivery' })
  await until('all have arrived', () => lab.mx.messages.length === 20)
  await expectLetters(lab, 20)
  await lab.stop()
  await lab.start()
  for (const id of ids.slice(0, 3)) expect((await lab.message(id)).status).toBe('delivered')
})

test('a second attempt after a restart gives the same bytes', async () => {
  let answers = 0
  await using lab = await startLab({
    mx: {
      at: (moment) => {
        if (moment !== 'BODY' || answers++ > 0) return undefined
        return { reply: '451 4.3.0 try again', store: true }
      },
    },
  })
  const body = batchOf(2)
  const [first = '', second = ''] = idsOf(
    await batch(lab, { ...body, messages: body.messages.map((one) => ({ ...one, track_clicks: true })) }),
  )
  await until('one is deferred', () => lab.mx.messages.length === 2)
  await lab.stop()
  await lab.start()
  await lab.advance(61_000)
  await Promise.all([first, second].map((id) => lab.ended(id)))
  expect(lab.mx.messages).toHaveLength(3)
  const again = lab.mx.messages[2]
  const [before] = lab.mx.messages.filter(({ forwardPaths }) => forwardPaths[0] === again?.forwardPaths[0])
  expect(unsigned(again?.bytes ?? Buffer.alloc(0))).toBe(unsigned(before?.bytes ?? Buffer.alloc(0)))
})

test('people see the copy of a message with what is its own', async () => {
  await using lab = await startLab()
  const ids = idsOf(await batch(lab, batchOf(2)))
  await lab.ended(ids[1] ?? '')
  const seen = await lab.fetch(`/v1/email/${ids[1]}/content?part=html`, { headers: AUTHORIZED })
  expect(await seen.text()).toContain('Dear Zoë 1')
})

test('the data of a message go when its content would, though others still wait for the words', async () => {
  await using lab = await startLab({ config: { 'retention.content': '1h' } })
  const { messages, ...body } = batchOf(2)
  const later = new Date(lab.clock.now() + 3 * 60 * 60_000).toISOString()
  const [first = '', second = ''] = idsOf(
    await batch(lab, { ...body, messages: [messages[0], { ...messages[1], scheduled_at: later }] }),
  )
  const look = (id: string) => lab.fetch(`/v1/email/${id}/content?part=html`, { headers: AUTHORIZED })
  await lab.ended(first)
  expect((await look(first)).status).toBe(200)
  await lab.advance(90 * 60_000)
  await until('the first is gone', async () => (await look(first)).status === 404)
  expect(await (await look(second)).text()).toContain('Dear Zoë 1')
  await lab.advance(91 * 60_000)
  expect((await lab.ended(second)).status).toBe('delivered')
  await expectLetters(lab, 2)
})

test.skipIf(suite.skip)(`${suite.name}: the same batch at two nodes is accepted once`, async () => {
  const config = { 'store.url': await freshDatabase() }
  await using one = await startLab({ config })
  await using two = await startLab({
    beside: one,
    clock: handClock(LAB_START),
    config: { ...config, 'server.node': '2' },
  })
  const key = { 'idempotency-key': 'both' }
  const answers = await Promise.all([one, two, one, two].map((lab) => batch(lab, batchOf(30), key)))
  const good = answers.filter(({ status }) => status === 200)
  const again = await Promise.all([one, two].map((lab) => batch(lab, batchOf(30), key)))
  for (const answer of [...good, ...again]) expect(answer.body).toEqual(good[0]?.body as never)
  for (const { status } of answers) expect([200, 409]).toContain(status)
  await until('all have arrived', () => one.mx.messages.length >= 30)
  await Promise.all(idsOf(again[0] as ApiAnswer).map((id) => one.ended(id)))
  expect(one.mx.messages).toHaveLength(30)
  await expectLetters(one, 30)
})
