//
// What clients in other languages and the vendors' own examples send to the facades, as it stands on the wire: lists of
// octets, empty fields, older names, forms in both codings.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
  const source = { subject: 'Welcome, {{ name }}', html: '<p>Hello {{ name }} {{ city | default: "" }}</p>' }
  const made = await lab.post('/v1/templates', { name: 'welcome', ...source, publish: true })
  expect(made.status).toBe(200)
})
afterAll(() => lab[Symbol.asyncDispose]())

interface Told {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

async function ask(path: string, init: RequestInit): Promise<Told> {
  const answer = await lab.fetch(`/compat${path}`, init)
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

const bearer = { authorization: `Bearer ${LAB_KEY}`, 'content-type': 'application/json' }
const post = (path: string, body: object, headers: Record<string, string> = bearer) =>
  ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
const idIn = ({ text }: Told): string => /msg_[0-9a-z]{12}/.exec(text)?.[0] ?? `none in ${text}`

/** The octets of the message that went out. */
async function sentBy(told: Told, id = idIn(told)): Promise<string> {
  expect(told.text).not.toMatch(/error|"name"/)
  await lab.ended(id)
  return lab.mx.messages.at(-1)?.bytes.toString() ?? ''
}

describe('resend', () => {
  const LETTER = { from: 'Acme <shop@example.com>', to: ['a@example.net'], subject: 'Hi', html: '<p>Hi</p>' }
  const withFile = (file: object) => post('/resend/emails', { ...LETTER, attachments: [file] })

  test.each([
    ['octets as numbers (Python, Go, Ruby, Rust)', [...Buffer.from('Hello')]],
    ['a Buffer as older Node clients write it', Buffer.from('Hello')],
    ['base64', 'SGVsbG8='],
  ])('a file as %s', async (_, content) => {
    expect(await sentBy(await withFile({ filename: 'terms.txt', content }))).toContain('SGVsbG8=')
  })

  test.each([
    ['a number that is no octet', [72, 256]],
    ['a fraction', [1.5]],
    ['words', ['a']],
    ['another kind of object', { type: 'Blob', data: [1] }],
  ])('%s is no file', async (_, content) => {
    const told = await withFile({ filename: 'x', content })
    expect(told.status).toBe(422)
    expect(told.text).toContain('attachments[0].content')
  })

  test.each(['inline_content_id', 'content_id'])('an image by %s', async (name) => {
    const told = await withFile({ filename: 'l.png', content: 'aGk=', [name]: 'logo' })
    expect(await sentBy(told)).toContain('Content-ID: <logo>')
  })

  test.each([
    ['2026-12-25 12:00:00.123456+00', '2026-12-25T12:00:00.123Z'],
    ['2026-12-25 12:00:00+02:00', '2026-12-25T10:00:00.000Z'],
    ['2026-12-25T12:00:00+05:30', '2026-12-25T06:30:00.000Z'],
  ])('a time such as %s, as answers of theirs have it', async (scheduled_at, at) => {
    const told = await post('/resend/emails', { ...LETTER, scheduled_at })
    expect(await lab.message(idIn(told))).toMatchObject({ scheduled_at: at })
  })

  test.each(['in 1 min', 'tomorrow at 9am', '2026-12-25 12:00:00'])(
    'the time %j is refused',
    async (scheduled_at) => {
      const told = await post('/resend/emails', { ...LETTER, scheduled_at })
      expect([told.status, told.text]).toEqual([422, expect.stringContaining('scheduled_at')])
    },
  )

  test('empty lists of people are nobody', async () => {
    const told = await post('/resend/emails', { ...LETTER, cc: [], bcc: [], reply_to: [], tags: [] })
    expect(await sentBy(told)).not.toMatch(/^(?:Cc|Reply-To):/m)
  })
})

describe('sendgrid', () => {
  const LETTER = {
    personalizations: [{ to: [{ email: 'a@example.net' }] }],
    from: { email: 'shop@example.com' },
    subject: 'Hi',
    content: [{ type: 'text/plain', value: 'Hello' }],
  }

  test('fields of the first version that ask for nothing', async () => {
    const off = { enable: false }
    const settings = { bcc: { ...off, email: '' }, spam_check: { ...off, threshold: 1, post_to_url: '' } }
    const told = await post('/sendgrid/v3/mail/send', { ...LETTER, mail_settings: settings })
    expect(await sentBy(told, told.headers.get('x-message-id') ?? '')).toContain('Hello')
  })

  test.each([
    ['bcc', { enable: true, email: 'archive@example.com' }],
    ['spam_check', { enable: true }],
  ])('mail_settings.%s says what to use instead', async (name, value) => {
    const told = await post('/sendgrid/v3/mail/send', { ...LETTER, mail_settings: { [name]: value } })
    expect(told.status).toBe(400)
    expect(told.text).toContain(`"field":"mail_settings.${name}.enable"`)
    expect(told.text).not.toContain('not a known field')
  })
})

describe('postmark', () => {
  const LETTER = { From: 'shop@example.com', To: 'a@example.net', Subject: 'Hi', TextBody: 'Hello' }

  test('the token by which nothing is sent names the key that does the same here', async () => {
    const headers = { 'x-postmark-server-token': 'POSTMARK_API_TEST', 'content-type': 'application/json' }
    const told = await post('/postmark/email', LETTER, headers)
    expect(told.status).toBe(401)
    expect(JSON.parse(told.text)).toMatchObject({
      ErrorCode: 10,
      Message: expect.stringContaining('mwk_test_'),
    })
  })

  test('the token of an account is a key as that of a server is', async () => {
    const told = await ask('/postmark/senders', { headers: { 'x-postmark-account-token': LAB_KEY } })
    expect(told.status).toBe(404)
    expect(told.text).toContain('/v1/domains')
  })
})

describe('mailgun', () => {
  const headers = { authorization: `Basic ${Buffer.from(`api:${LAB_KEY}`).toString('base64')}` }
  const LETTER = { from: 'Shop <shop@example.com>', to: 'a@example.net' }
  const send = (fields: Readonly<Record<string, string>>, form: FormData | URLSearchParams) => {
    for (const [name, value] of Object.entries({ ...LETTER, ...fields })) form.append(name, value)
    return ask('/mailgun/v3/example.com/messages', { method: 'POST', headers, body: form })
  }
  const WORDS = { subject: 'Hi', text: 'Hello' }

  test.each([
    ['multipart', () => new FormData()],
    ['urlencoded', () => new URLSearchParams()],
  ])('a form that is %s, with fields that say nothing', async (_, form) => {
    const empty = ['cc', 'bcc', 'html', 'amp-html', 'template', 't:version', 't:text', 'o:tag', 'o:campaign']
    const silent = Object.fromEntries(empty.map((name) => [name, '']))
    expect(await sentBy(await send({ ...WORDS, ...silent, 'o:testmode': 'no' }, form()))).toContain('Hello')
  })

  test('variables of a template: by t:variables, h:X-Mailgun-Variables and v:, in this order', async () => {
    const named = { template: 'welcome', 'v:name': 'third' }
    const third = await send(named, new FormData())
    expect(await sentBy(third)).toContain('Subject: Welcome, third')
    const second = { ...named, 'h:X-Mailgun-Variables': '{"name": "second", "city": "Ulm"}' }
    const got = await send(second, new FormData())
    expect(await sentBy(got)).toMatch(/Subject: Welcome, second[\s\S]*Hello second Ulm/)
    expect(await lab.message(idIn(got))).toMatchObject({ custom: { name: 'third', city: 'Ulm' } })
    const first = await send({ ...second, 't:variables': '{"name": "first"}' }, new FormData())
    expect(await sentBy(first)).toMatch(/Subject: Welcome, first[\s\S]*Hello first Ulm/)
  })

  test('without a template the variables are what webhooks tell', async () => {
    const told = await send({ ...WORDS, 'h:x-mailgun-variables': '{"order": 17}' }, new URLSearchParams())
    expect(await sentBy(told)).not.toMatch(/x-mailgun/i)
    expect(await lab.message(idIn(told))).toMatchObject({ custom: { order: 17 } })
    const bad = await send({ ...WORDS, 'h:X-Mailgun-Variables': 'order' }, new URLSearchParams())
    expect([bad.status, bad.text]).toEqual([400, expect.stringContaining('h:X-Mailgun-Variables wants')])
  })

  test('names of fields have no case', async () => {
    const told = await send({ ...WORDS, 'h:reply-to': 'desk@example.com' }, new FormData())
    expect(await sentBy(told)).toContain('Reply-To: desk@example.com')
  })

  test.each(['EST', '-0500', 'EDT', 'GMT'])('a time in the zone %s', async (zone) => {
    const told = await send(
      { ...WORDS, 'o:deliverytime': `Fri, 25 Dec 2026 10:00:00 ${zone}` },
      new FormData(),
    )
    const hour = { EST: 15, '-0500': 15, EDT: 14, GMT: 10 }[zone]
    const scheduled_at = `2026-12-25T${hour}:00:00.000Z`
    expect(await lab.message(idIn(told))).toMatchObject({ scheduled_at })
  })

  test('a body that is compressed is refused as such', async () => {
    const type = 'application/x-www-form-urlencoded'
    const told = await ask('/mailgun/v3/example.com/messages', {
      method: 'POST',
      headers: { ...headers, 'content-encoding': 'gzip', 'content-type': type },
      body: Bun.gzipSync(Buffer.from('from=a@example.com')),
    })
    expect([told.status, told.text]).toEqual([415, expect.stringContaining('Content-Encoding')])
  })
})

test.each([
  ['resend', '/resend/broadcasts', bearer],
  ['sendgrid', '/sendgrid/v3/marketing/lists', bearer],
  ['postmark', '/postmark/triggers/tags', { 'x-postmark-server-token': LAB_KEY }],
  ['mailgun', '/mailgun/v3/example.com/tags', { authorization: `Basic ${btoa(`api:${LAB_KEY}`)}` }],
])('what %s has and this has not says where to read on, and what to use', async (vendor, path, headers) => {
  const told = await ask(path, { headers })
  expect(told.status).toBe(404)
  expect(told.text).toMatch(/is not in this facade; (?!its documentation)/)
  const [, link = ''] = /^<(\S+)>; rel="help"$/.exec(told.headers.get('link') ?? '') ?? []
  if (vendor === 'sendgrid') expect(JSON.parse(told.text).errors[0].help).toBe(link)
  const [place = '', mark] = link.split('#')
  expect(mark).toBe(vendor)
  const page = await lab.fetch(new URL(place).pathname)
  expect(await page.text()).toContain(`id="${vendor}"`)
})
