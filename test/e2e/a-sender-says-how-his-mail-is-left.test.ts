import { expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import { startLab } from '../support/appliance.ts'
import { field, MARKETING, next, oneClick, sendAndSee, waysOut } from '../support/leaving.ts'
import { until } from '../support/until.ts'

test.each([
  [{ stream: 'marketing', list_unsubscribe: false }, 'list_unsubscribe'],
  [{ stream: 'marketing', list: 'News' }, 'list'],
  [{ list_unsubscribe: {} }, 'list_unsubscribe.url'],
  [{ list_unsubscribe: { url: 'ftp://a.example' } }, 'list_unsubscribe.url'],
  [{ list_unsubscribe: { url: 'https://a.example/>x' } }, 'list_unsubscribe.url'],
  [{ list_unsubscribe: { mailto: 'nobody' } }, 'list_unsubscribe.mailto'],
  [{ list_unsubscribe: true, headers: { 'list-unsubscribe': '<https://a.example>' } }, 'list_unsubscribe'],
  [{ stream: 'marketing', headers: { 'List-Unsubscribe': 'reply' } }, 'list_unsubscribe'],
])('%j is refused by name', async (fields, path) => {
  await using lab = await startLab()
  const { status, body } = await lab.send(fields)
  expect(status).toBe(422)
  expect(body.error.fields?.[0]?.path).toBe(path)
})

test.each([
  ['as it is', 'Leave here:'],
  [
    'in quoted-printable',
    'Größe, Müller, naïve – hier abbestellen, und zwar sofort, in einer sehr langen Zeile:',
  ],
  ['in base64', '配信停止はこちらから、いつでもお手続きいただけます。配信停止：'],
])('the way out stands in text and html %s', async (_, words) => {
  await using lab = await startLab()
  const html = `<p>${words} <a href='{{unsubscribe_url}}'>${words}</a> ${words}</p>`
  await sendAndSee(lab, { ...MARKETING, text: `${words} {{ unsubscribe_url }} ${words}`, html, data: {} })
  const { path } = waysOut(lab)
  const letter = await simpleParser(lab.mx.messages.at(-1)?.bytes ?? '')
  expect(letter.text).toContain(`${words} http://127.0.0.1:${lab.port('api.http')}${path} ${words}`)
  expect(letter.html).toContain(`${path}'>${words}</a> ${words}`)
  for (const verdict of await lab.dkim(lab.mx.messages.at(-1)?.bytes ?? Buffer.alloc(0))) {
    expect(verdict.result).toBe('pass')
  }
  // The text that is made of html has it too.
  await sendAndSee(lab, { ...MARKETING, html, data: {} })
  const made = await simpleParser(lab.mx.messages.at(-1)?.bytes ?? '')
  expect(made.text).toContain(waysOut(lab).path)
  expect(made.text).not.toMatch(/mailwokwayout/i)
})

test('a way out of the sender stands instead of ours', async () => {
  await using lab = await startLab()
  const own = { url: 'https://shop.example.com/leave?id=1&x=2', mailto: 'leave@example.com' }
  const html = '<a href="{{ unsubscribe_url }}">leave</a> <a href="https://shop.example.com/">shop</a>'
  await sendAndSee(lab, { ...MARKETING, list_unsubscribe: own, html, data: {} })
  const letter = await simpleParser(lab.mx.messages.at(-1)?.bytes ?? '')
  // Nobody is counted who leaves.
  expect(letter.html).toContain('<a href="https://shop.example.com/leave?id=1&amp;x=2">leave</a>')
  expect(letter.html).not.toContain('<a href="https://shop.example.com/">')
  expect(field(lab, 'List-Unsubscribe')).toBe(`<${own.url}>, <mailto:${own.mailto}>`)
  expect(field(lab, 'List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click')
  await sendAndSee(lab, { ...MARKETING, list_unsubscribe: { mailto: own.mailto } })
  expect(field(lab, 'List-Unsubscribe-Post')).toBeNull()
  await sendAndSee(lab, {})
  for (const name of ['List-Unsubscribe', 'List-Unsubscribe-Post', 'List-Id', 'List-Help']) {
    expect(field(lab, name)).toBeNull()
  }
  await sendAndSee(lab, { list_unsubscribe: true })
  expect(field(lab, 'List-Id')).toBe('"notifications" <notifications.example.com>')
  await oneClick(lab, waysOut(lab).path)
  expect(await next(lab, { list_unsubscribe: true })).toBe('suppressed')
  expect(await next(lab, {})).toBe('queued')
})

test('mail by SMTP is left in the same way, and a field of its own stays as it is', async () => {
  await using lab = await startLab()
  const headers = { 'X-MailWok-Stream': 'marketing', 'X-MailWok-List': 'news.weekly' }
  await lab.submit({ subject: 'News', text: 'Hello.', headers })
  await until('it arrived', () => lab.mx.messages.length === 1)
  await oneClick(lab, waysOut(lab).path)
  expect(await next(lab, MARKETING)).toBe('suppressed')
  const own = { ...headers, 'List-Unsubscribe': '<https://shop.example.com/leave>' }
  await lab.submit({ to: 'b@example.net', subject: 'News', text: 'Hello.', headers: own })
  await until('it arrived', () => lab.mx.messages.length === 2)
  expect(field(lab, 'List-Unsubscribe')).toBe('<https://shop.example.com/leave>')
  expect(field(lab, 'List-Unsubscribe-Post')).toBeNull()
  const refused = lab.submit({
    subject: 'News',
    text: 'Hello.',
    headers: { 'X-MailWok-Stream': 'marketing', 'X-MailWok-List-Unsubscribe': 'false' },
  })
  expect(refused).rejects.toMatchObject({ responseCode: 550 })
})
