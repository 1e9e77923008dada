//
// A webhook in a vendor's format: what his users' programs get, checked by the vendor's own code.

import { expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { EventWebhook } from '@sendgrid/eventwebhook'
import { Webhook } from 'svix'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'
import { type Got, hook } from '../support/hook.ts'
import { until } from '../support/until.ts'

const SENT = { tags: ['category:order'], custom: { order: '7' }, subject: 'Hello' }

/** What came for one delivered message. */
async function deliveredIn(lab: Lab, program: ReturnType<typeof hook>, format: string) {
  const ask = { account: 'default', url: program.url, events: [], note: '', format }
  const { secret } = must(await lab.admin.webhookAdd(ask))
  const id = await lab.sent(SENT)
  await lab.meanwhile(until('it was told', () => program.got.length === 1))
  const [got] = program.got
  if (!got) throw new Error('nothing came')
  return { got, id, secret }
}

const lab = (place: string) => startLab({ config: { 'webhooks.allow': place } })

/** The library holds the time against the machine's clock, and labs have one of their own. */
function atItsTime<T>({ headers }: Got, check: () => T): T {
  const real = Date.now
  Date.now = () => Number(headers['svix-timestamp']) * 1000
  try {
    return check()
  } finally {
    Date.now = real
  }
}

test('resend: svix verifies it', async () => {
  await using program = hook()
  await using here = await lab(program.place)
  const { got, id, secret } = await deliveredIn(here, program, 'resend')
  atItsTime(got, () => expect(() => new Webhook(secret).verify(got.text, { ...got.headers })).not.toThrow())
  atItsTime(got, () => expect(() => new Webhook(secret).verify(`${got.text} `, { ...got.headers })).toThrow())
  expect(JSON.parse(got.text)).toMatchObject({
    type: 'email.delivered',
    data: { email_id: id, to: ['rcpt@example.net'], subject: 'Hello', tags: { category: 'order' } },
  })
})

test('sendgrid: its event webhook library verifies it', async () => {
  await using program = hook()
  await using here = await lab(program.place)
  const { got, id, secret } = await deliveredIn(here, program, 'sendgrid')
  const check = new EventWebhook()
  const key = check.convertPublicKeyToECDSA(secret)
  const signature = got.headers['x-twilio-email-event-webhook-signature'] ?? ''
  const timestamp = got.headers['x-twilio-email-event-webhook-timestamp'] ?? ''
  expect(check.verifySignature(key, got.text, signature, timestamp)).toBeTrue()
  expect(check.verifySignature(key, `${got.text} `, signature, timestamp)).toBeFalse()
  expect(JSON.parse(got.text)).toMatchObject([
    {
      event: 'delivered',
      email: 'rcpt@example.net',
      sg_message_id: id,
      order: '7',
      category: ['category:order'],
    },
  ])
})

test('mailgun: its HMAC fits', async () => {
  await using program = hook()
  await using here = await lab(program.place)
  const { got, id, secret } = await deliveredIn(here, program, 'mailgun')
  const { signature, 'event-data': data } = JSON.parse(got.text)
  const wanted = createHmac('sha256', secret)
    .update(signature.timestamp + signature.token)
    .digest('hex')
  expect(signature.signature).toBe(wanted)
  expect(data).toMatchObject({
    event: 'delivered',
    recipient: 'rcpt@example.net',
    'user-variables': { order: '7' },
  })
  expect(data.message.headers['message-id']).toBe(`${id}@example.com`)
})

test('postmark: the password is the one that was shown, and is in no log of posts', async () => {
  await using program = hook()
  await using here = await lab(program.place)
  const { got, id, secret } = await deliveredIn(here, program, 'postmark')
  expect(got.headers['authorization']).toBe(`Basic ${Buffer.from(secret).toString('base64')}`)
  expect(JSON.parse(got.text)).toMatchObject({
    RecordType: 'Delivery',
    MessageID: id,
    Recipient: 'rcpt@example.net',
  })
  const [row] = must(await here.admin.webhookList({ account: null }))
  const noted = async () => {
    const log = await here.fetch(`/v1/webhooks/${row?.id}/deliveries`, { headers: AUTHORIZED })
    return (await log.json()) as { data: { attempts: { request: string }[] }[] }
  }
  await until('the post is noted', async () => ((await noted()).data[0]?.attempts.length ?? 0) > 0)
  const request = (await noted()).data[0]?.attempts[0]?.request ?? ''
  expect(request).toContain('authorization: (not shown)')
})

test('what a format has no words for cannot be asked for, and an unknown format is refused', async () => {
  await using here = await lab('127.0.0.1:9')
  const add = (fields: object) => here.post('/v1/webhooks', { url: 'http://127.0.0.1:9/', ...fields })
  const refused = await add({ format: 'postmark', events: ['email.queued'] })
  expect(refused.status).toBe(422)
  expect(refused.body.error?.message).toContain('email.delivered')
  expect((await add({ format: 'mandrill' })).status).toBe(422)
  const made = await add({ format: 'resend' })
  expect(made.body).toMatchObject({ webhook: { format: 'resend' } })
  const plain = await add({})
  expect(plain.body).toMatchObject({ webhook: { format: 'mailwok' } })
})
