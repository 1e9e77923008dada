//
// [[source]] and [[pool]]: which address a message leaves from is decided by what it asks for, else by rules.

import { expect, test } from 'bun:test'
import { must, startLab } from '../support/appliance.ts'

const POOLS = `
[[source]]
address = "127.0.0.2"
hostname = "one.lab.test"
[[source]]
address = "127.0.0.3"
pool = "bulk"
[[source]]
address = "127.0.0.4"
pool = "gold"
[[pool]]
name = "bulk"
streams = ["marketing"]
[[pool]]
name = "gold"
domains = ["example.com"]
[[domain]]
name = "other.example"
`
const OTHER = { from: 'shop@other.example' }
const LIST = { 'list-unsubscribe': '<https://other.example/u>' }

test('mail leaves by the pool asked for, else by the one that its domain or stream has', async () => {
  await using lab = await startLab({ toml: POOLS })
  const sources = async (id: string): Promise<readonly (string | null | undefined)[]> =>
    (await lab.ended(id)).deliveries.map((delivery) => delivery.attempts[0]?.source_ip)
  expect(await sources(await lab.sent(OTHER))).toEqual(['127.0.0.2'])
  expect(await sources(await lab.sent({ ...OTHER, ip_pool: 'bulk' }))).toEqual(['127.0.0.3'])
  expect(await sources(await lab.sent())).toEqual(['127.0.0.4'])
  expect(await sources(await lab.sent({ ip_pool: 'default' }))).toEqual(['127.0.0.2'])
  const asked = await lab.submit({ ...OTHER, text: 'x', headers: { 'x-mailwok-ip-pool': 'gold' } })
  const marketing = await lab.submit({
    ...OTHER,
    text: 'x',
    headers: { ...LIST, 'x-mailwok-stream': 'marketing' },
  })
  expect(await sources(idOf(asked))).toEqual(['127.0.0.4'])
  expect(await sources(idOf(marketing))).toEqual(['127.0.0.3'])
  expect(lab.mx.commands).toContain('1: EHLO one.lab.test')
  expect(lab.mx.messages.some(({ bytes }) => /x-mailwok/i.test(bytes.toString()))).toBe(false)
  expect(must(await lab.admin.sourceList({ provider: null }))).toMatchObject([
    {
      address: '127.0.0.2',
      family: 'ipv4',
      hostname: 'one.lab.test',
      ptr: 'private',
      used: true,
      pool: 'default',
    },
    { address: '127.0.0.3', hostname: 'mail.lab.test', pool: 'bulk' },
    { address: '127.0.0.4', pool: 'gold' },
  ])
})

const idOf = (reply: string): string => /msg_[0-9a-z]{12}/.exec(reply)?.[0] ?? ''

test('a pool that does not exist is refused with the names of those that do', async () => {
  await using lab = await startLab({ toml: POOLS })
  const { status, body } = await lab.send({ ip_pool: 'silver' })
  expect(status).toBe(422)
  expect(body.error).toMatchObject({
    code: 'invalid_option',
    message: 'ip_pool names no pool of addresses here; there are: default, bulk, gold',
    fields: [{ path: 'ip_pool', code: 'unknown_pool' }],
  })
  const refused = lab.submit({ text: 'x', headers: { 'x-mailwok-ip-pool': 'silver' } })
  await expect(refused).rejects.toMatchObject({
    responseCode: 550,
    response: expect.stringContaining('X-MailWok-IP-Pool names no pool'),
  })
  expect(lab.mx.messages).toEqual([])
})
