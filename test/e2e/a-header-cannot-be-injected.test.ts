//
// T2: whatever string an application passes on, it stays the one field that it was given for.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_DOMAIN } from '../support/lab-folder.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const EVILS = ['x\r\nBcc: evil@example.net', 'x\nBcc: evil@example.net', 'x\rBcc: evil@example.net', 'x\0y']
const FILE = { filename: 'a.txt', content: 'eA==' }

type Fields = Readonly<Record<string, unknown>>
const FIELDS: Readonly<Record<string, (evil: string) => Fields>> = {
  from: (evil) => ({ from: `${evil} <a@${LAB_DOMAIN}>` }),
  'the mailbox of from': (evil) => ({ from: `a@${LAB_DOMAIN}${evil}` }),
  to: (evil) => ({ to: `${evil} <a@example.net>` }),
  'an entry of to': (evil) => ({ to: ['ok@example.net', `a@example.net${evil}`] }),
  cc: (evil) => ({ cc: `${evil} <a@example.net>` }),
  bcc: (evil) => ({ bcc: `${evil} <a@example.net>` }),
  reply_to: (evil) => ({ reply_to: `${evil} <a@example.net>` }),
  subject: (evil) => ({ subject: evil }),
  'subject by merge data': (evil) => ({ subject: 'Hi {{name}}', data: { name: evil } }),
  'the value of a header': (evil) => ({ headers: { 'X-Order': evil } }),
  'the name of a header': (evil) => ({ headers: { [`X-${evil}`]: '1' } }),
  'a file name': (evil) => ({ attachments: [{ ...FILE, filename: evil }] }),
  'a content type': (evil) => ({ attachments: [{ ...FILE, content_type: `text/plain; name=${evil}` }] }),
  'a content id': (evil) => ({ attachments: [{ ...FILE, content_id: evil }] }),
  'the bytes of a file': (evil) => ({ attachments: [{ ...FILE, content: `eA==${evil}` }] }),
  'a tag': (evil) => ({ tags: [evil] }),
  expires_after: (evil) => ({ expires_after: `10m${evil}` }),
  stream: (evil) => ({ stream: `transactional${evil}` }),
}

test.each(Object.entries(FIELDS))(
  'a line break in %s is a 422, and nothing arrives',
  async (_, fieldsWith) => {
    for (const evil of EVILS) {
      const { status, body } = await lab.send(fieldsWith(evil))
      expect([evil, status]).toEqual([evil, 422])
      expect(body.error.message).not.toMatch(/\p{Cc}/u)
      expect(body.error.fields.length).toBeGreaterThan(0)
    }
    expect(lab.mx.connections).toBe(0)
  },
)

test.each([
  'Bcc',
  'From',
  'sender',
  'DKIM-Signature',
  'Received',
  'Content-Type',
  'X-MailWok-Tags',
  'MIME-Version',
])('the header %s is ours and cannot be set', async (name) => {
  const { status, body } = await lab.send({ headers: { [name]: 'x' } })
  expect(status).toBe(422)
  expect(body.error.fields[0]?.path).toBe(`headers.${name}`)
  expect(lab.mx.connections).toBe(0)
})

test('an Idempotency-Key of any bytes is kept as a key and nothing else', async () => {
  const { status } = await lab.send({ to: `a@sandbox.mailwok.test` }, { 'idempotency-key': 'k'.repeat(257) })
  expect(status).toBe(422)
})
