//
// Links and the pixel lead over us and are ours; text parts, and all mail that asked for nothing, stay as they were.

import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import { readClick, readOpen } from '../../src/mail/tracking/link-token.ts'
import { openMasterSecret } from '../../src/services/domains/secret-file.ts'
import { idIn, type Lab, must, startLab } from '../support/appliance.ts'

setDefaultTimeout(60_000)

const HTML =
  '<html><body><p>Hi, <a href="https://shop.example.com/?a=1&amp;b=2">buy</a>\r\n<a href="mailto:a@example.com">write</a></p></body></html>'
const TARGET = 'https://shop.example.com/?a=1&b=2'
const TEXT = `Hi: ${TARGET}`
const FROM = 'app@example.com'
const TO = 'rcpt@example.net'

async function keysOf(lab: Lab): Promise<readonly Uint8Array[]> {
  const secrets = await openMasterSecret(`${lab.folder}/data/secret`)
  if (!secrets.ok) throw new Error(secrets.error)
  return secrets.value.deriveKeys('tracking')
}

async function last(lab: Lab) {
  const bytes = lab.mx.messages.at(-1)?.bytes
  if (!bytes) throw new Error('nothing was received')
  const parsed = await simpleParser(bytes, { skipTextToHtml: true, skipHtmlToText: true })
  const html = (parsed.html || '').replaceAll('\n', '\r\n').trimEnd()
  return { bytes, html, text: (parsed.text ?? '').trimEnd() }
}

const tokenIn = (html: string, path: 'o' | 'c'): string =>
  new RegExp(`"(http://127\\.0\\.0\\.1:\\d+/${path}/[\\w-]+)"`).exec(html)?.[1] ?? `no /${path}/ in ${html}`
const tail = (url: string): string => url.slice(url.lastIndexOf('/') + 1)

/** The pixel and the link are ours and work; what stands around them is what was written. */
async function expectTracked(lab: Lab, html: string, id: string): Promise<void> {
  const keys = await keysOf(lab)
  const [pixel, link] = [tokenIn(html, 'o'), tokenIn(html, 'c')]
  expect(readOpen(tail(pixel), keys)).toBe(`${id}.0` as never)
  expect(readClick(tail(link), keys)).toMatchObject({ deliveryId: `${id}.0`, target: TARGET, links: 1 })
  expect(html.replace(link, 'https://shop.example.com/?a=1&amp;b=2').replace(/<img [^>]*>/, '')).toBe(HTML)
  const clicked = await fetch(link, { redirect: 'manual' })
  expect([clicked.status, clicked.headers.get('location')]).toEqual([302, TARGET])
  expect((await fetch(pixel)).headers.get('content-type')).toBe('image/gif')
}

describe('by REST', () => {
  test('unless said otherwise', async () => {
    await using lab = await startLab()
    const id = await lab.sent({ html: HTML, text: TEXT })
    const story = await lab.ended(id)
    const letter = await last(lab)
    await expectTracked(lab, letter.html, id)
    expect(letter.text).toBe(TEXT)
    expect((await lab.dkim(letter.bytes)).map(({ result }) => result)).toEqual(['pass', 'pass'])
    expect(JSON.stringify(story.events)).not.toContain('untracked')
  })

  test('not where both were refused', async () => {
    await using lab = await startLab()
    await lab.ended(await lab.sent({ html: HTML, track_opens: false, track_clicks: false }))
    expect((await last(lab)).html).toBe(HTML)
  })

  test('each recipient has tokens of its own', async () => {
    await using lab = await startLab()
    const id = await lab.sent({ html: HTML, to: ['a@example.net', 'b@example.net'] })
    await lab.ended(id)
    const keys = await keysOf(lab)
    const opens = await Promise.all(
      lab.mx.messages.map(async ({ bytes }) =>
        readOpen(tail(tokenIn((await simpleParser(bytes)).html || '', 'o')), keys),
      ),
    )
    expect(opens.sort()).toEqual([`${id}.0`, `${id}.1`] as never)
  })
})

describe('by SMTP', () => {
  const letter = (fields: string): string =>
    `From: ${FROM}\r\nTo: ${TO}\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n` +
    `${fields}MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n` +
    `--b\r\nContent-Type: text/plain\r\n\r\n${TEXT}\r\n--b\r\nContent-Type: text/html\r\n\r\n${HTML}\r\n--b--\r\n`
  const submitted = async (lab: Lab, fields: string): Promise<string> => {
    const id = idIn(await lab.submit({ envelope: { from: FROM, to: TO }, raw: letter(fields) }))
    await lab.ended(id)
    return id
  }

  test('only where it was asked for', async () => {
    await using lab = await startLab()
    const id = await submitted(lab, 'X-MailWok-Track-Opens: true\r\nX-MailWok-Track-Clicks: yes\r\n')
    const tracked = await last(lab)
    await expectTracked(lab, tracked.html, id)
    expect(tracked.text).toBe(TEXT)
    expect((await lab.dkim(tracked.bytes)).map(({ result }) => result)).toEqual(['pass', 'pass'])
    await submitted(lab, '')
    const plain = (await last(lab)).bytes.toString('latin1')
    expect(plain).toEndWith(letter(''))
  })

  test('a letter that its author signed stays as it is, and its event says why', async () => {
    await using lab = await startLab()
    const sealed = `From: ${FROM}\r\nTo: ${TO}\r\nSubject: x\r\nDate: Mon, 23 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n${HTML}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n`
    const raw = `X-MailWok-Track-Clicks: true\r\n${sealed}`
    const id = idIn(await lab.submit({ envelope: { from: FROM, to: TO }, raw }))
    const story = await lab.ended(id)
    expect((await last(lab)).bytes.toString('latin1')).toEndWith(sealed)
    expect(story.events).toMatchObject([
      { event: 'email.queued' },
      { event: 'email.delivered', untracked: 'the message is signed or encrypted by its author' },
    ])
  })
})

test('a domain switches opens off, or both', async () => {
  await using lab = await startLab()
  expect(
    must(await lab.admin.domainTrack({ name: 'example.com', opens: false, clicks: null })),
  ).toMatchObject({
    opens: false,
    clicks: true,
    base: `http://127.0.0.1:${lab.port('api.http')}`,
  })
  await lab.ended(await lab.sent({ html: HTML }))
  const { html } = await last(lab)
  expect([html.includes('/o/'), html.includes('/c/')]).toEqual([false, true])
  must(await lab.admin.domainTrack({ name: 'example.com', opens: null, clicks: false }))
  const story = await lab.ended(await lab.sent({ html: HTML }))
  expect((await last(lab)).html).toBe(HTML)
  expect(story.events).toMatchObject([
    { event: 'email.queued' },
    { event: 'email.delivered', untracked: 'opens and clicks are switched off for example.com' },
  ])
})
