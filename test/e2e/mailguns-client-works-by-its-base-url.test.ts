//
// Mailgun's official client against /compat/mailgun: forms with files, recipient variables, events, and clear errors.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import NodeFormData from 'form-data'
import Mailgun from 'mailgun.js'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

type Client = ReturnType<Mailgun['client']>
/** It is there, and its type is not. */
type WithStored = Client['messages'] & { retrieveStoredEmail(domain: string, key: string): Promise<unknown> }

let lab: Lab
let mailgun: Client
beforeAll(async () => {
  lab = await startLab()
  mailgun = clientOf(LAB_KEY)
})
afterAll(() => lab[Symbol.asyncDispose]())

const clientOf = (key: string, form: unknown = NodeFormData): Client =>
  new Mailgun(form as typeof NodeFormData).client({
    username: 'api',
    key,
    url: `http://127.0.0.1:${lab.port('api.http')}/compat/mailgun`,
  })

const DOMAIN = 'example.com'
const LETTER = { from: 'Shop <shop@example.com>', to: 'a@example.net', subject: 'Hello', text: 'It works' }
const idIn = (id: string | undefined): string =>
  /^<(msg_[0-9a-z]{12})@example\.com>$/.exec(id ?? '')?.[1] ?? ''

interface Refusal {
  readonly status: number
  readonly details: string
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

test('a message goes out with its fields and files, and is looked up', async () => {
  const sent = await mailgun.messages.create(DOMAIN, {
    ...LETTER,
    to: ['"Ann, of a" <a@example.net>', 'b@example.net, c@example.net'],
    cc: 'd@example.net',
    html: '<p>It works</p><img src="cid:logo.png">',
    'h:Reply-To': 'desk@example.com',
    'h:X-Order': '17',
    'v:order': '17',
    'v:basket': JSON.stringify({ items: 2 }),
    'o:tag': ['order', 'vip'],
    'o:tracking': false,
    'o:dkim': true,
    attachment: [{ filename: 'terms.txt', data: Buffer.from('Hello é') }],
    inline: { filename: 'logo.png', data: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]) },
  })
  expect(sent).toMatchObject({ status: 200, message: 'Queued. Thank you.' })
  const id = idIn(sent.id)
  const message = await lab.ended(id)
  expect(message).toMatchObject({
    tags: ['order', 'vip'],
    custom: { order: '17', basket: { items: 2 } },
    to: ['a@example.net', 'b@example.net', 'c@example.net', 'd@example.net'],
  })
  const bytes = lab.mx.messages.at(-1)?.bytes.toString() ?? ''
  expect(bytes).toContain('To: "Ann, of a" <a@example.net>, b@example.net, c@example.net')
  expect(bytes).toContain('X-Order: 17')
  expect(bytes).toContain('Reply-To: desk@example.com')
  expect(bytes).toContain('Content-ID: <logo.png>')
  expect(bytes).toContain(Buffer.from('Hello é').toString('base64'))
  expect(bytes).toContain(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]).toString('base64'))
  const log = await mailgun.events.get(DOMAIN, { 'message-id': sent.id ?? '', event: 'delivered', limit: 2 })
  expect(log.items).toMatchObject([
    { event: 'delivered', tags: ['order', 'vip'], 'user-variables': { order: '17' } },
    { event: 'delivered' },
  ])
  const rest = await mailgun.events.get(DOMAIN, { page: log.pages.next?.page ?? '' })
  expect(rest.items).toHaveLength(2)
  const stored = await (mailgun.messages as WithStored).retrieveStoredEmail(DOMAIN, id)
  expect(stored).toMatchObject({ Subject: 'Hello', 'Message-Id': sent.id })
})

test('the form of the platform works as that of the package', async () => {
  const sent = await clientOf(LAB_KEY, FormData).messages.create(DOMAIN, { ...LETTER, 'o:tag': 'plain' })
  expect(await lab.ended(idIn(sent.id))).toMatchObject({ tags: ['plain'] })
})

test('recipient variables make a message for each recipient', async () => {
  const before = lab.mx.messages.length
  const sent = await mailgun.messages.create(DOMAIN, {
    ...LETTER,
    to: ['Eve Long Name <e@example.net>', 'f@example.net'],
    subject: 'For %recipient.name%',
    text: 'Hello %recipient.name% %recipient_fname% <%recipient_email%>: 100% of %recipient.name%',
    'v:who': '%recipient.id%',
    'recipient-variables': JSON.stringify({
      'e@example.net': { name: 'Eve $& %recipient.id%', id: 1 },
      'F@example.net': { name: 'Finn', id: 2 },
    }),
  })
  expect(await lab.ended(idIn(sent.id))).toMatchObject({
    to: ['e@example.net'],
    subject: 'For Eve $& %recipient.id%',
    custom: { who: '1' },
  })
  await lab.meanwhile(untilMessages(before + 2))
  const texts = lab.mx.messages.slice(before).map((one) => one.bytes.toString())
  expect(texts.filter((text) => text.includes('To: f@example.net'))).toHaveLength(1)
  expect(texts.some((text) => text.includes('Hello Finn  <f@example.net>: 100% of Finn'))).toBeTrue()
})

const untilMessages = async (count: number): Promise<void> => {
  while (lab.mx.messages.length < count) await Bun.sleep(5)
}

test.each(['\r\n', '\n'])('a finished message goes out as it is (line ends %j)', async (end) => {
  const lines = [
    'From: Shop <shop@example.com>',
    'To: somebody@example.org',
    'Subject: =?utf-8?Q?H=C3=A9llo?=',
    'X-Own: kept',
    '',
    'As it is.',
    '',
  ]
  const sent = await mailgun.messages.create(DOMAIN, {
    to: 'Ann <a@example.net>',
    message: lines.join(end),
    'o:tag': ['order', 'vip'],
    'o:tracking': false,
    'v:order': 'é17',
  })
  const message = await lab.ended(idIn(sent.id))
  expect(message).toMatchObject({ tags: ['order', 'vip'], custom: { order: 'é17' }, to: ['a@example.net'] })
  const bytes = lab.mx.messages.at(-1)?.bytes.toString() ?? ''
  expect(bytes).toContain(
    ['To: somebody@example.org', 'Subject: =?utf-8?Q?H=C3=A9llo?=', 'X-Own: kept'].join('\r\n'),
  )
  expect(bytes).not.toMatch(/X-MailWok-(?:Tags|Custom|Track)/i)
  const refused = await refusalOf(
    mailgun.messages.create(DOMAIN, {
      to: 'a@example.net',
      message: lines.join(end),
      'recipient-variables': '{}',
    }),
  )
  expect(refused.details).toMatch(/^recipient-variables /)
})

test('a message waits for o:deliverytime', async () => {
  const at = new Date(lab.clock.now() + 7_200_000)
  const sent = await mailgun.messages.create(DOMAIN, {
    ...LETTER,
    'o:deliverytime': at.toUTCString().replace('GMT', '+0000'),
  })
  const scheduled_at = new Date(Math.floor(at.getTime() / 1000) * 1000).toISOString()
  expect(await lab.message(idIn(sent.id))).toMatchObject({ status: 'scheduled', scheduled_at })
})

test('the lists are read page by page to their end, and changed', async () => {
  const list = mailgun.suppressions
  await list.create(DOMAIN, 'bounces', { address: 'one@gone.example', code: 550, error: 'no such user' })
  await list.create(DOMAIN, 'bounces', [{ address: 'two@gone.example' }, { address: 'three@gone.example' }])
  await list.create(DOMAIN, 'unsubscribes', { address: 'left@gone.example', tag: '*' })
  const found: string[] = []
  let page: string | undefined
  for (let pages = 0; pages < 4; pages += 1) {
    const got = await list.list(DOMAIN, 'bounces', page === undefined ? { limit: 2 } : { page })
    if (got.items.length === 0) break
    found.push(...got.items.map((one) => String((one as { address?: string }).address)))
    page = got.pages.next?.page
  }
  expect(found.toSorted()).toEqual(['one@gone.example', 'three@gone.example', 'two@gone.example'])
  expect(await list.get(DOMAIN, 'bounces', 'one@gone.example')).toMatchObject({ error: '550 no such user' })
  await list.destroy(DOMAIN, 'bounces', 'one@gone.example')
  expect((await refusalOf(list.get(DOMAIN, 'bounces', 'one@gone.example'))).status).toBe(404)
  expect((await refusalOf(list.destroy(DOMAIN, 'complaints', 'left@gone.example'))).status).toBe(404)
  expect(await list.get(DOMAIN, 'unsubscribes', 'left@gone.example')).toMatchObject({
    address: 'left@gone.example',
  })
})

const VARIABLES = { 'recipient-variables': JSON.stringify({ 'a@example.net': { name: 'Ann' } }) }
test.each([
  [
    'an unknown key',
    () => clientOf('mwk_live_0000000000000000000000').messages.create(DOMAIN, LETTER),
    401,
    /Forbidden/,
  ],
  ['no address', () => mailgun.messages.create(DOMAIN, { ...LETTER, to: 'nobody' }), 400, /^to /],
  [
    'test mode',
    () => mailgun.messages.create(DOMAIN, { ...LETTER, 'o:testmode': true }),
    400,
    /^o:testmode .*mwk_test_/,
  ],
  [
    'an unknown option',
    () => mailgun.messages.create(DOMAIN, { ...LETTER, 'o:tags': 'x' }),
    400,
    /^o:tags .*o:tag/,
  ],
  [
    'a date that is none',
    () => mailgun.messages.create(DOMAIN, { ...LETTER, 'o:deliverytime': 'tomorrow' }),
    400,
    /^o:deliverytime /,
  ],
  [
    'a variable without value',
    () => mailgun.messages.create(DOMAIN, { ...LETTER, ...VARIABLES, text: '%recipient.age%' }),
    400,
    /%recipient\.age% for a@example\.net/,
  ],
  ['a route that is not here', () => mailgun.routes.list({}), 404, /\/v1\/inbound/],
])('%s is said in the words of Mailgun', async (_, call, status, message) => {
  const refused = await refusalOf(call())
  expect(refused.status).toBe(status)
  expect(refused.details).toMatch(message)
})
