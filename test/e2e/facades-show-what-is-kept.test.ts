//
// What the four official clients read beside mail: domains, templates, bounces, opens, groups; and what they change of it.

import { afterAll, beforeAll, expect, test } from 'bun:test'
import sendgrid from '@sendgrid/client'
import NodeFormData from 'form-data'
import Mailgun from 'mailgun.js'
import { Models, ServerClient } from 'postmark'
import { Resend } from 'resend'
import { AUTHORIZED, type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'
import { until } from '../support/until.ts'

let lab: Lab
let base = ''
let resend: Resend
let postmark: ServerClient
let mailgun: ReturnType<Mailgun['client']>
beforeAll(async () => {
  const gone = '550 5.1.1 no such user'
  lab = await startLab({
    mx: { at: (at, { line }) => (at === 'RCPT' && line.includes('<gone') ? gone : undefined) },
  })
  base = `127.0.0.1:${lab.port('api.http')}/compat`
  resend = new Resend(LAB_KEY, { baseUrl: `http://${base}/resend` })
  postmark = new ServerClient(LAB_KEY, { requestHost: `${base}/postmark`, useHttps: false })
  mailgun = new Mailgun(NodeFormData).client({ username: 'api', key: LAB_KEY, url: `http://${base}/mailgun` })
  const source = { subject: 'Welcome, {{ name }}', html: '<p>Hello {{ name }}</p>' }
  expect((await lab.post('/v1/templates', { name: 'welcome', ...source, publish: true })).status).toBe(200)
  expect((await lab.post('/v1/templates', { name: 'draft', subject: 'x', html: '<p>x</p>' })).status).toBe(
    200,
  )
})
afterAll(() => lab[Symbol.asyncDispose]())

const twilio = async (method: 'GET' | 'POST' | 'DELETE', url: string, body?: object) => {
  const request = { method, url, baseUrl: `http://${base}/sendgrid`, ...(body ? { body } : {}) } as const
  const headers = { Authorization: `Bearer ${LAB_KEY}` }
  const [response, told] = await sendgrid.request({ ...request, headers })
  return { status: response.statusCode, told: told as unknown }
}
const refusedBy = (call: Promise<unknown>): Promise<{ code: number }> =>
  call.then(
    () => Promise.reject(new Error('it was taken')),
    (error) => error,
  )

test('resend: a domain is made, shown with its records, changed and removed', async () => {
  const made = await resend.domains.create({ name: 'new.example.org', openTracking: false })
  expect(made.data).toMatchObject({ id: 'new.example.org', status: 'pending', open_tracking: false })
  expect(made.data?.records).toContainEqual(
    expect.objectContaining({ record: 'DKIM', type: 'TXT', value: expect.stringContaining('p=') }),
  )
  expect(made.data?.records).toContainEqual(
    expect.objectContaining({ record: 'SPF', type: 'MX', priority: 10 }),
  )
  const changed = await resend.domains.update({ id: 'new.example.org', clickTracking: false })
  expect(changed.error).toBeNull()
  const shown = await resend.domains.get('new.example.org')
  expect(shown.data).toMatchObject({ object: 'domain', click_tracking: false, tracking_subdomain: 'track' })
  const list = await resend.domains.list()
  expect(list.data?.data.map(({ name }) => name).toSorted()).toEqual(['example.com', 'new.example.org'])
  expect((await resend.domains.verify('new.example.org')).data).toMatchObject({ id: 'new.example.org' })
  expect((await resend.domains.remove('new.example.org')).data).toMatchObject({ deleted: true })
  expect((await resend.domains.get('new.example.org')).error).toMatchObject({ statusCode: 404 })
  const region = await resend.domains.create({ name: 'x.example.org', region: 'eu-west-1' })
  expect(region.error?.message).toMatch(/^region /)
})

test('resend: templates', async () => {
  const list = await resend.templates.list()
  expect(list.data?.data.map(({ name, status }) => [name, status])).toEqual([
    ['draft', 'draft'],
    ['welcome', 'published'],
  ])
  const one = await resend.templates.get('welcome')
  expect(one.data).toMatchObject({ object: 'template', subject: 'Welcome, {{ name }}' })
  const made = await resend.templates.create({ name: 'x', html: '<p>x</p>' })
  expect(made.error?.message).toContain('/v1/templates')
})

test('mailgun: domains and templates', async () => {
  const domains = await mailgun.domains.list()
  expect(domains).toMatchObject([{ name: 'example.com' }])
  const one = await mailgun.domains.get('example.com')
  expect(one).toMatchObject({ name: 'example.com', type: 'custom' })
  const dkim = one.sending_dns_records?.find(({ name }) => name.includes('._domainkey.'))
  expect(dkim).toMatchObject({ record_type: 'TXT' })
  expect(await mailgun.domains.verify('example.com')).toMatchObject({ name: 'example.com' })
  const templates = await mailgun.domains.domainTemplates.list('example.com', { limit: 1 })
  expect(templates.items.map(({ name }) => name)).toEqual(['draft'])
  const whole = await mailgun.domains.domainTemplates.get('example.com', 'welcome', {
    active: 'yes' as never,
  })
  expect(whole).toMatchObject({
    name: 'welcome',
    version: { template: '<p>Hello {{ name }}</p>', active: true },
  })
})

test('sendgrid: templates', async () => {
  const { told } = await twilio('GET', '/v3/templates?generations=dynamic&page_size=10')
  const { result } = told as { result: { id: string; name: string; versions: { active: number }[] }[] }
  expect(result.map(({ name, versions }) => [name, versions[0]?.active])).toEqual([
    ['draft', 0],
    ['welcome', 1],
  ])
  expect((await twilio('GET', `/v3/templates/${result[1]?.id}`)).told).toMatchObject({
    name: 'welcome',
    versions: [{ active: 1, subject: 'Welcome, {{ name }}', html_content: '<p>Hello {{ name }}</p>' }],
  })
})

test('sendgrid: who left a group, and lists by time and address', async () => {
  const emails = ['g1@example.net', 'g2@example.net']
  const put = await twilio('POST', '/v3/asm/groups/17/suppressions', { recipient_emails: emails })
  expect(put.status).toBe(201)
  expect((await twilio('GET', '/v3/asm/groups/17/suppressions')).told).toEqual(emails)
  expect((await twilio('GET', '/v3/asm/groups/18/suppressions')).told).toEqual([])
  const sought = { recipient_emails: ['G2@example.net', 'x@example.net'] }
  expect((await twilio('POST', '/v3/asm/groups/17/suppressions/search', sought)).told).toEqual([
    'G2@example.net',
  ])
  const sent = await twilio('POST', '/v3/mail/send', {
    personalizations: [{ to: [{ email: 'g1@example.net' }] }],
    from: { email: 'shop@example.com' },
    subject: 'x',
    content: [{ type: 'text/plain', value: 'x' }],
    asm: { group_id: 17 },
  })
  expect(sent.status).toBe(202)
  const found = await lab.fetch('/v1/email?recipient=g1@example.net', { headers: AUTHORIZED })
  expect(await found.json()).toMatchObject({ data: [{ status: 'suppressed' }] })
  await twilio('DELETE', '/v3/asm/groups/17/suppressions/g1@example.net')
  expect((await twilio('GET', '/v3/asm/groups/17/suppressions')).told).toEqual(['g2@example.net'])
  expect((await refusedBy(twilio('DELETE', '/v3/asm/groups/17/suppressions/g1@example.net'))).code).toBe(404)

  const now = Math.floor(lab.clock.now() / 1000)
  for (const address of ['b1@example.net', 'b2@example.net', 'b3@example.net']) {
    await lab.post('/v1/suppressions', { address, reason: 'hard_bounce' })
  }
  const bounces = async (query: string) =>
    ((await twilio('GET', `/v3/suppression/bounces?${query}`)).told as { email: string }[]).map(
      ({ email }) => email,
    )
  expect(await bounces('email=b2@example.net')).toEqual(['b2@example.net'])
  expect(await bounces(`start_time=${now - 60}&end_time=${now + 60}&limit=2`)).toHaveLength(2)
  expect(await bounces(`start_time=${now + 60}`)).toEqual([])
  await twilio('DELETE', '/v3/suppression/bounces', { emails: ['b1@example.net', 'b2@example.net'] })
  expect(await bounces('')).toEqual(['b3@example.net'])
  expect((await refusedBy(twilio('DELETE', '/v3/suppression/bounces', { delete_all: true }))).code).toBe(400)
  expect(await bounces('')).toEqual(['b3@example.net'])
  for (const list of ['blocks', 'invalid_emails']) {
    expect((await twilio('GET', `/v3/suppression/${list}`)).told).toEqual([])
    expect((await refusedBy(twilio('DELETE', `/v3/suppression/${list}/b3@example.net`))).code).toBe(404)
  }
})

test('postmark: bounces are listed, looked up by their number, and activated', async () => {
  const letter = { From: 'shop@example.com', Subject: 'Hello', TextBody: 'x', Tag: 'order' }
  for (const To of ['gone1@example.net', 'gone2@example.net', 'here@example.net']) {
    await lab.ended((await postmark.sendEmail({ ...letter, To })).MessageID)
  }
  const page = await postmark.getBounces({ count: 1, offset: 1 })
  expect(page.TotalCount).toBe(2)
  expect(page.Bounces).toMatchObject([
    { Email: 'gone1@example.net', Type: 'HardBounce', TypeCode: 1, Tag: 'order', Inactive: true },
  ])
  const [bounce] = page.Bounces
  const one = await postmark.getBounce(bounce?.ID ?? 0)
  expect(one).toMatchObject({ ID: bounce?.ID, Subject: 'Hello', From: 'shop@example.com' })
  expect(one.Details).toContain('550 5.1.1')
  expect((await postmark.getBounces({ type: Models.BounceType.SoftBounce })).Bounces).toEqual([])
  const named = await postmark.getBounces({ emailFilter: 'gone2@example.net', inactive: true, tag: 'order' })
  expect(named.Bounces.map(({ Email }) => Email)).toEqual(['gone2@example.net'])
  await until('the list has learned it', async () => (await suppressed('gone1@example.net')) === 200)
  const activated = await postmark.activateBounce(bounce?.ID ?? 0)
  expect(activated).toMatchObject({ Message: 'OK', Bounce: { Inactive: false } })
  expect(await suppressed('gone1@example.net')).toBe(404)
  expect((await refusedBy(postmark.getBounce(1))).code).toBe(701)
  expect((await refusedBy(postmark.getBounces({ offset: 10_000, count: 1 }))).code).toBe(300)
})

test('postmark: the suppressions of a day, of a reason, of an address', async () => {
  const today = new Date(lab.clock.now()).toISOString().slice(0, 10)
  await lab.post('/v1/suppressions', { address: 'p1@example.net', reason: 'hard_bounce' })
  await lab.post('/v1/suppressions', { address: 'p2@example.net', reason: 'complaint' })
  const dump = async (filter: object) =>
    (await postmark.getSuppressions('outbound', filter)).Suppressions.map(({ EmailAddress }) => EmailAddress)
  expect(await dump({ emailAddress: 'P1@example.net' })).toEqual(['p1@example.net'])
  expect(await dump({ suppressionReason: 'SpamComplaint', fromDate: today, toDate: today })).toEqual([
    'p2@example.net',
  ])
  expect(await dump({ fromDate: '2099-01-01' })).toEqual([])
  expect(await dump({ origin: 'Admin' })).toEqual([])
  expect((await refusedBy(dump({ toDate: 'never' }))).code).toBe(300)
})

const suppressed = async (address: string): Promise<number> =>
  (await lab.fetch(`/v1/suppressions/${address}`, { headers: AUTHORIZED })).status

test('postmark: templates, streams, opens and the server', async () => {
  const { Templates, TotalCount } = await postmark.getTemplates()
  expect([TotalCount, Templates.map(({ Active, Alias }) => [Alias, Active])]).toEqual([
    2,
    [
      ['draft', false],
      ['welcome', true],
    ],
  ])
  expect(await postmark.getTemplate('welcome')).toMatchObject({
    Alias: 'welcome',
    Subject: 'Welcome, {{ name }}',
  })
  expect((await refusedBy(postmark.getTemplate(17))).code).toBe(701)
  expect((await postmark.getMessageStreams()).MessageStreams.map(({ ID }) => ID)).toEqual([
    'outbound',
    'broadcast',
  ])
  expect(await postmark.getMessageStream('broadcast')).toMatchObject({ MessageStreamType: 'Broadcasts' })
  expect(await postmark.getServer()).toMatchObject({ Name: 'default', ApiTokens: [] })
  expect(await postmark.getMessageOpens()).toEqual({ TotalCount: 0, Opens: [] })
  expect(await postmark.getMessageClicksForSingleMessage('msg_000000000000')).toEqual({
    TotalCount: 0,
    Clicks: [],
  })
})
