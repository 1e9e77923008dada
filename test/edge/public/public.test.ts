import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createPublic, type PublicParts } from '../../../src/edge/public/public.ts'
import { clickHead, clickTail, copyName, openHead } from '../../../src/mail/tracking/link-token.ts'
import { wayOutHead } from '../../../src/mail/tracking/way-out.ts'
import type { Reading } from '../../../src/services/engagement/reading.ts'
import { StoreUnavailable } from '../../../src/store/store-fault.ts'
import { DELIVERY, TRACKING_KEY } from '../../support/tracked.ts'

const unasked = () => Promise.reject(new Error('nobody asks to leave here'))
const NOBODY_LEAVES = { find: unasked, standing: unasked, leave: unasked, comeBack: unasked }

const TARGET = 'https://shop.example/path?a=1&b=%20#frag'
const OPEN = openHead(copyName(DELIVERY), TRACKING_KEY)
const tail = clickTail(TARGET, 2, 7)
const CLICK = clickHead(copyName(DELIVERY), tail, TRACKING_KEY) + tail

const LEAVE = wayOutHead(DELIVERY, '', TRACKING_KEY)

function house(leaving: PublicParts['leaving'] = NOBODY_LEAVES) {
  const noted: Reading[] = []
  const faults: unknown[] = []
  const nothing = (): void => undefined
  const answer = createPublic({
    tracking: { keys: [Buffer.alloc(32, 9), TRACKING_KEY], noted: (reading) => void noted.push(reading) },
    leaving,
    clock: { now: () => 1234 },
    log: { debug: nothing, info: nothing, warn: nothing, error: (...words) => void faults.push(words) },
  })
  const get = async (path: string, init: RequestInit = {}, client = '203.0.113.9') =>
    answer(new Request(`http://track.example.com${path}`, init), client)
  return { get, noted, faults, answer }
}

const must = (response: Response | null): Response => {
  if (response === null) throw new Error('not for us')
  return response
}

/** What stands on it. */
async function expectPlainPage(response: Response): Promise<string> {
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('content-security-policy')).toStartWith(
    "default-src 'none'; style-src 'sha256-",
  )
  expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('x-frame-options')).toBe('DENY')
  expect(response.headers.get('cache-control')).toBe('no-store, private')
  expect(response.headers.get('set-cookie')).toBeNull()
  expect(response.headers.get('location')).toBeNull()
  const html = await response.text()
  expect(html).not.toMatch(/<script|https?:|<form|<img/i)
  return html
}

describe('a pixel', () => {
  test.each(['GET', 'HEAD'])('is one transparent picture by %s, kept by nobody', async (method) => {
    const { get, noted } = house()
    const response = must(
      await get(`/o/${OPEN}?x=1`, { method, headers: { 'user-agent': 'Mail/1', purpose: 'prefetch' } }),
    )
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/gif')
    expect(response.headers.get('cache-control')).toBe('no-store, private')
    expect(response.headers.get('set-cookie')).toBeNull()
    const octets = Buffer.from(await response.arrayBuffer())
    expect(octets.length).toBe(43)
    expect(octets.toString('latin1', 0, 6)).toBe('GIF89a')
    expect(noted).toEqual([
      {
        kind: 'open',
        deliveryId: DELIVERY,
        method,
        ip: '203.0.113.9',
        userAgent: 'Mail/1',
        saysPrefetch: true,
        at: 1234,
      },
    ])
  })
})

describe('a link', () => {
  test.each(['GET', 'HEAD'])('leads by %s to what its author wrote, octet for octet', async (method) => {
    const { get, noted } = house()
    const response = must(await get(`/c/${CLICK}?utm_source=added-on-the-way`, { method }))
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe(TARGET)
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(noted).toMatchObject([{ kind: 'click', target: TARGET, link: 2, links: 7, userAgent: null }])
  })
})

describe('who asked', () => {
  test.each([
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:DB8::1', '2001:db8::1'],
    ['unknown', null],
    ['203.0.113.9:4711', null],
    ['', null],
  ])('%p is %p', async (client, ip) => {
    const { get, noted } = house()
    await get(`/o/${OPEN}`, {}, client)
    expect(noted[0]?.ip).toBe(ip)
  })

  test('a name of a thousand words is cut', async () => {
    const { get, noted } = house()
    await get(`/o/${OPEN}`, { headers: { 'user-agent': 'x'.repeat(5000) } })
    expect(noted[0]?.userAgent?.length).toBe(512)
  })
})

describe('while the store is away', () => {
  const away = () => Promise.reject(new StoreUnavailable('the database is away'))
  const parts = { find: away, standing: away, leave: away, comeBack: away }

  test.each(['GET', 'HEAD', 'POST'])('who leaves by %s is asked to come again', async (method) => {
    const { get, faults } = house(parts)
    const body = method === 'POST' ? new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) : null
    const response = must(await get(`/u/${LEAVE}`, { method, body }))
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('60')
    expect(await expectPlainPage(response)).toContain('try again in a minute')
    expect(faults).toEqual([])
  })

  test('links lead on', async () => {
    expect(must(await house(parts).get(`/c/${CLICK}`)).status).toBe(302)
  })
})

describe('letters of an address that need no code, in code', () => {
  const coded = (text: string): string =>
    Array.from(text, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')

  test('are the same address (RFC 3986 §6.2.2.2)', async () => {
    const { get, noted } = house()
    expect(must(await get(`/c/${coded(CLICK)}`)).headers.get('location')).toBe(TARGET)
    expect(must(await get(`/o/${coded(OPEN)}`)).headers.get('content-type')).toBe('image/gif')
    expect(noted).toHaveLength(2)
  })

  test('all others stay what they are', async () => {
    const { get } = house()
    for (const other of ['%2F', '%00', '%', '%zz', '%e4', '%252d']) {
      expect(must(await get(`/c/${CLICK}${other}`)).status).toBe(404)
    }
  })
})

describe('what is no token', () => {
  test.each([
    '/o/',
    '/c/',
    `/o/${CLICK}`,
    `/c/${OPEN}`,
    `/o/${OPEN}/`,
    `/o/${OPEN}%20`,
    `/o/${OPEN.toUpperCase()}`,
    '/c/?url=https://evil.example/',
    '/c/https://evil.example/',
    `/c/${CLICK}.`,
    `/c//${CLICK}`,
    `/c/${'a'.repeat(7000)}`,
  ])('%# is a plain page, and nobody has read anything', async (path) => {
    const { get, noted } = house()
    const response = must(await get(path))
    expect(response.status).toBe(404)
    await expectPlainPage(response)
    expect(noted).toEqual([])
  })

  test('neither is one with any bit of it flipped', async () => {
    const { get, noted } = house()
    for (const [at, letter] of [...`${CLICK}`].entries()) {
      for (let bit = 0; bit < 7; bit++) {
        const other = String.fromCharCode(letter.charCodeAt(0) ^ (1 << bit))
        if (!/[\w-]/.test(other)) continue
        const response = must(await get(`/c/${CLICK.slice(0, at)}${other}${CLICK.slice(at + 1)}`))
        expect(response.status).toBe(404)
      }
    }
    expect(noted).toEqual([])
  })

  test('nor anything that a stranger makes up: nobody is ever sent away', async () => {
    const { get } = house()
    const path = fc.oneof(
      fc.webPath().map((rest) => `/c${rest}`),
      fc.webUrl().map((url) => `/c/${encodeURIComponent(url)}`),
      fc.webUrl().map((url) => `/c/${CLICK.slice(0, 34)}0101${Buffer.from(url).toString('base64url')}`),
      fc.webUrl().map((url) => `/o/${OPEN}?url=${encodeURIComponent(url)}`),
      fc.base64String().map((text) => `/c/1${text.replace(/[+/=]/g, '-')}`),
    )
    await fc.assert(
      fc.asyncProperty(path, async (asked) => {
        const response = await get(asked)
        if (response === null) return
        expect([200, 404]).toContain(response.status)
        expect(response.headers.get('location')).toBeNull()
      }),
      { numRuns: 2000 },
    )
  })
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
  const { get, noted } = house()
  for (const path of [`/o/${OPEN}`, `/c/${CLICK}`]) {
    const response = must(await get(path, { method }))
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
    await expectPlainPage(response)
  }
  expect(noted).toEqual([])
})

test.each(['/', '/v1/email/send', '/livez', '/o', '/oo/x', '/x/o/x', '/docs'])(
  '%s is for others',
  async (path) => {
    expect(await house().get(path)).toBeNull()
  },
)

test('a fault of ours is a page and a line in the log, without the token', async () => {
  const lines: unknown[] = []
  const nothing = (): void => undefined
  const answer = createPublic({
    tracking: {
      keys: [TRACKING_KEY],
      noted: () => {
        throw new Error('broken')
      },
    },
    leaving: NOBODY_LEAVES,
    clock: { now: () => 1 },
    log: { debug: nothing, info: nothing, warn: nothing, error: (...words) => void lines.push(words) },
  })
  const response = must(await answer(new Request(`http://track.example.com/c/${CLICK}`), ''))
  expect(response.status).toBe(500)
  await expectPlainPage(response)
  expect(JSON.stringify(lines)).toContain('broken')
  expect(JSON.stringify(lines)).not.toContain(CLICK.slice(0, 20))
})
