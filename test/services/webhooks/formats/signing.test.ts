//
// What a receiver's own code says of our posts: that of the vendors, or of their documentation.

import { expect, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { EventWebhook } from '@sendgrid/eventwebhook'
import { Resend } from 'resend'
import { Webhook } from 'svix'
import { shownSecret, signedFor } from '../../../../src/services/webhooks/formats/signing.ts'

const SECRET = Buffer.alloc(32, 7)
const OTHER = Buffer.alloc(32, 8)
const NOW = Math.floor(Date.now() / 1000)
const WHAT = { id: 'evt_mwsuuzu20001', seconds: NOW, body: '{"type":"email.delivered","name":"é"}' }

test('svix and the client of Resend take a post in the format resend, with either secret of a rotation', () => {
  const { body, headers } = signedFor('resend', [SECRET, OTHER], WHAT)
  for (const secret of [SECRET, OTHER]) {
    const shown = shownSecret('resend', secret)
    expect(() => new Webhook(shown).verify(body, { ...headers })).not.toThrow()
    const given = {
      id: headers['svix-id'] ?? '',
      timestamp: headers['svix-timestamp'] ?? '',
      signature: headers['svix-signature'] ?? '',
    }
    const verified = new Resend('mwk_x').webhooks.verify({
      payload: body,
      headers: given,
      webhookSecret: shown,
    })
    expect<unknown>(verified).toEqual(JSON.parse(WHAT.body))
  }
  expect(() => new Webhook(shownSecret('resend', OTHER)).verify(`${body} `, { ...headers })).toThrow()
})

test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  'the event webhook library of SendGrid takes a post by the public key, and no other (secret %d)',
  (seed) => {
    const secret = Buffer.alloc(32, seed)
    const { body, headers } = signedFor('sendgrid', [secret], WHAT)
    const hook = new EventWebhook()
    const check = (shown: string, text: string): boolean =>
      hook.verifySignature(
        hook.convertPublicKeyToECDSA(shown),
        text,
        headers['x-twilio-email-event-webhook-signature'] ?? '',
        headers['x-twilio-email-event-webhook-timestamp'] ?? '',
      )
    expect(check(shownSecret('sendgrid', secret), body)).toBeTrue()
    expect(check(shownSecret('sendgrid', secret), `${body} `)).toBeFalse()
    expect(check(shownSecret('sendgrid', Buffer.alloc(32, seed + 100)), body)).toBeFalse()
  },
)

test('mailgun: the signature is HMAC-SHA-256 over timestamp and token, which is another one for each event', () => {
  const key = shownSecret('mailgun', SECRET)
  const framed = (id: string) => JSON.parse(signedFor('mailgun', [SECRET], { ...WHAT, id }).body)
  const { signature, 'event-data': data } = framed(WHAT.id)
  const wanted = createHmac('sha256', key)
    .update(signature.timestamp + signature.token)
    .digest('hex')
  expect(signature.signature).toBe(wanted)
  expect(signature.token).toHaveLength(50)
  expect(data).toEqual(JSON.parse(WHAT.body))
  expect(framed('evt_mwsuuzu20002').signature.token).not.toBe(signature.token)
})

test('postmark: the password is in the header, and stands in no excerpt', () => {
  const { headers, hidden } = signedFor('postmark', [SECRET], WHAT)
  const pair = Buffer.from((headers['authorization'] ?? '').replace('Basic ', ''), 'base64').toString()
  expect(pair).toBe(shownSecret('postmark', SECRET))
  expect(pair).toMatch(/^mailwok:[\w-]{32}$/)
  expect(hidden).toEqual(['authorization'])
})

test('what is shown in one format tells nothing of another', () => {
  const shown = (['mailwok', 'sendgrid', 'postmark', 'mailgun'] as const).map((format) =>
    shownSecret(format, SECRET),
  )
  expect(new Set(shown).size).toBe(4)
})
