//
// Whoever looks for mail finds it: by what people know of it, at once after it was accepted, and only their own.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

let lab: Lab
const ids: Record<string, string> = {}

beforeAll(async () => {
  lab = await startLab({
    mx: {
      at: (moment, { line }) =>
        moment === 'RCPT' && line.includes('gone') ? '550 5.1.1 no such user' : undefined,
    },
  })
  ids['order'] = await lab.sent({
    subject: 'Your order №12 has shipped',
    to: 'ada@example.net',
    tags: ['order'],
  })
  ids['news'] = await lab.sent({
    subject: 'News of May',
    to: ['Bob@example.net', 'gone@example.net'],
    stream: 'marketing',
    campaign: 'may',
  })
  ids['test'] = await lab.sent({ subject: 'Rückerstattung', to: 'ada@example.net', scheduled_at: later() })
  await lab.ended(ids['order'])
  await lab.ended(ids['news'])
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
})

const later = (): string => new Date(lab.clock.now() + 3_600_000).toISOString()

async function found(
  query: string,
): Promise<{ status: number; body: Record<string, unknown>; names: string[] }> {
  const answer = await lab.fetch(`/v1/email${query}`, { headers: { authorization: `Bearer ${LAB_KEY}` } })
  const body = (await answer.json()) as Record<string, unknown>
  const rows = (body['data'] ?? []) as { message_id: string }[]
  const nameOf = (id: string): string => Object.keys(ids).find((name) => ids[name] === id) ?? '?'
  return { status: answer.status, body, names: rows.map(({ message_id }) => nameOf(message_id)) }
}

test.each([
  ['', ['test', 'news', 'order']],
  ['?limit=2', ['test', 'news']],
  ['?recipient=ADA@example.net', ['test', 'order']],
  ['?recipient=@EXAMPLE.net', ['test', 'news', 'order']],
  ['?recipient=bob@example.net', ['news']],
  ['?subject=shipped%20ORDER', ['order']],
  ['?subject=r%C3%BCckerstattung', ['test']],
  ['?subject=ship', []],
  ['?tag=order', ['order']],
  ['?tag=ord', []],
  ['?campaign=may&stream=marketing', ['news']],
  ['?status=bounced', ['news']],
  ['?status=scheduled', ['test']],
  ['?status=scheduled,delivered', ['test', 'news', 'order']],
  ['?status=held', []],
  ['?from=@example.com', ['test', 'news', 'order']],
  ['?from=nobody@example.com', []],
  ['?test=true', []],
  ['?until=2001-01-01', []],
])('%s', async (query, names) => {
  const answer = await found(query)
  expect(answer.status).toBe(200)
  expect(answer.names).toEqual([...names])
  expect(answer.body['searched_to']).toBeNull()
  expect(answer.body['has_more']).toBe(query === '?limit=2')
})

test('a page goes on in both directions', async () => {
  expect((await found(`?after=${ids['test']}`)).names).toEqual(['news', 'order'])
  expect((await found(`?before=${ids['order']}&limit=1`)).names).toEqual(['news'])
})

test('a row says who got it, and what became of it', async () => {
  const { body } = await found('?status=bounced')
  expect((body['data'] as unknown[])[0]).toMatchObject({
    message_id: ids['news'],
    status: 'bounced',
    recipients: [{ recipient: 'gone@example.net', status: 'bounced' }],
    counts: { delivered: 1, bounced: 1 },
    stream: 'marketing',
    campaign: 'may',
    test: false,
  })
})

test.each([
  ['?recipient=nobody', 'recipient'],
  ['?from=@', 'from'],
  ['?subject=%E2%80%94', 'subject'],
  ['?status=sent', 'status'],
  ['?limit=0', 'limit'],
  ['?limit=201', 'limit'],
  ['?after=msg_1', 'after'],
  ['?since=yesterday', 'since'],
  ['?recipent=a@example.net', 'recipent'],
])('%s is refused, and named', async (query, path) => {
  const { body, status } = await found(query)
  expect(status).toBe(422)
  expect(body).toMatchObject({ error: { code: 'validation_failed', fields: [{ path }] } })
})

test('a mark that is none is refused by what one looks like', async () => {
  const { body } = await found('?after=msg_1')
  expect(body).toMatchObject({ error: { message: 'after wants one such as msg_mwsuuzu20001.' } })
})

test('after and before do not go together', async () => {
  const { status } = await found(`?after=${ids['test']}&before=${ids['order']}`)
  expect(status).toBe(422)
})

test('the operator looks by the same words', async () => {
  const listed = await lab.admin.messageList({ recipient: null, state: 'bounced', subject: 'may', limit: 10 })
  expect(listed.ok && listed.value.messages.map(({ recipient }) => recipient)).toEqual(['gone@example.net'])
  const wrong = await lab.admin.messageList({ recipient: null, state: null, since: 'yesterday', limit: 1 })
  expect(wrong).toMatchObject({ ok: false, error: { code: 'usage' } })
})

test('the events of a message come page by page; of nobody else’s there are none', async () => {
  const events = async (id: string, query = '') => {
    const answer = await lab.fetch(`/v1/email/${id}/events${query}`, {
      headers: { authorization: `Bearer ${LAB_KEY}` },
    })
    return {
      status: answer.status,
      body: (await answer.json()) as { data: { event: string }[]; has_more: boolean; next: string },
    }
  }
  const id = ids['news'] ?? ''
  const all = await events(id)
  expect(all.body.data.map(({ event }) => event).sort()).toEqual([
    'email.bounced',
    'email.delivered',
    'email.queued',
    'email.queued',
  ])
  const first = await events(id, '?limit=1')
  expect(first.body).toMatchObject({ has_more: true, data: [{ event: 'email.queued' }] })
  const rest = await events(id, `?after=${first.body.next}`)
  expect([...first.body.data, ...rest.body.data]).toEqual(all.body.data)
  expect((await events(id, '?type=email.bounced')).body.data.length).toBe(1)
  expect((await events('msg_000000000000')).status).toBe(404)
  expect((await events(id, '?after=x')).status).toBe(422)
})
