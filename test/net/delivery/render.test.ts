import { expect, test } from 'bun:test'
import type { ContentId, DeliveryId } from '../../../src/core/ids.ts'
import { generateKey, type PreparedKey, prepareKey } from '../../../src/mail/dkim/key.ts'
import { type Renderable, type Rendered, Renderer } from '../../../src/net/delivery/render.ts'
import { SENDER_DOMAIN } from '../../support/orders.ts'

const AT = 1_800_000_000_000
const TRACKING_KEY = Buffer.alloc(32, 7)
const { privateKey } = await generateKey('ed25519-sha256')
let signatures = 0
const prepared = prepareKey({ domain: SENDER_DOMAIN, selector: 's', algorithm: 'ed25519-sha256', privateKey })
const counting: PreparedKey = {
  ...prepared,
  sign(bytes) {
    signatures += 1
    return prepared.sign(bytes)
  },
}

const submitted = (text: string, more: Partial<Renderable> = {}): Renderable => ({
  deliveryId: 'msg_000000000000.0' as DeliveryId,
  signingDomain: SENDER_DOMAIN,
  content: { id: 'cnt_1' as ContentId, kind: 'submitted', bytes: Buffer.from(text) },
  shared: true,
  at: AT,
  ...more,
})

function rendered(renderer: Renderer, order: Renderable): Rendered & { readonly text: string } {
  const got = renderer.render(order)
  if (!got.ok) throw new Error(got.error)
  return { ...got.value, text: Buffer.concat(got.value.pieces).toString('latin1') }
}

const PLAIN = 'From: a@sender.test\r\nSubject: x\r\n\r\nbody\r\n'

test('without keys the submitted bytes are the message, not a copy of them', () => {
  const order = submitted(PLAIN)
  const { pieces, size } = rendered(new Renderer(TRACKING_KEY), order)
  expect(pieces).toEqual([Buffer.from(PLAIN)])
  expect(pieces[0]?.buffer).toBe(order.content.bytes.buffer)
  expect(size).toBe(PLAIN.length)
})

test('equal copies of one second are signed once', () => {
  const renderer = new Renderer(TRACKING_KEY)
  renderer.setKeys(SENDER_DOMAIN, [counting])
  signatures = 0
  const first = rendered(renderer, submitted(PLAIN))
  const second = rendered(
    renderer,
    submitted(PLAIN, { deliveryId: 'msg_000000000000.1' as DeliveryId, at: AT + 999 }),
  )
  expect(signatures).toBe(1)
  expect(second.text).toBe(first.text)
  expect(first.text.endsWith(PLAIN)).toBe(true)
  expect(first.size).toBe(first.text.length)
  expect(rendered(renderer, submitted(PLAIN, { at: AT + 1000 })).text).not.toBe(first.text)
  expect(signatures).toBe(2)
})

test('new keys are used at once', () => {
  const renderer = new Renderer(TRACKING_KEY)
  renderer.setKeys(SENDER_DOMAIN, [counting])
  rendered(renderer, submitted(PLAIN))
  renderer.setKeys(SENDER_DOMAIN, [{ ...counting, selector: 'next' }])
  expect(rendered(renderer, submitted(PLAIN)).text).toContain('s=next')
})

test.each([
  [PLAIN, false, false],
  ['Subject: x\r\n\r\ngr\u00fc\u00df\r\n', true, false],
  ['Subject: gr\u00fc\u00df\r\n\r\nx\r\n', false, true],
])('what %j needs', (text, eightBit, utf8Header) => {
  expect(rendered(new Renderer(TRACKING_KEY), submitted(text))).toMatchObject({ eightBit, utf8Header })
})

test('a header in an old 8-bit charset is no internationalized one', () => {
  const bytes = Buffer.from('Subject: gr\u00fc\u00df\r\n\r\nx\r\n', 'latin1')
  const order = submitted('', { content: { id: 'cnt_2' as ContentId, kind: 'submitted', bytes } })
  expect(rendered(new Renderer(TRACKING_KEY), order).utf8Header).toBe(false)
})

test.each(['a: b\r\n\r\nx\ny\r\n', 'a: b\r\n\r\nx\ry\r\n', 'a: b\r\n\r\nx\0\r\n', 'a: b\n\nx'])(
  '%j may not travel',
  (text) => {
    expect(new Renderer(TRACKING_KEY).render(submitted(text)).ok).toBe(false)
  },
)

test('composed content is the same bytes at every attempt, and different in its boundaries for each delivery', () => {
  const parts = {
    header: 'From: a@sender.test\r\nSubject: x\r\n',
    text: 'Hello',
    html: '<p>Hello</p>',
    attachments: [],
  }
  const content = {
    id: 'cnt_3' as ContentId,
    kind: 'composed',
    bytes: Buffer.from(JSON.stringify(parts)),
  } as const
  const renderer = new Renderer(TRACKING_KEY)
  const first = rendered(renderer, submitted('', { content }))
  expect(rendered(new Renderer(TRACKING_KEY), submitted('', { content })).text).toBe(first.text)
  expect(rendered(renderer, submitted('', { content })).text).toBe(first.text)
  expect(first.text).toContain('<p>Hello</p>')
  const sibling = rendered(
    renderer,
    submitted('', { content, deliveryId: 'msg_000000000000.1' as DeliveryId }),
  )
  expect(sibling.text).not.toBe(first.text)
})

test('what only one delivery needs is not kept', () => {
  const renderer = new Renderer(TRACKING_KEY)
  const first = renderer.render(submitted('Subject: one\r\n\r\nbody\r\n', { shared: false }))
  const second = renderer.render(submitted('Subject: two\r\n\r\nbody\r\n', { shared: false }))
  const third = renderer.render(submitted('Subject: three\r\n\r\nbody\r\n'))
  const fourth = renderer.render(submitted('Subject: four\r\n\r\nbody\r\n'))
  const text = (rendered: typeof first) =>
    rendered.ok ? Buffer.concat(rendered.value.pieces).toString() : ''
  expect(text(first)).toContain('Subject: one')
  expect(text(second)).toContain('Subject: two')
  expect(text(third)).toContain('Subject: three')
  // The same content id: a content is kept as it was first seen.
  expect(text(fourth)).toContain('Subject: three')
})
