import { describe, expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import type { ComposedParts } from '../../../src/core/content.ts'
import type { ContentId, DeliveryId } from '../../../src/core/ids.ts'
import { composeMessage } from '../../../src/mail/mime/compose.ts'
import { readClick, readOpen } from '../../../src/mail/tracking/link-token.ts'
import {
  ADDRESS_MARK,
  readWayOut,
  readWayOutAddress,
  URL_MARK,
  wayOutTail,
} from '../../../src/mail/tracking/way-out.ts'
import type { PersonalWish } from '../../../src/net/delivery/order.ts'
import { type Renderable, Renderer } from '../../../src/net/delivery/render.ts'
import { SENDER_DOMAIN } from '../../support/orders.ts'

const KEY = Buffer.alloc(32, 9)
const BASE = 'https://track.example.com'
const ID = 'msg_m1a2b3c4d001.0' as DeliveryId
const OTHER = 'msg_m1a2b3c4d001.1' as DeliveryId
const TRACKED: PersonalWish = { tracking: { base: BASE, opens: true, clicks: true } }
const LEAVING: PersonalWish = { unsubscribe: true }
const WAY_OUT = `${BASE}/u/${URL_MARK}${wayOutTail('news')}`
const HEADER = 'From: a@sender.test\r\nSubject: x\r\n'
const LIST = `List-Unsubscribe: <${WAY_OUT}>,\r\n <mailto:unsub+${ADDRESS_MARK}@bounce.sender.test>\r\n`
const LINK = 'https://shop.example.com/?a=1&amp;b=2'
const page = (word: string, way = ''): string =>
  `<html><body>\r\n<p>${word} <a href="${LINK}">buy</a></p>\r\n<p>${way}</p>\r\n</body></html>`

const order = (content: Renderable['content'], more: Partial<Renderable>): Renderable => ({
  deliveryId: ID,
  signingDomain: SENDER_DOMAIN,
  content,
  shared: true,
  at: 1_800_000_000_000,
  ...more,
})
const composed = (parts: Partial<ComposedParts>, more: Partial<Renderable> = {}): Renderable => {
  const whole: ComposedParts = { header: HEADER, text: null, html: null, attachments: [], ...parts }
  const bytes = Buffer.from(JSON.stringify(whole))
  return order({ id: 'cnt_1' as ContentId, kind: 'composed', bytes }, more)
}
const submitted = (text: string, more: Partial<Renderable> = {}): Renderable =>
  order({ id: 'cnt_1' as ContentId, kind: 'submitted', bytes: Buffer.from(text, 'latin1') }, more)

function bytesOf(asked: Renderable, renderer = new Renderer(KEY)): Buffer {
  const got = renderer.render(asked)
  if (!got.ok) throw new Error(got.error)
  return Buffer.concat(got.value.pieces)
}
const textOf = (asked: Renderable, renderer?: Renderer): string => bytesOf(asked, renderer).toString('latin1')
const found = (pattern: RegExp, text: string): string => pattern.exec(text)?.[1] ?? `no ${pattern}`

describe('a composed letter', () => {
  const TEXT = `Buy: ${LINK}, for 5 € or less; a line that is longer than the seventy-six columns of an encoded one`
  // ASCII travels as it is, Latin letters as quoted-printable, others as base64.
  test.each([
    ['7bit', 'Hello'],
    ['quoted-printable', 'Schöne Grüße, '],
    ['base64', '短い説明文です。読む人のために書きました。'.repeat(40)],
  ])('in %s: links are tracked, all else is as written', async (encoding, word) => {
    const asked = composed({ html: page(word), text: TEXT }, { personal: TRACKED })
    const plain = textOf({ ...asked, personal: undefined } as unknown as Renderable)
    const tracked = textOf(asked)
    expect(plain).toContain(`text/html; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}`)
    // Up to the html part every octet is the same, boundaries too.
    const upTo = plain.indexOf('Content-Type: text/html')
    expect(tracked.slice(0, upTo)).toBe(plain.slice(0, upTo))
    const { html, text } = await simpleParser(tracked, { skipTextToHtml: true })
    const link = found(/href="([^"]+\/c\/[^"]+)"/, html || '')
    const pixel = found(/src="([^"]+\/o\/[^"]+)"/, html || '')
    expect(readClick(link.slice(`${BASE}/c/`.length), [KEY])).toMatchObject({
      deliveryId: ID,
      target: 'https://shop.example.com/?a=1&b=2',
    })
    expect(readOpen(pixel.slice(`${BASE}/o/`.length), [KEY])).toBe(ID)
    const restored = (html || '').replace(link, LINK).replace(/<img [^>]+>/, '')
    expect(restored.replaceAll('\n', '\r\n').trimEnd()).toBe(page(word))
    expect(text?.trimEnd()).toBe(TEXT)
    for (const line of tracked.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998)
  })

  test('with nothing to track is what it was', () => {
    const parts = { header: HEADER, text: 'Hello', html: null, attachments: [] }
    expect(bytesOf(composed(parts, { personal: TRACKED })).equals(composeMessage(parts, ID))).toBe(true)
    const bare = { ...parts, html: '<p>Hello' }
    const clicks: PersonalWish = { tracking: { base: BASE, clicks: true } }
    expect(bytesOf(composed(bare, { personal: clicks })).equals(composeMessage(bare, ID))).toBe(true)
  })

  test('differs from copy to copy in tokens and boundaries alone; each attempt gives the same', () => {
    const renderer = new Renderer(KEY)
    const asked = composed({ html: page('Hi'), text: 'Hi' }, { personal: TRACKED })
    const first = textOf(asked, renderer)
    expect(textOf(asked, renderer)).toBe(first)
    expect(textOf({ ...asked, shared: false })).toBe(first)
    const second = textOf({ ...asked, deliveryId: OTHER }, renderer)
    expect(second).not.toBe(first)
    const bare = (text: string) => text.replace(/\/([co])\/1[\w-]{33}/g, '/$1/').replaceAll(/d001\.\d/g, '')
    expect(bare(second)).toBe(bare(first))
  })

  test('ways out are filled in header, text and html, and their links are not counted', async () => {
    const way = `<a href="${WAY_OUT}">leave</a>`
    const html = page('Grüße', way)
    const text = `Leave: ${WAY_OUT}\r\nBye`
    const asked = composed({ header: HEADER + LIST, html, text }, { personal: { ...TRACKED, ...LEAVING } })
    const letter = textOf(asked)
    const shown = await simpleParser(letter, { skipTextToHtml: true })
    const wanted = { deliveryId: ID, scope: 'list:news' } as const
    const urls = [
      found(/List-Unsubscribe: <[^>]+\/u\/([\w-]+)>/, letter),
      found(/\/u\/([\w-]+)/, shown.text ?? ''),
      found(/href="[^"]+\/u\/([\w-]+)"/, shown.html || ''),
    ]
    for (const token of urls) expect(readWayOut(token, [KEY])).toEqual(wanted)
    expect(readWayOutAddress(found(/unsub\+([\w]+)@/, letter), [KEY])).toBe(ID)
    expect(letter).not.toContain(URL_MARK.slice(0, 14))
    expect(shown.html || '').toMatch(/\/c\//)
    expect(shown.text).toEndWith('Bye')
  })

  test('marks are nothing to mail without a way out', () => {
    const parts = { header: HEADER, text: `x ${URL_MARK}`, html: null, attachments: [] }
    expect(bytesOf(composed(parts, { personal: TRACKED })).equals(composeMessage(parts, ID))).toBe(true)
  })
})

describe('a submitted letter', () => {
  const PLAIN = `From: a@sender.test\r\nSubject: x\r\nContent-Type: text/plain\r\n\r\nBuy: ${LINK} ${URL_MARK}\r\n`

  test('without html is what it was, and copies are one', () => {
    const asked = submitted(PLAIN, { personal: TRACKED })
    const renderer = new Renderer(KEY)
    const [first, second] = [renderer.render(asked), renderer.render({ ...asked, deliveryId: OTHER })]
    expect(first.ok && second.ok && first.value.pieces[0] === second.value.pieces[0]).toBe(true)
    expect(textOf(asked)).toBe(PLAIN)
  })

  test.each([
    ['text', PLAIN, LEAVING],
    [
      'tracked html in base64',
      `From: a@sender.test\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n${btoa(page('x'))}\r\n`,
      { ...TRACKED, ...LEAVING },
    ],
  ] as const)('the header of %s gets its ways out, its body keeps its marks', (_, letter, personal) => {
    const got = textOf(submitted(LIST + letter, { personal }))
    expect(readWayOut(found(/<[^>]+\/u\/([\w-]+)>/, got), [KEY])).toEqual({
      deliveryId: ID,
      scope: 'list:news',
    })
    expect(readWayOutAddress(found(/unsub\+([\w]+)@/, got), [KEY])).toBe(ID)
    const fieldsEnd = LIST.length
    if (personal === LEAVING) expect(got.slice(fieldsEnd)).toBe(letter)
    else expect(got.slice(fieldsEnd)).toStartWith(letter.slice(0, letter.indexOf('\r\n\r\n')))
  })
})
