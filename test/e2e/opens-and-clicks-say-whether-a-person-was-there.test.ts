//
// Whoever opens a letter or follows its links is answered at once; the event says who it was, and whether a person was there.

import { Database } from 'bun:sqlite'
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { connect } from 'node:net'
import { join } from 'node:path'
import { simpleParser } from 'mailparser'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'
import { hook, verified } from '../support/hook.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(60_000)

const LINKS = [1, 2, 3, 4].map((at) => `https://shop.example.com/${at}?a=1`)
const HTML = `<html><body>${LINKS.map((url) => `<a href="${url}">x</a>`).join('\n')}</body></html>`
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15'
const GMAIL = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'
/** Tests say from where they come as a proxy would. */
const BEHIND_A_PROXY = { 'api.trusted_proxies': '127.0.0.1/32' }

interface Letter {
  readonly id: string
  readonly pixel: string
  readonly links: readonly string[]
}

async function letterIn(lab: Lab, id: string): Promise<Letter> {
  const bytes = lab.mx.messages.at(-1)?.bytes
  if (!bytes) throw new Error('nothing was received')
  const { html } = await simpleParser(bytes, { skipTextToHtml: true })
  const found = [...(html || '').matchAll(/"http:\/\/127\.0\.0\.1:\d+(\/[oc]\/[\w-]+)"/g)].map(
    ([, path = '']) => path,
  )
  const links = found.filter((path) => path.startsWith('/c/'))
  const pixel = found.find((path) => path.startsWith('/o/'))
  if (pixel === undefined || links.length !== LINKS.length) throw new Error(`not tracked: ${html}`)
  return { id, pixel, links }
}

async function sent(lab: Lab, fields: Readonly<Record<string, unknown>> = {}): Promise<Letter> {
  const id = await lab.sent({ html: HTML, ...fields })
  await lab.ended(id)
  return letterIn(lab, id)
}

const ask = (lab: Lab, path: string | undefined, agent: string, method = 'GET') =>
  lab.fetch(path ?? '', {
    method,
    redirect: 'manual',
    headers: { 'user-agent': agent, 'x-forwarded-for': '6.6.6.6, 198.51.100.7' },
  })

interface Told {
  readonly event: string
  readonly url?: string
  readonly machine: boolean | null
  readonly machine_why: readonly string[]
  readonly ip: string
  readonly user_agent: string
}
async function readings(lab: Lab, id: string): Promise<readonly Told[]> {
  const { events } = await lab.message(id)
  return (events as unknown as readonly Told[]).filter(({ event }) => /opened|clicked/.test(event))
}
async function told(lab: Lab, id: string, count: number): Promise<readonly Told[]> {
  await until(`${count} readings are told`, async () => (await readings(lab, id)).length >= count)
  return readings(lab, id)
}
const verdicts = async (lab: Lab, id: string, count: number) =>
  (await told(lab, id, count)).map(({ machine, machine_why }) => [machine, ...machine_why])

describe('whether a person was there', () => {
  test('a click by a person minutes later is one of a person', async () => {
    await using lab = await startLab({ config: BEHIND_A_PROXY })
    const { id, links } = await sent(lab)
    await lab.advance(3 * MINUTE)
    const answer = await ask(lab, links[1], SAFARI)
    expect([answer.status, answer.headers.get('location')]).toEqual([302, LINKS[1] ?? ''])
    expect(await told(lab, id, 1)).toMatchObject([
      {
        event: 'email.clicked',
        url: LINKS[1],
        machine: false,
        machine_why: [],
        ip: '198.51.100.7',
        user_agent: SAFARI,
      },
    ])
  })

  test('of a picture that Gmail fetches nobody knows, and it says why', async () => {
    await using lab = await startLab()
    const { id, pixel } = await sent(lab)
    await lab.advance(3 * MINUTE)
    await ask(lab, pixel, GMAIL)
    expect(await verdicts(lab, id, 1)).toEqual([[null, 'mail_proxy']])
  })

  test('HEAD is a program, and so is who looks within seconds of the delivery', async () => {
    await using lab = await startLab()
    const { id, links } = await sent(lab)
    expect((await ask(lab, links[0], SAFARI)).status).toBe(302)
    expect(await verdicts(lab, id, 1)).toEqual([[true, 'soon_after_delivery']])
    await lab.advance(3 * MINUTE)
    const head = await ask(lab, links[0], SAFARI, 'HEAD')
    expect([head.status, head.headers.get('location')]).toEqual([302, LINKS[0] ?? ''])
    expect((await verdicts(lab, id, 2))[1]).toEqual([true, 'head'])
  })

  test('three links within ten seconds are a program’s', async () => {
    await using lab = await startLab()
    const { id, links } = await sent(lab)
    await lab.advance(3 * MINUTE)
    for (const [at, link] of links.slice(0, 3).entries()) {
      await ask(lab, link, SAFARI)
      await told(lab, id, at + 1)
      await lab.advance(3 * SECOND)
    }
    expect((await verdicts(lab, id, 3))[2]).toEqual([true, 'all_links'])
  })
})

test('message, log and webhook say the same: who read, whether a person did, and why', async () => {
  await using program = hook()
  await using lab = await startLab({ config: { ...BEHIND_A_PROXY, 'webhooks.allow': program.place } })
  const events = ['email.opened', 'email.clicked']
  const { secret } = must(
    await lab.admin.webhookAdd({ account: 'default', url: program.url, events, note: '' }),
  )
  const { id, pixel, links } = await sent(lab, { tags: ['welcome'] })
  await lab.advance(3 * MINUTE)
  await ask(lab, pixel, GMAIL)
  await told(lab, id, 1)
  await ask(lab, links[0], SAFARI)
  const [opened, clicked] = await told(lab, id, 2)
  expect(opened).toMatchObject({ event: 'email.opened', machine: null, machine_why: ['mail_proxy'] })
  expect(clicked).toMatchObject({ event: 'email.clicked', machine: false, url: LINKS[0] })

  const page = await lab.fetch(`/v1/events?message_id=${id}`, { headers: AUTHORIZED })
  const { data } = (await page.json()) as { data: readonly Told[] }
  expect(
    data
      .filter(({ event }) => events.includes(event))
      .map(({ machine }) => machine)
      .sort(),
  ).toEqual([false, null])

  await lab.meanwhile(until('both are posted', () => program.got.length === 2))
  const bodies = program.got.map((got) => verified(secret, got) as Record<string, unknown>)
  const body = bodies.find(({ event }) => event === 'email.clicked')
  expect(body).toMatchObject({
    type: 'email.clicked',
    message_id: id,
    recipient: 'rcpt@example.net',
    metadata: { tags: ['welcome'], ip: '198.51.100.7', user_agent: SAFARI },
    machine: false,
    machine_why: [],
    url: LINKS[0],
  })
  expect(bodies.find(({ event }) => event === 'email.opened')).toMatchObject({
    metadata: { user_agent: GMAIL },
    machine: null,
    machine_why: ['mail_proxy'],
  })
})

test('what is under way when it ends is in the log when it starts', async () => {
  await using lab = await startLab()
  const { id, links } = await sent(lab)
  await lab.advance(3 * MINUTE)
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, at) => ask(lab, links[at % links.length], SAFARI)),
  )
  expect(answers.every(({ status }) => status === 302)).toBe(true)
  await lab.stop()
  await lab.start()
  expect((await readings(lab, id)).length).toBe(200)
})

test('a link leads on when its message is gone from the store', async () => {
  await using lab = await startLab()
  const { id, pixel, links } = await sent(lab)
  await lab.stop()
  const db = new Database(join(lab.folder, 'data', 'mailwok.db'))
  for (const table of ['messages', 'deliveries', 'contents', 'events', 'attempts'])
    db.run(`DELETE FROM ${table}`)
  db.close()
  await lab.start()
  for (const [at, link] of links.entries()) {
    expect((await ask(lab, link, SAFARI)).headers.get('location')).toBe(LINKS[at] ?? '')
  }
  expect((await ask(lab, pixel, SAFARI)).headers.get('content-type')).toBe('image/gif')
  expect((await lab.fetch(`/v1/email/${id}`, { headers: AUTHORIZED })).status).toBe(404)
})

describe('nobody is sent where no letter of ours leads', () => {
  /** Octets as they are: clients of good manners would mend them first. */
  const raw = (lab: Lab, request: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(lab.port('api.http'), '127.0.0.1', () => socket.write(request, 'latin1'))
      let got = ''
      socket.on('data', (octets) => {
        got += octets.toString('latin1')
      })
      socket.on('close', () => resolve(got))
      socket.on('error', reject)
    })

  test('flipped, cut, made-up and dirty links are a plain page', async () => {
    await using lab = await startLab()
    const { id, links } = await sent(lab)
    const [link = ''] = links
    const flipped = Array.from({ length: link.length - 3 }, (_, at) => {
      const place = at + 3
      return `${link.slice(0, place)}${link[place] === 'x' ? 'y' : 'x'}${link.slice(place + 1)}`
    })
    const evil = 'https://evil.example/'
    const paths = [
      ...flipped,
      link.slice(0, -1),
      `${link}A`,
      `/c/${evil}`,
      `/c/?url=${evil}`,
      `/c//evil.example`,
      `/c/\\evil.example`,
      `/c/..%2f..%2fv1/email`,
      `/c/%0d%0aLocation:%20${evil}`,
      `/c/${link.slice(3, 37)}0101${Buffer.from(evil).toString('base64url')}`,
      `/c/${'%00'.repeat(50)}`,
    ]
    for (const path of paths) {
      const got = await raw(
        lab,
        `GET ${path} HTTP/1.1\r\nHost: track.example.com\r\nConnection: close\r\n\r\n`,
      )
      expect(got).toStartWith('HTTP/1.1 404')
      expect(got.toLowerCase()).not.toContain('\r\nlocation:')
    }
    expect(await readings(lab, id)).toEqual([])
  })

  test('a host that somebody made up changes nothing', async () => {
    await using lab = await startLab()
    const { links } = await sent(lab)
    const got = await raw(lab, `GET ${links[0]} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`)
    expect(got).toContain(`\r\nLocation: ${LINKS[0]}\r\n`)
    const old = await raw(lab, `GET ${links[0]} HTTP/1.0\r\n\r\n`)
    expect(old).toContain(`\r\nLocation: ${LINKS[0]}\r\n`)
  })
})
