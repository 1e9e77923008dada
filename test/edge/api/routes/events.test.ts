import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, must, startLab } from '../../../support/appliance.ts'
import { type Listener, listen } from '../../../support/event-stream.ts'
import { freshDatabase, postgresSuite } from '../../../support/postgres-cluster.ts'
import { until } from '../../../support/until.ts'

type Entry = Readonly<Record<string, unknown>>
interface Page {
  readonly data: readonly Entry[]
  readonly has_more: boolean
  readonly next: string
  readonly error?: { readonly code: string; readonly fields?: readonly { readonly path: string }[] }
}

const onPostgres = postgresSuite('PostgreSQL')

describe('SQLite', () => suite(async () => ({})))
describe.skipIf(onPostgres.skip)(onPostgres.name, () =>
  suite(async () => ({ 'store.url': await freshDatabase() })),
)

function suite(config: () => Promise<Readonly<Record<string, string>>>): void {
  let lab: Lab
  let theirs: Readonly<Record<string, string>>
  let ids: readonly string[]

  const read = async (query = '', headers: Readonly<Record<string, string>> = AUTHORIZED) => {
    const answer = await lab.fetch(`/v1/events${query}`, { headers })
    return { status: answer.status, body: (await answer.json()) as Page }
  }

  beforeAll(async () => {
    lab = await startLab({ config: await config() })
    must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
    const { key } = must(await lab.admin.keyCreate({ account: 'other', name: 'k', mode: 'live' }))
    theirs = { authorization: `Bearer ${key}` }
    ids = [await lab.sent({ to: ['ann@example.net', 'bob@example.net'], tags: ['x'], custom: { order: 7 } })]
    for (const id of ids) await lab.ended(id)
    ids = [...ids, await lab.sent({ to: 'cid@example.net' })]
    await lab.ended(ids[1] ?? '')
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  test('an entry is the body of a webhook, with its id and its place', async () => {
    const { body } = await read('?type=email.delivered&limit=1')
    const [entry] = body.data
    expect(Object.keys(entry ?? {})).toEqual([
      'id',
      'cursor',
      'event',
      'timestamp',
      'message_id',
      'recipient',
      'metadata',
      'type',
      'custom',
      'test',
      'mx',
      'response',
      'elapsed_ms',
    ])
    expect(entry).toMatchObject({
      id: expect.stringMatching(/^evt_[0-9a-z]{12}$/),
      event: 'email.delivered',
      message_id: ids[0],
      metadata: { tags: ['x'], ip: '127.0.0.1' },
      custom: { order: 7 },
      test: false,
    })
  })

  test.each(['asc', 'desc'])('pages of one, %s, tell each once', async (order) => {
    const whole = (await read(`?order=${order}`)).body
    expect([whole.data.length, whole.has_more]).toEqual([6, false])
    const seen: unknown[] = []
    for (let after = '', more = true; more; ) {
      const { body } = await read(`?order=${order}&limit=1${after && `&after=${after}`}`)
      seen.push(...body.data.map(({ id }) => id))
      after = body.next
      more = body.has_more
    }
    expect(seen).toEqual(whole.data.map(({ id }) => id))
  })

  test('filters are taken together', async () => {
    const { body } = await read(
      `?message_id=${ids[0]}&recipient=bob@example.net&type=email.delivered,email.bounced`,
    )
    expect(body.data.map(({ event, recipient }) => `${event} ${recipient}`)).toEqual([
      'email.delivered bob@example.net',
    ])
    expect((await read(`?message_id=${ids[1]}&recipient=bob@example.net`)).body.data).toEqual([])
  })

  test('nobody reads the events of others, whatever is asked for', async () => {
    const place = (await read('?limit=1')).body.next
    for (const query of ['', `?message_id=${ids[0]}`, '?recipient=ann@example.net', `?after=${place}`]) {
      expect((await read(query, theirs)).body.data).toEqual([])
    }
    const stream = await listen(lab, { ...theirs, 'last-event-id': place })
    await lab.advance(5000)
    expect(stream.events()).toEqual([])
    await stream.close()
    for (const path of ['', '/stream']) expect((await read(path, {})).status).toBe(401)
  })

  test.each([
    ['type=', 'type'],
    ['type=email.delivered,', 'type'],
    ['message_id=msg_', 'message_id'],
    ['recipient=ann', 'recipient'],
    ['until=2026-13-01', 'until'],
    ['limit=1001', 'limit'],
    ['limit=1.5', 'limit'],
    ['after=1.2.3', 'after'],
    ['after=-1', 'after'],
    ['after=99999999999999999999', 'after'],
    ['after=1.9999999999999999999', 'after'],
    ['cursor=1', 'cursor'],
  ])('%s is refused by name', async (query, path) => {
    const { body, status } = await read(`?${query}`)
    expect([status, body.error?.fields?.[0]?.path]).toEqual([422, path])
  })

  test.each(['99999999999999999999', '1.9999999999999999999', 'x'])(
    'a stream from %s is refused',
    async (place) => {
      const stream = await listen(lab, { 'last-event-id': place })
      expect(stream.status).toBe(422)
      await stream.close()
    },
  )

  test('a stream from a place that the log has not reached tells what comes', async () => {
    // A log that was restored from a copy of yesterday.
    const stream = await listen(lab, { 'last-event-id': '18446744073709551615.9223372036854775807' })
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    await until('it is open', () => stream.text().includes('retry:'))
    await lab.sent()
    await lab.meanwhile(until('it tells', () => stream.events().length === 2))
    await stream.close()
  })

  test('twenty streams of an account are served; who goes makes room', async () => {
    const streams: Listener[] = []
    for (let count = 0; count < 20; count++) streams.push(await listen(lab))
    await until('all are open', () => streams.every((one) => one.text().includes('retry:')))
    const late = await listen(lab)
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '10'])
    await lab.sent()
    await lab.meanwhile(until('all have it', () => streams.every((one) => one.events().length === 2)))
    await Promise.all(streams.map((one) => one.close()))
    await lab.meanwhile(
      until('there is room', async () => {
        const next = await listen(lab)
        await next.close()
        return next.status === 200
      }),
    )
  })

  test('who goes on from a place after a restart misses nothing and hears nothing twice', async () => {
    const stream = await listen(lab)
    await until('it is open', () => stream.text().includes('retry:'))
    await lab.sent({ to: 'before@example.net' })
    await lab.meanwhile(until('it tells', () => stream.events().length === 2))
    const place = stream.lastId()
    const whileAway = await lab.sent({ to: 'away@example.net' })
    await lab.ended(whileAway)
    await stream.close()
    await lab.stop()
    await lab.start()
    const again = await listen(lab, { 'last-event-id': place })
    await lab.meanwhile(until('what was missed is told', () => again.events().length === 2))
    const told = [...again.text().matchAll(/"message_id":"([^"]+)"/g)].map(([, id]) => id)
    expect(told).toEqual([whileAway, whileAway])
    await again.close()
  })
}
