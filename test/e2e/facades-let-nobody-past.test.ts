//
// What a facade is asked by strangers, by other tenants and by broken programs: each vendor's own shape, and never more than
// the same key could do at /v1.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

let lab: Lab
let theirs = ''
let testKey = ''
let sendsAlone = ''
beforeAll(async () => {
  lab = await startLab({ config: { 'api.max_body_size': '1MB' } })
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  theirs = must(await lab.admin.keyCreate({ account: 'other', name: 'theirs', mode: 'live' })).key
  const narrow = { account: 'default', name: 'sends', mode: 'live', scopes: ['email:send'] } as const
  sendsAlone = must(await lab.admin.keyCreate(narrow)).key
  testKey = must(await lab.admin.keyCreate({ account: 'default', name: 'try', mode: 'test' })).key
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Vendor {
  readonly name: string
  readonly send: string
  readonly body: string
  readonly type: string
  auth(key: string): Record<string, string>
  readonly look: (id: string) => string
}

const json = 'application/json'
const VENDORS: readonly Vendor[] = [
  {
    name: 'resend',
    send: '/emails',
    type: json,
    body: JSON.stringify({ from: 'a@example.com', to: 'b@example.net', subject: 's', text: 't' }),
    auth: (key) => ({ authorization: `Bearer ${key}` }),
    look: (id) => `/emails/${id}`,
  },
  {
    name: 'sendgrid',
    send: '/v3/mail/send',
    type: json,
    body: JSON.stringify({
      from: { email: 'a@example.com' },
      personalizations: [{ to: [{ email: 'b@example.net' }] }],
      subject: 's',
      content: [{ type: 'text/plain', value: 't' }],
    }),
    auth: (key) => ({ authorization: `Bearer ${key}` }),
    look: (id) => `/v3/messages/${id}`,
  },
  {
    name: 'postmark',
    send: '/email',
    type: json,
    body: JSON.stringify({ From: 'a@example.com', To: 'b@example.net', Subject: 's', TextBody: 't' }),
    auth: (key) => ({ 'x-postmark-server-token': key }),
    look: (id) => `/messages/outbound/${id}/details`,
  },
  {
    name: 'mailgun',
    send: '/v3/example.com/messages',
    type: 'application/x-www-form-urlencoded',
    body: 'from=a@example.com&to=b@example.net&subject=s&text=t',
    auth: (key) => ({ authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}` }),
    look: (id) => `/v3/domains/example.com/messages/${id}`,
  },
]

describe.each(VENDORS)('$name', (vendor) => {
  const { auth, body, look, name, send, type } = vendor
  const ask = (path: string, init: RequestInit & { readonly key?: string | null } = {}) => {
    const { key = LAB_KEY, ...rest } = init
    const headers = {
      ...(key === null ? {} : auth(key)),
      ...(rest.body ? { 'content-type': type } : {}),
      ...(rest.headers as object),
    }
    return lab.meanwhile(lab.fetch(`/compat/${name}${path}`, { ...rest, headers }))
  }
  const post = (text: string | FormData, more: RequestInit & { readonly key?: string | null } = {}) =>
    ask(send, { method: 'POST', body: text, ...more })
  const idOf = (text: string): string => /msg_[0-9a-z]{12}/.exec(text)?.[0] ?? ''
  const sentId = async (answer: Response) =>
    idOf((await answer.text()) + (answer.headers.get('x-message-id') ?? ''))

  test('no key, an empty one and an unknown one are 401, before the body is looked at', async () => {
    for (const key of [null, '', 'mwk_live_0000000000000000000000', 'x'.repeat(5000)]) {
      const answer = await post('{', { key })
      expect([key?.slice(0, 30), answer.status]).toEqual([key?.slice(0, 30), 401])
      expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
    }
  })

  test('another account finds nothing', async () => {
    const id = await sentId(await post(body))
    expect(id).not.toBe('')
    expect((await ask(look(id))).status).toBe(200)
    expect((await ask(look(id), { key: theirs })).status).toBe(404)
    expect(await lab.ended(id)).toMatchObject({ message_id: id })
  })

  test('a key that may send alone sends, and looks nothing up', async () => {
    const id = await sentId(await post(body, { key: sendsAlone }))
    expect(id).not.toBe('')
    expect((await ask(look(id), { key: sendsAlone })).status).toBe(name === 'postmark' ? 422 : 403)
    await lab.ended(id)
  })

  test('a test key delivers nothing', async () => {
    const before = lab.mx.messages.length
    const id = await sentId(await post(body, { key: testKey }))
    expect(await lab.ended(id)).toMatchObject({ test: true })
    expect(lab.mx.messages.length).toBe(before)
  })

  test.each([
    '..',
    '%2e%2e',
    '%2e%2e%2fkeys',
    '..%2fkeys',
    '%00',
    '%',
    'x/../../v1/keys',
    'é',
    `${'x'.repeat(3000)}`,
  ])('an id such as %p is not found', async (id) => {
    const answer = await ask(look(id))
    // A client makes of two dots the path above: of Mailgun's the domain, that this key may read.
    const isAbove = name === 'mailgun' && /^(?:\.|%2e){2}$/i.test(id)
    expect(isAbove ? [200] : [404, 405]).toContain(answer.status)
    expect(await answer.text()).not.toContain('"prefix"')
  })

  test('a body that is too large, cut or of another type is told so', async () => {
    expect((await post(`${body}${' '.repeat(1_100_000)}`)).status).toBe(413)
    const cut = await post(type === json ? '{"from": ' : '', { headers: { 'content-type': type } })
    expect([400, 422]).toContain(cut.status)
    expect([400, 415, 422]).toContain((await post('x', { headers: { 'content-type': 'text/plain' } })).status)
    expect((await ask(send, { method: 'DELETE' })).status).toBe(405)
    expect((await ask('/nothing')).status).toBe(404)
  })

  test('odd JSON is refused, never ours to break on', async () => {
    if (type !== json) return
    for (const odd of [
      'null',
      '7',
      '"x"',
      '[]',
      '[[]]',
      '{}',
      '[null]',
      '{"to": {"x": 1}}',
      '{"personalizations": [[]]}',
    ]) {
      const answer = await post(odd)
      expect([odd, answer.status >= 400 && answer.status < 500]).toEqual([odd, true])
    }
  })
})

test('an unknown vendor is told in our own words', async () => {
  const answer = await lab.fetch('/compat/mandrill/messages', { method: 'POST' })
  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ success: false, error: { code: 'not_found' } })
})

test('forms of many parts, of none and of junk are refused', async () => {
  const { auth } = VENDORS[3] as Vendor
  const path = '/compat/mailgun/v3/example.com/messages'
  const ask = async (body: string | FormData, headers: Record<string, string> = {}) =>
    (await lab.fetch(path, { method: 'POST', headers: { ...auth(LAB_KEY), ...headers }, body })).status
  const many = new FormData()
  for (let part = 0; part < 2001; part += 1) many.append(`x${part}`, '')
  expect(await ask(many)).toBe(400)
  expect(await ask('junk', { 'content-type': 'multipart/form-data; boundary=x' })).toBe(400)
  expect(await ask('--x\r\n\r\n', { 'content-type': 'multipart/form-data' })).toBe(400)
  const file = new FormData()
  for (const [name, text] of new URLSearchParams(VENDORS[3]?.body)) file.append(name, text)
  file.append('to', new File(['b@example.net'], 'to.txt'))
  expect(await ask(file)).toBe(400)
})

test('text that vendors would fill in is refused instead of sent as it stands', async () => {
  const post = async (path: string, headers: Record<string, string>, body: unknown) =>
    lab.fetch(`/compat/${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': json },
      body: JSON.stringify(body),
    })
  const [, sendgrid, postmark] = VENDORS as readonly [Vendor, Vendor, Vendor]
  const one = await post('sendgrid/v3/mail/send', sendgrid.auth(LAB_KEY), {
    ...JSON.parse(sendgrid.body),
    content: [{ type: 'text/html', value: '<a href="<%asm_group_unsubscribe_raw_url%>">leave</a>' }],
  })
  expect(await one.text()).toContain('asm_group_unsubscribe_raw_url')
  const other = await post('postmark/email', postmark.auth(LAB_KEY), {
    ...JSON.parse(postmark.body),
    HtmlBody: '<a href="{{{ pm:unsubscribe }}}">leave</a>',
  })
  expect(await other.json()).toMatchObject({
    ErrorCode: 300,
    Message: expect.stringContaining('pm:unsubscribe'),
  })
})
