import { describe, expect, test } from 'bun:test'
import type { Domain } from '../../../src/core/address.ts'
import { type AccountId, deliveryId, type MessageId } from '../../../src/core/ids.ts'
import { fault, ok } from '../../../src/core/result.ts'
import { leaveRoute } from '../../../src/edge/public/leave.ts'
import { URL_MARK, wayOutHead, wayOutTail } from '../../../src/mail/tracking/way-out.ts'
import type { Departure, Leaver, LeftScope, Standing } from '../../../src/services/engagement/leaving.ts'

const KEY = Buffer.alloc(32, 1)
const OLD = Buffer.alloc(32, 2)
const DELIVERY = deliveryId('msg_mfxy1234z0ab' as MessageId, 36)

const tokenOf = (list: string | undefined, key: Uint8Array = KEY): string =>
  wayOutHead(DELIVERY, wayOutTail(list), key) + wayOutTail(list)
const TOKEN = tokenOf('news')

const LEAVER: Leaver = {
  id: DELIVERY,
  messageId: 'msg_mfxy1234z0ab' as MessageId,
  accountId: 'acc_1' as AccountId,
  recipient: 'ann@one.example' as Leaver['recipient'],
  mode: 'live',
  signingDomain: '<i>.example' as Domain,
  list: 'news',
}

interface House {
  readonly known?: boolean
  readonly fails?: true
  readonly kept?: true
  readonly standing?: Standing
}

function house({ known = true, fails, kept, standing = 'comes' }: House = {}) {
  const acted: (readonly [string, LeftScope, ...string[]])[] = []
  const end = (what: 'done' | 'kept') => Promise.resolve(fails ? fault('busy' as const) : ok(what))
  const route = leaveRoute({
    tracking: { keys: [KEY, OLD], noted: () => undefined },
    leaving: {
      find: async () => (known ? LEAVER : null),
      standing: async () => standing,
      leave: async (_leaver, { scope, by, ip, userAgent }: Departure) => {
        acted.push(['leave', scope, by, ip ?? '', userAgent ?? ''])
        return fails ? fault('busy') : ok('done')
      },
      comeBack: async (_leaver, scope) => {
        acted.push(['come-back', scope])
        return end(kept ? 'kept' : 'done')
      },
    },
  })
  const ask = async (token: string, init: RequestInit = {}, query = '') => {
    const request = new Request(`http://track.example.com/u/${token}${query}`, init)
    return route.answer({ request, client: '203.0.113.9', token })
  }
  const post = (fields: Readonly<Record<string, string>>, token = TOKEN) =>
    ask(token, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { 'user-agent': 'Provider/1' },
    })
  return { acted, ask, post }
}

const ONE_CLICK = { 'List-Unsubscribe': 'One-Click' }

describe('a token', () => {
  test('with any bit flipped, cut, or still a mark, leads nowhere and does nothing', async () => {
    const { acted, ask, post } = house()
    const wrong = [URL_MARK, `${URL_MARK}${wayOutTail('news')}`, TOKEN.slice(0, -1), `${TOKEN}A`, '']
    for (let at = 0; at < TOKEN.length; at++) {
      for (let bit = 0; bit < 7; bit++) {
        const flipped = String.fromCharCode(TOKEN.charCodeAt(at) ^ (1 << bit))
        wrong.push(TOKEN.slice(0, at) + flipped + TOKEN.slice(at + 1))
      }
    }
    for (const token of wrong) {
      if (/[^\w-]/.test(token)) continue
      expect(await ask(token)).toBeNull()
      expect(await post(ONE_CLICK, token)).toBeNull()
    }
    expect(acted).toEqual([])
  })

  test('of an old secret still acts', async () => {
    const { acted, post } = house()
    expect((await post(ONE_CLICK, tokenOf(undefined, OLD)))?.status).toBe(200)
    expect(acted).toEqual([['leave', 'marketing', 'one-click', '203.0.113.9', 'Provider/1']])
  })

  test('of which nothing is known says so', async () => {
    const { acted, ask, post } = house({ known: false })
    expect((await ask(TOKEN))?.status).toBe(410)
    expect((await post(ONE_CLICK))?.status).toBe(410)
    expect(acted).toEqual([])
  })
})

describe('the page', () => {
  test.each(['', '?choose', '?List-Unsubscribe=One-Click', '?do=leave&what=this'])(
    'looked at with %j changes nothing',
    async (query) => {
      const { acted, ask } = house()
      for (const method of ['GET', 'HEAD']) {
        expect((await ask(TOKEN, { method }, query))?.status).toBe(200)
      }
      expect(acted).toEqual([])
    },
  )

  test('is plain: no script, nothing from elsewhere, no framing, no caches, no index, no foreign markup', async () => {
    const { ask } = house()
    for (const query of ['', '?choose']) {
      const page = await ask(TOKEN, {}, query)
      const html = (await page?.text()) ?? ''
      expect(html).not.toMatch(/<script|<img|<link|src=|https?:|ann@/)
      expect(html).toContain('&lt;i&gt;.example')
      expect(html).not.toContain('<i>')
      const fields = page?.headers
      expect(fields?.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      )
      expect(fields?.get('cache-control')).toContain('no-store')
      expect(fields?.get('referrer-policy')).toBe('no-referrer')
      expect(fields?.get('x-robots-tag')).toContain('noindex')
      expect(fields?.get('set-cookie')).toBeNull()
    }
  })

  test('says to who has left that it is done', async () => {
    const { acted, ask } = house({ standing: 'left' })
    expect(await (await ask(TOKEN))?.text()).toContain('You are unsubscribed')
    expect(acted).toEqual([])
    const { ask: others } = house({ standing: 'stopped' })
    expect(await (await others(TOKEN))?.text()).toContain('Unsubscribe?')
  })

  test('has one button; the chooser one for the list and one for all', async () => {
    const buttons = async (token: string, query: string, some: House = {}) => {
      const html = (await (await house(some).ask(token, {}, query))?.text()) ?? ''
      return Array.from(
        html.matchAll(/name="do" value="(.*?)".*?name="what" value="(.*?)"/g),
        ([, what, of]) => [what, of].join(' '),
      )
    }
    expect(await buttons(TOKEN, '')).toEqual(['leave this'])
    expect(await buttons(TOKEN, '?choose')).toEqual(['leave this', 'leave all'])
    expect(await buttons(TOKEN, '?choose', { standing: 'left' })).toEqual(['come-back this', 'come-back all'])
    expect(await buttons(TOKEN, '?choose', { standing: 'stopped' })).toEqual([])
    expect(await buttons(tokenOf(undefined), '?choose')).toEqual(['leave this'])
  })
})

describe('who takes something back', () => {
  test.each([
    ['nothing else stops it', 'comes', ['You are subscribed again', 'You receive these messages']],
    ['a bounce stops it as well', 'stopped', ['The sender has stopped these messages']],
  ] as const)('is told the truth: %s', async (_, standing, says) => {
    const html = await (await house({ standing }).post({ do: 'come-back', what: 'this' }))?.text()
    for (const each of says) expect(html).toContain(each)
  })

  test('of a list and has left all marketing mail sees both', async () => {
    const page = await house({ standing: 'left' }).post({ do: 'come-back', what: 'this' })
    const html = (await page?.text()) ?? ''
    expect(html).toContain('Choose what you receive')
    expect(html).toContain('All marketing mail')
  })
})

describe('an address as programs for mail write it', () => {
  test.each(['.', ')', '>', '/', '.)', '%3E', '%29.', '%22', '\u3002', '%E3%80%82'])(
    'with %j behind it is found',
    async (behind) => {
      const { acted, ask, post } = house()
      expect((await ask(TOKEN + behind))?.status).toBe(200)
      expect((await post(ONE_CLICK, TOKEN + behind))?.status).toBe(200)
      expect(acted).toHaveLength(1)
    },
  )

  test.each(['/x', '.html', 'A.', `/${TOKEN}`, '.'.repeat(9)])('with %j is another', async (behind) => {
    expect(await house().ask(TOKEN + behind)).toBeNull()
  })

  test.each(['?utm_source=x&choose', '?choose&utm_source=x'])('with %j shows the choice', async (query) => {
    expect(await (await house().ask(TOKEN, {}, query))?.text()).toContain('All marketing mail')
  })
})

test('readers get their own language, programs that send no form of ours English', async () => {
  const { ask, post } = house()
  const headers = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.8' }
  const page = await ask(TOKEN, { headers })
  expect(page?.headers.get('content-language')).toBe('de')
  const html = (await page?.text()) ?? ''
  expect(html).toContain('<html lang="de">')
  expect(html).toContain('Abbestellen?')
  const refused = await post({})
  expect(await refused?.text()).toContain('<html lang="en">')
})

describe('a form', () => {
  test.each([
    [ONE_CLICK, ['leave', 'list:news', 'one-click'], 'You are unsubscribed'],
    [{ do: 'leave', what: 'this' }, ['leave', 'list:news', 'page'], 'You are unsubscribed'],
    [{ do: 'leave', what: 'all' }, ['leave', 'marketing', 'page'], 'You are unsubscribed'],
    [{ do: 'come-back', what: 'this' }, ['come-back', 'list:news'], 'You are subscribed again'],
    [{ do: 'come-back', what: 'all' }, ['come-back', 'marketing'], 'You are subscribed again'],
  ])('%j', async (fields, want, says) => {
    const { acted, post } = house()
    const page = await post(fields as Readonly<Record<string, string>>)
    expect(page?.status).toBe(200)
    expect(await page?.text()).toContain(says)
    expect(acted.map((each) => each.slice(0, 3))).toEqual([want as [string, LeftScope]])
  })

  test.each([
    [{}],
    [{ 'list-unsubscribe': 'one-click' }],
    [{ 'List-Unsubscribe': 'one-click' }],
    [{ do: 'leave' }],
    [{ do: 'leave', what: 'list:other' }],
    [{ do: 'drop', what: 'this' }],
  ])('%j says nothing', async (fields) => {
    const { acted, post } = house()
    expect((await post(fields as Readonly<Record<string, string>>))?.status).toBe(400)
    expect(acted).toEqual([])
  })

  test('that cannot be stored is asked for again', async () => {
    const page = await house({ fails: true }).post(ONE_CLICK)
    expect(page?.status).toBe(503)
    expect(page?.headers.get('retry-after')).toBe('60')
    expect(await page?.text()).toContain('try again in a minute')
  })

  test('does not take back what others have done', async () => {
    const page = await house({ kept: true }).post({ do: 'come-back', what: 'this' })
    const html = (await page?.text()) ?? ''
    expect(html).toContain('ask the sender')
    expect(html).not.toContain('<button')
  })
})
