import { expect, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AUTHORIZED, idIn, type Lab, must, startLab } from '../support/appliance.ts'
import { TEST_KEY } from '../support/lab-folder.ts'
import { until } from '../support/until.ts'

const CAPTURE = { config: { 'delivery.mode': 'capture' } } as const
const LETTER = {
  subject: 'Grüße',
  text: 'Für Sie.',
  html: '<p>Für Sie: <a href="https://a.example/">a</a></p>',
}

const part = async (lab: Lab, id: string, query: string, key?: string) => {
  const headers = key === undefined ? AUTHORIZED : { authorization: `Bearer ${key}` }
  const response = await lab.fetch(`/v1/email/${id}/content${query}`, { headers })
  return { response, bytes: Buffer.from(await response.arrayBuffer()) }
}
const shown = async (
  lab: Lab,
  id: string,
  wanted: 'html' | 'text' | 'raw',
  recipient: string | null = null,
) => {
  const copy = must(await lab.admin.messageContent({ id, part: wanted, recipient }))
  return { ...copy, bytes: Buffer.from(copy.content, copy.encoding) }
}
const folderOf = (lab: Lab): string => join(lab.folder, 'data/captured')

test('captured mail is read back octet by octet, signed', async () => {
  await using lab = await startLab(CAPTURE)
  const id = await lab.sent({ ...LETTER, to: ['a@example.net', 'b@nowhere.test'] })
  await lab.ended(id)
  const file = readFileSync(join(folderOf(lab), `${id}.1.eml`))
  const copy = await shown(lab, id, 'raw', 'B@nowhere.test')
  expect(copy).toMatchObject({ source: 'captured', recipient: 'b@nowhere.test' })
  expect(copy.bytes.equals(file)).toBe(true)
  const { response, bytes } = await part(lab, id, '?part=raw&recipient=b@nowhere.test')
  expect(bytes.equals(file)).toBe(true)
  expect(response.headers.get('content-type')).toBe('message/rfc822')
  expect((await lab.dkim(bytes)).map((each) => each.result)).toEqual(['pass', 'pass'])
  // As it went out: with the links and the pixel of this copy.
  expect((await shown(lab, id, 'html')).content).toMatch(
    /^<p>Für Sie: <a href="http[^"]+\/c\/1[^"]+">a<\/a><\/p><img /,
  )
  expect((await shown(lab, id, 'text')).content.trim()).toBe('Für Sie.')
})

test('without capture it is rendered from the content, as it goes out, until retention has removed that', async () => {
  await using lab = await startLab({ config: { 'retention.content': '1h' } })
  const id = await lab.sent(LETTER)
  await lab.ended(id)
  const sent = lab.mx.messages[0]?.bytes ?? Buffer.alloc(0)
  const copy = await shown(lab, id, 'raw')
  expect(copy.source).toBe('rendered')
  expect(unsigned(copy.bytes)).toBe(unsigned(sent))
  expect((await lab.dkim(copy.bytes)).map((each) => each.result)).toEqual(['pass', 'pass'])
  const reply = await lab.submit({
    ...LETTER,
    attachments: [{ filename: 'x.html', content: '<b>not this</b>' }],
  })
  const byHand = idIn(reply)
  await lab.ended(byHand)
  expect((await shown(lab, byHand, 'html')).content).toBe(LETTER.html)
  lab.clock.jump(2 * 3_600_000)
  await lab.advance(11 * 60_000)
  const gone = await lab.admin.messageContent({ id, part: 'raw', recipient: null })
  expect(gone).toMatchObject({ ok: false, error: { code: 'content_removed' } })
  expect((await part(lab, id, '')).response.status).toBe(404)
})

/** But for the signatures, which say when they were made. */
const unsigned = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/^(?:DKIM-Signature:.*\r\n(?:[ \t].*\r\n)*)+/, '')

test('mail that waits, and mail that a test key sent, can be looked at as well', async () => {
  await using lab = await startLab({ mx: { at: { RCPT: '450 4.2.1 later' } } })
  const id = await lab.sent({ ...LETTER, track_opens: false, track_clicks: false })
  await lab.tried(id, 1)
  expect((await shown(lab, id, 'html')).content).toBe(LETTER.html)
  const { body } = await lab.send(
    { ...LETTER, from: 'who@bank.test' },
    { authorization: `Bearer ${TEST_KEY}` },
  )
  expect((await shown(lab, body.message_id, 'raw')).bytes.toString('latin1')).toMatch(
    /^From: who@bank\.test\r$/m,
  )
})

test('html of others is served so that it can do nothing, and only to whose it is', async () => {
  await using lab = await startLab(CAPTURE)
  const html = '<script>alert(1)</script><img src="https://a.example/x.png">'
  const id = await lab.sent({ ...LETTER, html })
  await lab.ended(id)
  const { response, bytes } = await part(lab, id, '?part=html')
  expect(bytes.toString()).toContain('<script>')
  expect(response.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  const whole = await part(lab, id, '')
  expect(JSON.parse(whole.bytes.toString())).toMatchObject({
    success: true,
    message_id: id,
    recipient: 'rcpt@example.net',
    source: 'captured',
    subject: 'Grüße',
  })
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const { key } = must(await lab.admin.keyCreate({ account: 'other', name: 'k', mode: 'live' }))
  expect((await part(lab, id, '?part=html', key)).response.status).toBe(404)
  expect((await lab.fetch(`/v1/email/${id}/content`)).status).toBe(401)
  expect((await part(lab, id, '?part=pdf')).response.status).toBe(422)
  expect((await part(lab, id, '?recipient=c@d.test')).response.status).toBe(422)
  const plain = await lab.sent({ text: 'only words' })
  await lab.ended(plain)
  expect((await part(lab, plain, '?part=html')).response.status).toBe(404)
})

test('recent mail is found by recipient and state, the newest first', async () => {
  await using lab = await startLab()
  const first = await lab.sent({ ...LETTER, to: ['a@example.net', 'b@sandbox.mailwok.test'] })
  await lab.ended(first)
  await lab.advance(1000)
  const second = await lab.sent({ to: 'bounce-hard@sandbox.mailwok.test' })
  await lab.ended(second)
  const list = async (ask: { recipient?: string; state?: string; limit?: number }) =>
    must(await lab.admin.messageList({ recipient: null, state: null, limit: 50, ...ask })).messages
  expect((await list({})).map((row) => row.message_id)).toEqual([second, first, first])
  expect(await list({ recipient: 'A@example.net' })).toMatchObject([
    { message_id: first, state: 'delivered', recipient: 'a@example.net', subject: 'Grüße', test: false },
  ])
  expect((await list({ state: 'bounced' })).map((row) => row.message_id)).toEqual([second])
  expect(await list({ limit: 1 })).toHaveLength(1)
  const wrong = await lab.admin.messageList({ recipient: null, state: 'sent', limit: 1 })
  expect(wrong).toMatchObject({ ok: false, error: { code: 'usage' } })
})

test('the folder keeps to its age and its size, and to what it wrote itself', async () => {
  await using lab = await startLab({
    config: { ...CAPTURE.config, 'delivery.capture_keep': '1h', 'delivery.capture_size': '40KB' },
  })
  const names = () => readdirSync(folderOf(lab)).sort()
  const first = await lab.sent()
  await lab.ended(first)
  writeFileSync(join(folderOf(lab), 'notes.txt'), 'mine')
  const unfinished = join(folderOf(lab), `${first}.9.eml.part`)
  writeFileSync(unfinished, 'of a node that died')
  utimesSync(unfinished, lab.clock.now() / 1000, lab.clock.now() / 1000)
  lab.clock.jump(61 * 60_000)
  const second = await lab.sent({ text: 'x'.repeat(15_000) })
  await lab.ended(second)
  await lab.advance(61_000)
  await lab.meanwhile(until('the old one is gone', () => !existsSync(join(folderOf(lab), `${first}.0.eml`))))
  expect(names()).toEqual([`${second}.0.eml`, 'notes.txt'])
  const more: string[] = []
  for (const _ of [1, 2]) {
    await lab.advance(1000)
    more.push(await lab.sent({ text: 'y'.repeat(15_000) }))
    await lab.ended(more.at(-1) ?? '')
  }
  await lab.meanwhile(until('the oldest is gone', () => !existsSync(join(folderOf(lab), `${second}.0.eml`))))
  expect(names()).toEqual([...more.map((id) => `${id}.0.eml`), 'notes.txt'])
})

test('what was scheduled further ahead than captured mail is kept, is kept as long as any', async () => {
  await using lab = await startLab({ config: { ...CAPTURE.config, 'delivery.capture_keep': '1h' } })
  const hour = 60 * 60_000
  const id = await lab.sent({ scheduled_at: new Date(lab.clock.now() + 2 * hour).toISOString() })
  lab.clock.jump(2 * hour)
  await lab.advance(61_000)
  await lab.ended(id)
  const file = join(folderOf(lab), `${id}.0.eml`)
  lab.clock.jump(hour - 10 * 60_000)
  await lab.advance(61_000)
  expect(existsSync(file)).toBe(true)
  lab.clock.jump(hour)
  await lab.advance(61_000)
  await lab.meanwhile(until('it is old', () => !existsSync(file)))
})
