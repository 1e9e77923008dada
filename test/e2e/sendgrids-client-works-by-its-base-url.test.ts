//
// SendGrid's official client against /compat/sendgrid: send, personalizations, look-up, and clear errors.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import sendgrid from '@sendgrid/client'
import sendgridMail from '@sendgrid/mail'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

let lab: Lab
let client: ReturnType<typeof clientOf>['client']
let mail: ReturnType<typeof clientOf>['mail']
beforeAll(async () => {
  lab = await startLab()
  ;({ client, mail } = clientOf(LAB_KEY))
})
afterAll(() => lab[Symbol.asyncDispose]())

/** The packages export one of each; their classes have no name that the compiler would see. */
const another = <T extends object>(one: T): T => new (one.constructor as new () => T)()

function clientOf(key: string) {
  const warn = console.warn
  // It says so where a key does not begin as those of SendGrid do.
  console.warn = () => undefined
  const client = another(sendgrid)
  client.setApiKey(key)
  console.warn = warn
  client.setDefaultRequest('baseUrl', `http://127.0.0.1:${lab.port('api.http')}/compat/sendgrid`)
  const mail = another(sendgridMail)
  mail.setClient(client)
  return { client, mail }
}

const LETTER = { from: 'shop@example.com', to: 'a@example.net', subject: 'Hello', text: 'It works' }

interface Refusal {
  readonly code: number
  readonly response: {
    readonly body: { readonly errors: readonly { message: string; field: string | null }[] }
  }
}
async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const settled = await lab.meanwhile(
    call.then(
      () => null,
      (error: Refusal) => error,
    ),
  )
  if (settled === null) throw new Error('it was taken')
  return settled
}

test('a message goes out with its fields, and is looked up', async () => {
  const [response] = await mail.send({
    ...LETTER,
    from: { email: 'shop@example.com', name: 'The "Shop", Inc.' },
    cc: 'b@example.net',
    replyTo: 'desk@example.com',
    html: '<p>It works</p><img src="cid:logo">',
    headers: { 'X-Order': '17' },
    categories: ['order'],
    customArgs: { order: '17' },
    trackingSettings: { clickTracking: { enable: false }, openTracking: { enable: false } },
    asm: { groupId: 17 },
    attachments: [
      { filename: 'terms.txt', content: 'SGVsbG8=', type: 'text/plain', disposition: 'attachment' },
      {
        filename: 'logo.png',
        content: 'iVBORw==',
        type: 'image/png',
        disposition: 'inline',
        contentId: 'logo',
      },
    ],
  })
  expect(response.statusCode).toBe(202)
  const id = response.headers['x-message-id']
  const message = await lab.ended(id)
  expect(message).toMatchObject({ tags: ['order'], custom: { order: '17' }, list: 'asm-17' })
  const bytes = lab.mx.messages.map((one) => one.bytes.toString()).join('\n')
  expect(bytes).toContain('From: "The \\"Shop\\", Inc." <shop@example.com>')
  expect(bytes).toContain('Reply-To: desk@example.com')
  expect(bytes).toContain('Content-ID: <logo>')
  expect(bytes).toContain('List-Unsubscribe:')
  const [, found] = await client.request({ method: 'GET', url: `/v3/messages/${id}` })
  expect(found).toMatchObject({
    msg_id: id,
    status: 'delivered',
    from_email: 'shop@example.com',
    events: expect.arrayContaining([expect.objectContaining({ event_name: 'delivered' })]),
  })
})

test('substitutions are put in for each personalization', async () => {
  const [response] = await mail.send({
    ...LETTER,
    to: 'c@example.net',
    text: 'Hello {{name}}, {{name}}: 100% {{rest}}',
    substitutions: { name: 'Ann <&> $1', unused: 'x' },
  })
  await lab.ended(response.headers['x-message-id'])
  expect(lab.mx.messages.at(-1)?.bytes.toString()).toContain('Hello Ann <&> $1, Ann <&> $1: 100% {{rest}}')
})

test('several personalizations are a message each, all or none', async () => {
  const [response] = await mail.send({
    from: LETTER.from,
    subject: 'Order -number-',
    text: 'Hello -name-',
    substitutionWrappers: ['-', '-'],
    customArgs: { shop: 'north' },
    personalizations: [
      { to: 'e@example.net', substitutions: { name: 'Eve', number: '1' }, customArgs: { order: '1' } },
      { to: 'f@example.net', substitutions: { name: 'Finn', number: '2' }, subject: 'Yours, -name-' },
    ],
  })
  expect(response.statusCode).toBe(202)
  const ids = response.headers['x-mailwok-message-ids'].split(' ')
  expect(ids).toHaveLength(2)
  expect(ids[0]).toBe(response.headers['x-message-id'])
  const [eve, finn] = await Promise.all(ids.map((id: string) => lab.ended(id)))
  expect(eve).toMatchObject({
    to: ['e@example.net'],
    subject: 'Order 1',
    custom: { shop: 'north', order: '1' },
  })
  expect(finn).toMatchObject({ to: ['f@example.net'], subject: 'Yours, Finn', custom: { shop: 'north' } })
  const before = lab.mx.messages.length
  const personalizations = [{ to: 'g@example.net' }, { to: 'nobody@' }]
  const refused = await refusalOf(mail.send({ from: LETTER.from, subject: 's', text: 't', personalizations }))
  expect(refused.response.body.errors[0]?.field).toBe('personalizations[1].to[0]')
  expect(lab.mx.messages.length).toBe(before)
})

test('a message waits until send_at', async () => {
  const sendAt = Math.floor(lab.clock.now() / 1000) + 7200
  const [response] = await mail.send({ ...LETTER, sendAt })
  expect(await lab.message(response.headers['x-message-id'])).toMatchObject({
    status: 'scheduled',
    scheduled_at: new Date(sendAt * 1000).toISOString(),
  })
})

test('the lists of bounces, reports and unsubscribes are kept apart', async () => {
  const ask = async (method: 'GET' | 'POST' | 'DELETE', url: string, body?: object) =>
    (await client.request({ method, url, ...(body ? { body } : {}) }))[1] as unknown
  await lab.post('/v1/suppressions', { address: 'hard@example.net', reason: 'hard_bounce', note: '550 no' })
  await ask('POST', '/v3/asm/suppressions/global', { recipient_emails: ['left@example.net'] })
  expect(await ask('GET', '/v3/suppression/bounces')).toMatchObject([
    { email: 'hard@example.net', reason: '550 no' },
  ])
  expect(await ask('GET', '/v3/suppression/unsubscribes')).toMatchObject([{ email: 'left@example.net' }])
  expect(await ask('GET', '/v3/suppression/spam_reports')).toEqual([])
  // What is on another list is not taken off that.
  const refused = await refusalOf(ask('DELETE', '/v3/suppression/bounces/left@example.net'))
  expect(refused.code).toBe(404)
  await ask('DELETE', '/v3/suppression/bounces/hard@example.net')
  expect(await ask('GET', '/v3/suppression/bounces')).toEqual([])
  expect(await ask('GET', '/v3/asm/suppressions/global/left@example.net')).toEqual({
    recipient_email: 'left@example.net',
  })
})

test('sandbox mode checks and sends nothing', async () => {
  const before = lab.mx.messages.length
  const [response] = await mail.send({ ...LETTER, mailSettings: { sandboxMode: { enable: true } } })
  expect(response.statusCode).toBe(200)
  expect(response.headers['x-message-id']).toBeUndefined()
  expect(lab.mx.messages.length).toBe(before)
})

test.each([
  ['an unknown key', () => clientOf('mwk_live_0000000000000000000000').mail.send(LETTER), 401, null],
  ['an address that is none', () => mail.send({ ...LETTER, to: 'nobody@' }), 400, 'to[0]'],
  [
    'a calendar part',
    () => mail.send({ ...LETTER, content: [{ type: 'text/calendar', value: 'x' }] }),
    400,
    'content[0].type',
  ],
  [
    'a footer',
    () => mail.send({ ...LETTER, mailSettings: { footer: { enable: true } } }),
    400,
    'mail_settings.footer.enable',
  ],
  ['a batch id', () => mail.send({ ...LETTER, batchId: 'x' }), 400, 'batch_id'],
])('%s is refused in the shape of SendGrid', async (_, call, code, field) => {
  const refused = await refusalOf(call())
  expect(refused.code).toBe(code)
  expect(refused.response.body.errors[0]).toMatchObject({ message: expect.any(String), field })
})

test('a route that is not here says what to use', async () => {
  const refused = await refusalOf(client.request({ method: 'GET', url: '/v3/api_keys' }))
  expect(refused.code).toBe(404)
  expect(refused.response.body.errors[0]?.message).toContain('/v1/keys')
})
