import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'
import { hook, verified } from '../support/hook.ts'
import { asked, deliver } from '../support/inbound.ts'
import { field, MARKETING, next, oneClick, press, sendAndSee, waysOut } from '../support/leaving.ts'
import type { MxScript } from '../support/mx.ts'
import { until } from '../support/until.ts'

test('marketing mail has every field, signed, and tokens of its own for each copy', async () => {
  await using lab = await startLab()
  const id = await sendAndSee(lab, { ...MARKETING, to: ['a@example.net', 'b@example.net'] })
  expect(lab.mx.messages).toHaveLength(2)
  expect(field(lab, 'List-Id')).toBe('"news.weekly" <news.weekly.example.com>')
  expect(field(lab, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click')
  expect(field(lab, 'List-Help')).toMatch(/^<http.*\/u\/1[0-9a-z]{17}/)
  expect(field(lab, 'Feedback-ID')).toContain(':marketing:')
  const bytes = lab.mx.messages.map((message) => message.bytes)
  const urls = bytes.map((each) => /\/u\/([\w-]+)/.exec(each.toString('latin1'))?.[1])
  expect(urls[0]).toContain(id.slice(4))
  expect(urls[0]).not.toBe(urls[1])
  for (const each of bytes) {
    expect(each.toString('latin1')).not.toMatch(/mailwokwayout/i)
    for (const verdict of await lab.dkim(each)) expect(verdict.result).toBe('pass')
    const covered = [
      ...each
        .toString('latin1')
        .replace(/\r\n[ \t]/g, '')
        .matchAll(/[ ;]h=([^;]+)/g),
    ]
    expect(covered).toHaveLength(2)
    for (const [, names = ''] of covered) {
      expect(
        names
          .toLowerCase()
          .split(':')
          .map((name) => name.trim()),
      ).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post', 'list-id']))
    }
  }
})

test('one click stops that list at once, and tells', async () => {
  await using lab = await startLab()
  const id = await sendAndSee(lab)
  const { path } = waysOut(lab)
  const answer = await oneClick(lab, path)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(await next(lab, MARKETING)).toBe('suppressed')
  expect(await next(lab, { stream: 'marketing' })).toBe('queued')
  expect(await next(lab, { list: 'other', stream: 'marketing' })).toBe('queued')
  expect(await next(lab, {})).toBe('queued')
  const { events } = await lab.message(id)
  expect(events.at(-1)).toMatchObject({ event: 'email.unsubscribed', recipient: 'rcpt@example.net' })
  const { entries } = must(await lab.admin.suppressionList({ ...ALL, account: 'default' }))
  expect(entries).toMatchObject([
    { address: 'rcpt@example.net', scope: 'list:news.weekly', reason: 'unsubscribe' },
  ])
  const { recipients } = must(await lab.admin.messageExplain({ id }))
  expect(JSON.stringify(recipients)).toContain(
    "The recipient unsubscribed from the list news.weekly, with the provider's button.",
  )
  // Once more is no second event.
  expect((await oneClick(lab, path)).status).toBe(200)
  expect((await lab.message(id)).events).toHaveLength(events.length)
})
const ALL = { reason: null, after: null, limit: 100, scope: null, domain: null, include_expired: false }

test('within a second it is in force and told to webhooks', async () => {
  await using program = hook()
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const events = ['email.unsubscribed']
  const { secret } = must(
    await lab.admin.webhookAdd({ account: 'default', url: program.url, events, note: '' }),
  )
  const id = await sendAndSee(lab, { ...MARKETING, tags: ['autumn'] })
  const { path } = waysOut(lab)
  // The door has just learned that nobody of this account is on the list.
  expect(await next(lab, { stream: 'marketing' })).toBe('queued')
  const before = performance.now()
  await oneClick(lab, path)
  expect(await next(lab, MARKETING)).toBe('suppressed')
  await until('the webhook is told', () => program.got.length === 1)
  expect(performance.now() - before).toBeLessThan(1000)
  const [got] = program.got
  if (!got) throw new Error('nothing came')
  expect(verified(secret, got)).toMatchObject({
    event: 'email.unsubscribed',
    message_id: id,
    recipient: 'rcpt@example.net',
    metadata: { tags: ['autumn'], ip: '127.0.0.1', user_agent: 'Provider/1.0' },
    scope: 'list:news.weekly',
    by: 'one-click',
  })
})

test('the page asks, its button acts, and another takes it back', async () => {
  await using lab = await startLab()
  await sendAndSee(lab)
  const { path } = waysOut(lab)
  for (const method of ['GET', 'HEAD']) {
    const page = await lab.fetch(path, { method })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.headers.get('x-robots-tag')).toContain('noindex')
    expect(page.headers.get('set-cookie')).toBeNull()
  }
  const asks = await (await lab.fetch(path)).text()
  expect(asks.match(/<button/g)).toHaveLength(1)
  expect(asks).toContain('example.com')
  expect(asks).toContain('news.weekly')
  expect(asks).not.toContain('rcpt@')
  expect(asks).not.toMatch(/<script|<img|https?:\/\//)
  expect(await next(lab, MARKETING)).toBe('queued')

  const left = await press(lab, path, { do: 'leave', what: 'this' })
  expect(await left.text()).toContain('You are unsubscribed')
  expect(await next(lab, MARKETING)).toBe('suppressed')
  const back = await press(lab, path, { do: 'come-back', what: 'this' })
  expect(await back.text()).toContain('subscribed again')
  expect(await next(lab, MARKETING)).toBe('queued')

  expect((await press(lab, path, { do: 'leave', what: 'all' })).status).toBe(200)
  expect(await next(lab, MARKETING)).toBe('suppressed')
  expect(await next(lab, { stream: 'marketing' })).toBe('suppressed')
  expect(await next(lab, { list: 'news.weekly' })).toBe('queued')
  const chooser = await (await lab.fetch(`${path}?choose`)).text()
  expect(chooser).toContain('Subscribe again')
})

test.each([
  ['a body that says something else', 400, { body: 'List-Unsubscribe=yes' }],
  ['no body', 400, {}],
  ['json', 415, { body: '{"List-Unsubscribe":"One-Click"}', type: 'application/json' }],
  ['a body that is too long', 413, { body: `List-Unsubscribe=One-Click&x=${'x'.repeat(5000)}` }],
  [
    'multipart that is none',
    400,
    { body: 'List-Unsubscribe=One-Click', type: 'multipart/form-data; boundary=b' },
  ],
])('%s changes nothing', async (_, status, { body, type }: { body?: string; type?: string }) => {
  await using lab = await startLab()
  await sendAndSee(lab)
  const headers = { 'content-type': type ?? 'application/x-www-form-urlencoded' }
  const answer = await lab.fetch(waysOut(lab).path, { method: 'POST', headers, body: body ?? null })
  expect(answer.status).toBe(status)
  expect(await next(lab, MARKETING)).toBe('queued')
})

test('multipart is one click as well (RFC 8058 §3.2)', async () => {
  await using lab = await startLab()
  await sendAndSee(lab)
  const body = new FormData()
  body.set('List-Unsubscribe', 'One-Click')
  expect((await lab.fetch(waysOut(lab).path, { method: 'POST', body })).status).toBe(200)
  expect(await next(lab, MARKETING)).toBe('suppressed')
})

test('mail to the address acts, also automatic mail from nobody', async () => {
  await using lab = await startLab()
  const id = await sendAndSee(lab)
  const { mailbox } = waysOut(lab)
  const message = 'Auto-Submitted: auto-generated\nSubject: unsubscribe\n\nunsubscribe\n'
  expect(await deliver(lab, { from: null, to: [mailbox.toUpperCase()], message })).toStartWith('250')
  expect(await next(lab, MARKETING)).toBe('suppressed')
  expect((await lab.message(id)).events.at(-1)).toMatchObject({ event: 'email.unsubscribed' })
  expect(await asked(lab, mailbox.replace('unsub+1', 'unsub+2'))).toStartWith('550')
})

test('what waits is stopped when it is due', async () => {
  let isShy = false
  const at: MxScript['at'] = (moment) => (isShy && moment === 'RCPT' ? '451 4.3.0 later' : undefined)
  await using lab = await startLab({ mx: { at } })
  await sendAndSee(lab)
  const { path } = waysOut(lab)
  isShy = true
  const waiting = await lab.sent(MARKETING)
  await lab.tried(waiting, 1)
  isShy = false
  await oneClick(lab, path)
  const end = await lab.meanwhile(lab.ended(waiting))
  expect(end.deliveries).toMatchObject([{ status: 'suppressed' }])
  expect(lab.mx.messages).toHaveLength(1)
})

test('what waits in memory is stopped too', async () => {
  const at: MxScript['at'] = (moment, { line }) =>
    moment === 'RCPT' && line.includes('<slow@') ? { reply: '250 2.1.5 Ok', slow: 1500 } : undefined
  await using lab = await startLab({ mx: { at }, config: { 'delivery.connections_per_provider': '1' } })
  await sendAndSee(lab)
  const { path } = waysOut(lab)
  await lab.sent({ to: 'slow@example.net' })
  // What a worker has already is on its way.
  for (let n = 0; n < 4; n++) await lab.sent({ to: 'b@example.net' })
  const waiting = await lab.sent(MARKETING)
  const login = await lab.sent({})
  expect((await oneClick(lab, path)).status).toBe(200)
  const end = await lab.meanwhile(lab.ended(waiting))
  expect(end.deliveries).toMatchObject([{ status: 'suppressed' }])
  expect((await lab.meanwhile(lab.ended(login))).deliveries).toMatchObject([{ status: 'delivered' }])
})

test('html and text can hold the way out, a subject cannot', async () => {
  await using lab = await startLab()
  const html = '<p>Hello {{ name }}, <a href="{{ unsubscribe_url }}">unsubscribe</a></p>'
  const text = 'Leave: {{ unsubscribe_url }} .'
  await sendAndSee(lab, { ...MARKETING, html, text, data: { name: 'Ann' } })
  const raw = (lab.mx.messages.at(-1)?.bytes.toString('latin1') ?? '').replaceAll('=\r\n', '')
  const { path } = waysOut(lab)
  expect(raw.split(path).length - 1).toBeGreaterThanOrEqual(4)
  const { status, body } = await lab.send({ html, data: { name: 'Ann' } })
  expect(status).toBe(422)
  expect(JSON.stringify(body)).toContain('unsubscribe_url')
  expect((await lab.send({ ...MARKETING, subject: '{{ unsubscribe_url }}', data: {} })).status).toBe(422)
})
