import { expect, test } from 'bun:test'
import { createConnection } from 'node:net'
import { AUTHORIZED, type Lab, must, startLab } from '../support/appliance.ts'

const HITS = 100_000
const CONNECTIONS = 8
/** Requests that a connection sends at once. */
const AHEAD = 50

const HTML = `<p><a href="https://shop.example/one">one</a> <a href="https://shop.example/two">two</a>
<a href="{{ unsubscribe_url }}">unsubscribe</a></p>`

const MARKETING = { stream: 'marketing', list: 'news', html: HTML, data: {} } as const

/** The path of every link of ours in the last message, that of the chooser too. */
function linksIn(lab: Pick<Lab, 'mx'>): readonly string[] {
  const raw = (lab.mx.messages.at(-1)?.bytes.toString('latin1') ?? '').replaceAll('=\r\n', '')
  const found = new Set(
    Array.from(raw.matchAll(/https?:\/\/[^/\s"<>]+(\/[ocu]\/[\w-]+)/g), ([, path = '']) => path),
  )
  const pages = [...found].filter((path) => path.startsWith('/u/'))
  return [...found, ...pages.map((path) => `${path}?choose`)]
}

/** As filters ask, over one connection that stays: with what each link is answered. */
async function scan(port: number, requests: readonly string[]): Promise<Map<string, number>> {
  const socket = createConnection({ host: '127.0.0.1', port })
  const statuses = new Map<string, number>()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let asked = 0
  let answered = 0
  let rest = ''
  const ask = (): void => {
    const some = requests.slice(asked, asked + AHEAD)
    asked += some.length
    socket.write(some.join(''))
  }
  socket.on('connect', ask)
  socket.on('error', reject)
  socket.on('close', () => reject(new Error(`closed after ${answered} answers`)))
  socket.on('data', (data) => {
    const text = rest + data.toString('latin1')
    let end = 0
    for (const match of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      const [whole, status = ''] = match
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      answered += 1
      end = match.index + whole.length
    }
    // The beginning of a line that a packet cut.
    rest = text.slice(Math.max(end, text.length - 'HTTP/1.1 20'.length))
    if (answered === requests.length) resolve()
    else if (answered === asked) ask()
  })
  await promise
  socket.destroy()
  return statuses
}

test('a hundred thousand GET and HEAD on every link of a mail unsubscribe nobody', async () => {
  await using lab = await startLab()
  await lab.ended(await lab.sent(MARKETING))
  const links = linksIn(lab)
  expect(links.map((link) => link.slice(0, 3)).sort()).toEqual(['/c/', '/c/', '/o/', '/u/', '/u/'])

  const each = HITS / CONNECTIONS
  const scanners = Array.from({ length: CONNECTIONS }, (_, scanner) => {
    const requests = Array.from({ length: each }, (__, n) => {
      const method = (n + scanner) % 2 === 0 ? 'GET' : 'HEAD'
      return `${method} ${links[Math.floor(n / 2) % links.length]} HTTP/1.1\r\nHost: mail.example.com\r\nUser-Agent: Mozilla/5.0\r\n\r\n`
    })
    return scan(lab.port('api.http'), requests)
  })
  const totals = new Map<string, number>()
  for (const statuses of await Promise.all(scanners)) {
    for (const [status, count] of statuses) totals.set(status, (totals.get(status) ?? 0) + count)
  }
  expect([...totals.keys()].sort()).toEqual(['200', '302'])
  expect([...totals.values()].reduce((sum, count) => sum + count, 0)).toBe(HITS)

  const entries = async () =>
    must(await lab.admin.suppressionList({ ...ALL, account: 'default' })).entries.length
  const told = async () => {
    const page = await lab.fetch('/v1/events?type=email.unsubscribed', { headers: AUTHORIZED })
    expect(page.status).toBe(200)
    const { data } = (await page.json()) as { readonly data: readonly unknown[] }
    return data.length
  }
  expect(await entries()).toBe(0)
  expect(await told()).toBe(0)
  expect((await lab.send(MARKETING)).body.status).toBe('queued')

  const leave = links.find((link) => link.startsWith('/u/')) ?? ''
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })
  expect((await lab.fetch(leave, { method: 'POST', body })).status).toBe(200)
  expect(await entries()).toBe(1)
  expect(await told()).toBe(1)
}, 90_000)
const ALL = { reason: null, after: null, limit: 100, scope: null, domain: null, include_expired: false }
