import { expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import type { Fill, MergedParts } from '../../../src/core/content.ts'
import type { ContentId, DeliveryId } from '../../../src/core/ids.ts'
import { readClick, readOpen } from '../../../src/mail/tracking/link-token.ts'
import { readWayOut, URL_MARK } from '../../../src/mail/tracking/way-out.ts'
import { type Renderable, Renderer } from '../../../src/net/delivery/render.ts'
import { packOrders, unpackOrders } from '../../../src/net/delivery/wire.ts'
import { orderFor, SENDER_DOMAIN } from '../../support/orders.ts'

const KEY = Buffer.alloc(32, 9)
const BASE = 'https://track.example.com'
const HEADER = 'From: a@sender.test\r\n'
const own = (subject: string): string => `To: b@receiver.test\r\nSubject: ${subject}\r\n`

const order = (parts: Partial<MergedParts>, fill: Fill, more: Partial<Renderable> = {}): Renderable => {
  const whole: MergedParts = {
    header: HEADER,
    html: null,
    text: null,
    wayOut: null,
    attachments: [],
    ...parts,
  }
  return {
    deliveryId: 'msg_m1a2b3c4d001.0' as DeliveryId,
    signingDomain: SENDER_DOMAIN,
    content: { id: 'cnt_1' as ContentId, kind: 'merged', bytes: Buffer.from(JSON.stringify(whole)) },
    shared: true,
    at: 1_800_000_000_000,
    fill: JSON.stringify(fill),
    ...more,
  }
}
const bytesOf = (asked: Renderable, renderer = new Renderer(KEY)): Buffer => {
  const got = renderer.render(asked)
  if (!got.ok) throw new Error(got.error)
  return Buffer.concat(got.value.pieces)
}
const read = (asked: Renderable, renderer?: Renderer) => simpleParser(bytesOf(asked, renderer))

test('each message has its own header and its own words', async () => {
  const renderer = new Renderer(KEY)
  const parts = { html: '<p>Dear {{ name }}</p>', text: 'Dear {{ name }}, the same for all' }
  for (const [name, page] of [
    ['Ada & Bob', 'Ada &amp; Bob'],
    ['Zoë', 'Zoë'],
  ] as const) {
    const mail = await read(order(parts, { header: own(name), data: { name } }), renderer)
    expect(mail.subject).toBe(name)
    expect(mail.html).toContain(`<p>Dear ${page}</p>`)
    expect(mail.text).toContain(`Dear ${name}, the same`)
    expect(mail.from?.text).toBe('a@sender.test')
  }
})

test('without data nothing is merged, and what all have in common is there once more', async () => {
  const renderer = new Renderer(KEY)
  const parts = { text: 'literal {{ braces }}', html: '<b>same</b>' }
  for (let copy = 0; copy < 2; copy += 1) {
    const mail = await read(order(parts, { header: own('x'), data: null }), renderer)
    expect(mail.text).toContain('literal {{ braces }}')
    expect(mail.html).toContain('<b>same</b>')
  }
})

test('a part without tags is not asked for data', async () => {
  const mail = await read(
    order({ text: 'the same', html: '{{ a }}' }, { header: own('x'), data: { a: '1' } }),
  )
  expect([mail.text?.trim(), mail.html]).toEqual(['the same', '1'])
})

test('where no text is given it is made of each copy', async () => {
  const parts = { html: '<p>{% if vip %}Very dear{% endif %} {{ name }}</p>' }
  const mail = await read(order(parts, { header: own('x'), data: { vip: true, name: 'Ada' } }))
  expect(mail.text?.trim()).toBe('Very dear Ada')
})

test('the same order gives the same bytes', () => {
  const asked = order({ html: '<p>{{ a }}</p>', text: '{{ a }}' }, { header: own('x'), data: { a: 'é' } })
  expect(bytesOf(asked).equals(bytesOf(asked))).toBe(true)
})

test('links of its own are tracked, and the way out is its own', async () => {
  const wayOut = `${BASE}/u/${URL_MARK}`
  const parts = {
    header: `${HEADER}List-Unsubscribe: <${wayOut}>\r\n`,
    html: '<a href="https://shop.example.com/{{ id }}">buy</a> <a href="{{ unsubscribe_url }}">leave</a>',
    wayOut,
  }
  const personal = { tracking: { base: BASE, opens: true, clicks: true }, unsubscribe: true } as const
  const asked = order(parts, { header: own('x'), data: { id: '42' } }, { personal })
  const page = String((await read(asked)).html)
  const click = /\/c\/([\w-]+)/.exec(page)?.[1] ?? ''
  expect(readClick(click, [KEY])).toMatchObject({
    deliveryId: asked.deliveryId,
    target: 'https://shop.example.com/42',
  })
  expect(readOpen(/\/o\/([\w-]+)/.exec(page)?.[1] ?? '', [KEY])).toBe(asked.deliveryId)
  expect(readWayOut(/\/u\/([\w-]+)/.exec(page)?.[1] ?? '', [KEY])?.deliveryId).toBe(asked.deliveryId)
  expect(bytesOf(asked).includes(URL_MARK)).toBe(false)
})

test('what cannot be merged says so, and nothing leaves', () => {
  const got = new Renderer(KEY).render(order({ text: '{{ name }}' }, { header: own('x'), data: {} }))
  expect(got).toMatchObject({ ok: false, error: expect.stringContaining('"name" has no value') })
})

test('a value cannot bring a NUL to the wire', () => {
  const bytes = bytesOf(order({ text: '{{ a }}' }, { header: own('x'), data: { a: 'x\0y' } }))
  expect(bytes.includes(0)).toBe(false)
})

test('what a message adds crosses to the worker, with tokens and without', () => {
  const fill = JSON.stringify({ header: own('x'), data: { a: '"' } } satisfies Fill)
  const plain = orderFor({ mx: [{ host: '127.0.0.1', port: 25 }] })
  for (const more of [{ fill }, { fill, personal: { unsubscribe: true as const } }, {}]) {
    const asked = { ...plain, ...more }
    expect(unpackOrders(packOrders([asked]))[0]).toEqual(asked)
  }
})
