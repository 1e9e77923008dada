import { expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { asked, deliver, letter, reportMail } from '../support/inbound.ts'
import { until } from '../support/until.ts'

const FROM = 'ann@stranger.example'
const PAGE = new URL('../../docs/inbound.md', import.meta.url)

interface Got {
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** A program of the user's; answers are given in turn, then 200. */
function hook(...answers: readonly number[]) {
  const got: Got[] = []
  const left = [...answers]
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      got.push({ headers: Object.fromEntries(request.headers), text: await request.text() })
      return new Response('', { status: left.shift() ?? 200 })
    },
  })
  const place = `127.0.0.1:${server.port}`
  return {
    got,
    place,
    url: `http://${place}/mail`,
    [Symbol.asyncDispose]: async () => void (await server.stop(true)),
  }
}

const routeTo = async (
  lab: Lab,
  pattern: string,
  target: string,
  action: 'webhook' | 'forward' = 'webhook',
) => must(await lab.admin.inboundRouteAdd({ account: 'default', pattern, action, target }))

/** What a receiver does who read the Standard Webhooks specification and not our source; the HMAC is OpenSSL's. */
async function isSigned(secret: string | null, headers: Got['headers'], body: string): Promise<boolean> {
  const prefix = 'whsec_'
  if (!secret?.startsWith(prefix)) return false
  const key = Buffer.from(secret.slice(prefix.length), 'base64').toString('hex')
  const openssl = Bun.spawn(
    ['openssl', 'dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key}`, '-binary'],
    { stdin: Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`) },
  )
  const digest = Buffer.from(await new Response(openssl.stdout).arrayBuffer())
  expect(await openssl.exited).toBe(0)
  const signatures = headers['webhook-signature']?.split(' ') ?? []
  return signatures.some((one) => {
    const [version, value] = one.split(',')
    return version === 'v1' && digest.equals(Buffer.from(value ?? '', 'base64'))
  })
}

const ask = (lab: Lab, message = letter('X-Mark: 1'), to = 'support@example.com') =>
  deliver(lab, { from: FROM, to: [to], message })

test('a letter is posted as JSON with a signature that its receiver can check', async () => {
  await using program = hook()
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  const { secret } = await routeTo(lab, 'Support@Example.com', program.url)
  const attached = reportMail('note.txt', 'text/plain', Buffer.from('Hello'))
  expect(await ask(lab, attached)).toBe('250 2.0.0 Ok')
  await until('it was posted', () => program.got.length === 1)
  const { headers, text } = program.got[0] as Got
  const { data, type } = JSON.parse(text)
  expect(type).toBe('inbound.received')
  // As docs/inbound.md shows it.
  const shown = JSON.parse(/```json\n([\s\S]*?)```/.exec(await Bun.file(PAGE).text())?.[1] ?? '')
  expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(shown))
  expect(Object.keys(data)).toEqual(Object.keys(shown.data))
  expect(Object.keys(data.attachments[0])).toEqual(Object.keys(shown.data.attachments[0]))
  expect(data).toMatchObject({
    envelope: { from: FROM, to: 'support@example.com' },
    from: [{ name: '', address: 'noreply@receiver.example' }],
    subject: 'Report Domain: example.com Submitter: receiver.example',
    attachments: [{ filename: 'note.txt', content_type: 'text/plain', size: 5, content: 'SGVsbG8=' }],
  })
  expect(data.text).toContain('An aggregate report.')
  expect(headers['webhook-id']).toBe(data.id)
  expect(await isSigned(secret, headers, text)).toBe(true)
  expect(await isSigned(secret, headers, `${text} `)).toBe(false)
  expect(await isSigned(secret, { ...headers, 'webhook-timestamp': '0' }, text)).toBe(false)
  expect(await isSigned(`whsec_${Buffer.alloc(32).toString('base64')}`, headers, text)).toBe(false)
})

test('a webhook that fails is asked again, later and later, with the same id', async () => {
  await using program = hook(500, 503)
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  await routeTo(lab, 'support@example.com', program.url)
  await ask(lab)
  await until('the first try', () => program.got.length === 1)
  await lab.meanwhile(until('the second try', () => program.got.length === 2))
  await lab.meanwhile(until('the third try', () => program.got.length === 3))
  const ids = program.got.map((one) => one.headers['webhook-id'])
  expect(new Set(ids).size).toBe(1)
  await lab.advance(10 * 60_000)
  expect(program.got).toHaveLength(3)
})

test('the same mail, said again by a peer that lost our answer, has the same id', async () => {
  await using program = hook()
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  await routeTo(lab, 'support@example.com', program.url)
  const message = letter('X-Mark: 1')
  for (let times = 0; times < 2; times++) expect(await ask(lab, message)).toStartWith('250')
  expect(await ask(lab, letter('X-Mark: 2'))).toStartWith('250')
  await until('both were posted', () => program.got.some(({ text }) => text.includes('"value":"2"')))
  expect(program.got.length).toBeGreaterThanOrEqual(2)
  expect(new Set(program.got.map((one) => one.headers['webhook-id'])).size).toBe(2)
})

test('a webhook that is gone closes its address until somebody opens it', async () => {
  await using program = hook(410)
  await using lab = await startLab({
    config: { 'webhooks.allow': program.place },
    dns: { 'operator.test': { MX: [[10, 'mx.example.net']] } },
  })
  const pattern = 'support@example.com'
  await routeTo(lab, pattern, program.url)
  await routeTo(lab, '*@example.com', program.url)
  const state = async () =>
    must(await lab.admin.inboundRouteList({ account: null })).map((row) => [row.pattern, row.state])
  expect(await ask(lab)).toStartWith('250')
  await until('the operator was told', () => lab.mx.messages.length === 1)
  expect(lab.mx.messages[0]?.bytes.toString()).toContain(`mailwok inbound route open ${pattern}`)
  expect(await asked(lab, pattern)).toStartWith('550 5.2.1')
  expect(await asked(lab, 'anybody@example.com')).toStartWith('250')
  expect(await state()).toEqual([
    ['*@example.com', 'open'],
    [pattern, 'closed'],
  ])
  await lab.advance(60_000)
  expect(program.got).toHaveLength(1)
  must(await lab.admin.inboundRouteOpen({ pattern: 'Support@Example.com' }))
  expect(await asked(lab, pattern)).toStartWith('250')
  await lab.meanwhile(until('the letter came at last', () => program.got.length === 2))
  const again = await lab.admin.inboundRouteOpen({ pattern })
  expect(again.ok ? 'opened' : again.error.code).toBe('not_found')
})

test('what waits for a webhook survives a restart', async () => {
  await using program = hook(500)
  await using lab = await startLab({ config: { 'webhooks.allow': program.place } })
  await routeTo(lab, 'support@example.com', program.url)
  await ask(lab)
  await until('the first try', () => program.got.length === 1)
  await lab.stop()
  await lab.start()
  await lab.meanwhile(until('the second try', () => program.got.length === 2))
})

test.each([
  'http://127.1:PORT/',
  'http://2130706433:PORT/',
  'http://[::1]:PORT/',
  'http://x.localhost:PORT/',
  'http://10.0.0.1/',
])('a webhook at %s is refused when it is made', async (url) => {
  await using lab = await startLab()
  const target = url.replace('PORT', '3000')
  const draft = { account: 'default', pattern: 'support@example.com', action: 'webhook', target } as const
  const made = await lab.admin.inboundRouteAdd(draft)
  expect(made.ok ? 'made' : made.error.code).toBe('inside_url')
})

test('a name that leads inside, now or later, is never asked', async () => {
  await using program = hook()
  const port = program.place.split(':')[1]
  await using lab = await startLab({
    dns: { 'rebound.example': { A: ['127.0.0.1'] }, 'both.example': { A: ['192.0.2.1', '127.0.0.1'] } },
  })
  await routeTo(lab, 'support@example.com', `http://rebound.example:${port}/`)
  await routeTo(lab, 'sales@example.com', `http://both.example:${port}/`)
  expect(await ask(lab)).toStartWith('250')
  expect(await ask(lab, letter('X-Mark: 2'), 'sales@example.com')).toStartWith('250')
  await lab.advance(10 * 60_000)
  expect(program.got).toEqual([])
})

test('nobody forwards to what is forwarded from here', async () => {
  await using lab = await startLab()
  await routeTo(lab, '*@example.com', 'team@example.net', 'forward')
  for (const [pattern, target] of [
    ['help@example.com', 'sales@example.com'],
    ['*@a.example.com', 'x@a.example.com'],
    ['help@a.example.com', 'postmaster@MAIL.lab.test'],
    ['help@a.example.com', 'abuse@bounce.example.com'],
  ] as const) {
    const made = await lab.admin.inboundRouteAdd({ account: 'default', pattern, action: 'forward', target })
    expect(made.ok ? 'made' : made.error.code).toBe('forward_to_route')
  }
})

test('one address wins over all addresses of its domain, and roles over those', async () => {
  await using program = hook()
  await using lab = await startLab({
    config: { 'webhooks.allow': program.place },
    dns: { 'operator.test': { MX: [[10, 'mx.example.net']] } },
  })
  await routeTo(lab, '*@example.com', program.url)
  await routeTo(lab, 'support@example.com', 'team@example.net', 'forward')
  expect(await asked(lab, 'anybody@example.com')).toStartWith('250')
  expect(await asked(lab, 'anybody@sub.example.com')).toStartWith('550 5.7.1')
  await ask(lab, letter('X-Mark: 1'), 'anybody@example.com')
  await ask(lab, letter('X-Mark: 2'), 'support@example.com')
  await ask(lab, letter('X-Mark: 3'), 'postmaster@example.com')
  await until('two were forwarded', () => lab.mx.messages.length === 2)
  await until('one was posted', () => program.got.length === 1)
  expect(lab.mx.messages.flatMap((message) => message.forwardPaths).sort()).toEqual([
    'ops@operator.test',
    'team@example.net',
  ])
})

test('forwarding attaches the letter and keeps its author as who is answered', async () => {
  await using lab = await startLab()
  await routeTo(lab, 'support@example.com', 'team@example.net', 'forward')
  expect(await ask(lab)).toStartWith('250')
  await until('it arrived', () => lab.mx.messages.length === 1)
  const mail = await simpleParser(lab.mx.messages[0]?.bytes ?? Buffer.alloc(0))
  expect(mail.from?.text).toContain('postmaster@mail.lab.test')
  expect(mail.replyTo?.text).toBe(FROM)
  expect(mail.subject).toBe('[support@example.com] A question')
  expect(mail.attachments[0]?.content.toString()).toContain('X-Mark: 1')
})

test('a route passes on sixty letters a minute, and the rest comes again', async () => {
  await using lab = await startLab()
  await routeTo(lab, 'support@example.com', 'team@example.net', 'forward')
  await routeTo(lab, 'sales@example.com', 'team@example.net', 'forward')
  for (let at = 0; at < 60; at++) expect(await ask(lab, letter(`X-Mark: ${at}`))).toStartWith('250')
  expect(await ask(lab, letter('X-Mark: 60'))).toStartWith('451 4.3.0')
  expect(await ask(lab, letter('X-Mark: 60'), 'sales@example.com')).toStartWith('250')
  await lab.advance(2_000)
  expect(await ask(lab, letter('X-Mark: 60'))).toStartWith('250')
})

test.each([
  ['what went round', FROM, 'X-Loop: mail.lab.test'],
  ['a bounce', null, 'X-Mark: 1'],
  ['an automatic answer', FROM, 'Auto-Submitted: auto-replied'],
])('%s goes no further by a route', async (_, from, field) => {
  await using lab = await startLab()
  await routeTo(lab, 'support@example.com', 'team@example.net', 'forward')
  const to = ['support@example.com']
  expect(await deliver(lab, { from, to, message: letter(field) })).toStartWith('250')
  expect(await ask(lab, letter('X-Mark: last'))).toStartWith('250')
  await until('the last arrived', () => lab.mx.messages.length > 0)
  expect(lab.mx.messages.map(({ bytes }) => bytes.includes('X-Mark: last'))).toEqual([true])
})

test.each(['auto-generated', 'auto-notified; owner-email=a@example.org', 'no'])(
  'a letter that a machine wrote of itself (%s) goes on by a route',
  async (kind) => {
    await using lab = await startLab()
    await routeTo(lab, 'support@example.com', 'team@example.net', 'forward')
    expect(await ask(lab, letter(`Auto-Submitted: ${kind}`))).toStartWith('250')
    await until('it arrived', () => lab.mx.messages.length > 0)
    expect(lab.mx.messages[0]?.forwardPaths).toEqual(['team@example.net'])
  },
)

test('a removed route takes nothing more', async () => {
  await using lab = await startLab()
  await routeTo(lab, 'support@example.com', 'team@example.net', 'forward')
  expect(await asked(lab, 'support@example.com')).toStartWith('250')
  must(await lab.admin.inboundRouteRemove({ pattern: 'support@example.com' }))
  expect(await asked(lab, 'support@example.com')).toStartWith('550 5.1.1')
})

test.each([
  ['support@stranger.example', 'webhook', 'https://a.example/', 'not_your_domain'],
  ['x@bounce.example.com', 'webhook', 'https://a.example/', 'return_path'],
  ['example.com', 'webhook', 'https://a.example/', 'invalid_pattern'],
  ['support@example.com', 'webhook', 'ftp://a.example/', 'invalid_url'],
  ['support@example.com', 'webhook', 'https://u:p@a.example/', 'invalid_url'],
  ['support@example.com', 'forward', 'team', 'invalid_address'],
] as const)('a route for %s to %s %s is refused', async (pattern, action, target, code) => {
  await using lab = await startLab()
  const made = await lab.admin.inboundRouteAdd({ account: 'default', pattern, action, target })
  expect(made.ok ? 'made' : made.error.code).toBe(code)
})
