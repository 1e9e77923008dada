//
// Templates of MailWok, sent by each of the four official clients.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import client from '@sendgrid/client'
import mail from '@sendgrid/mail'
import NodeFormData from 'form-data'
import Mailgun from 'mailgun.js'
import { ServerClient } from 'postmark'
import { Resend } from 'resend'
import { type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'

let lab: Lab
let base = ''
beforeAll(async () => {
  lab = await startLab()
  base = `127.0.0.1:${lab.port('api.http')}/compat`
  // The client of SendGrid sends data of templates only where the name begins so.
  for (const name of ['welcome', 'd-welcome']) {
    const source = { subject: 'Welcome, {{ name }}', html: '<p>Hello {{ name }}</p>' }
    const made = await lab.post('/v1/templates', { name, ...source, publish: true })
    expect(made.status).toBe(200)
  }
})
afterAll(() => lab[Symbol.asyncDispose]())

const from = 'shop@example.com'

async function letterOf(id: string): Promise<string> {
  await lab.ended(id)
  return lab.mx.messages.at(-1)?.bytes.toString() ?? ''
}

const idIn = (text: string | undefined): string =>
  /msg_[0-9a-z]{12}/.exec(text ?? '')?.[0] ?? `none in ${text}`

test('resend: template.id and template.variables', async () => {
  const resend = new Resend(LAB_KEY, { baseUrl: `http://${base}/resend` })
  const template = { id: 'welcome', variables: { name: 'Ann' } }
  const sent = await resend.emails.send({ from, to: 'a@example.net', template })
  expect(sent.error).toBeNull()
  expect(await letterOf(sent.data?.id ?? '')).toContain('Subject: Welcome, Ann')
  const lacking = await resend.emails.send({ from, to: 'a@example.net', template: { id: 'welcome' } })
  expect(lacking.error).toMatchObject({ statusCode: 422, message: expect.stringContaining('name') })
  const unknown = await resend.emails.send({ from, to: 'a@example.net', template: { id: 'nothing' } })
  expect(unknown.error?.message).toMatch(/^template\.id /)
})

test('sendgrid: template_id, and dynamic_template_data of each personalization', async () => {
  client.setDefaultHeader('Authorization', `Bearer ${LAB_KEY}`)
  client.setDefaultRequest('baseUrl', `http://${base}/sendgrid`)
  mail.setClient(client)
  const [response] = await mail.send({
    from,
    templateId: 'd-welcome',
    personalizations: [
      { to: 'a@example.net', dynamicTemplateData: { name: 'Bea' } },
      { to: 'b@example.net', dynamicTemplateData: { name: 'Cy' } },
    ],
  })
  const subjects: unknown[] = []
  for (const id of response.headers['x-mailwok-message-ids'].split(' ')) {
    subjects.push(((await lab.ended(id)) as { subject?: string }).subject)
  }
  expect(subjects).toEqual(['Welcome, Bea', 'Welcome, Cy'])
  const [one] = await mail.send({
    from,
    to: 'a@example.net',
    templateId: 'welcome',
    substitutions: { name: 'Dan' },
  })
  expect(await letterOf(one.headers['x-message-id'])).toContain('Hello Dan')
})

test('postmark: TemplateAlias and TemplateModel, alone and in a batch', async () => {
  const postmark = new ServerClient(LAB_KEY, { requestHost: `${base}/postmark`, useHttps: false })
  const letter = (name: string) => ({
    From: from,
    To: 'a@example.net',
    TemplateAlias: 'welcome',
    TemplateModel: { name },
  })
  const sent = await postmark.sendEmailWithTemplate(letter('Eve'))
  expect(await letterOf(sent.MessageID)).toContain('Subject: Welcome, Eve')
  const told = await postmark.sendEmailBatchWithTemplates([
    letter('Finn'),
    { ...letter('x'), TemplateAlias: 'nothing' },
    letter('Gus'),
  ])
  expect(told.map(({ ErrorCode }) => ErrorCode)).toEqual([0, 300, 0])
  expect(await lab.ended(told[2]?.MessageID ?? '')).toMatchObject({ subject: 'Welcome, Gus' })
})

test('mailgun: template and t:variables', async () => {
  const mailgun = new Mailgun(NodeFormData).client({
    username: 'api',
    key: LAB_KEY,
    url: `http://${base}/mailgun`,
  })
  const sent = await mailgun.messages.create('example.com', {
    from,
    to: 'a@example.net',
    template: 'welcome',
    't:variables': JSON.stringify({ name: 'Hal' }),
  })
  expect(await letterOf(idIn(sent.id))).toContain('Subject: Welcome, Hal')
  const each = await mailgun.messages.create('example.com', {
    from,
    to: ['i@example.net', 'j@example.net'],
    template: 'welcome',
    't:variables': JSON.stringify({ name: '%recipient.first%' }),
    'recipient-variables': JSON.stringify({
      'i@example.net': { first: 'Ida' },
      'j@example.net': { first: 'Jo' },
    }),
  })
  expect(await lab.ended(idIn(each.id))).toMatchObject({ subject: 'Welcome, Ida', to: ['i@example.net'] })
})
