import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import type { SessionLimits } from '../../../src/edge/smtpd/options.ts'
import { handClock } from '../../support/clock.ts'
import { type SmtpClient, smtpClient } from '../../support/smtp-client.ts'
import { until } from '../../support/until.ts'
import { type Agent, agent, KEY, LOOPBACK, quietLog, recordingDoor } from './agent.ts'

// Programs and handshakes take their time on a busy machine; every wait within is bounded by itself.
setDefaultTimeout(30_000)

const agents: Agent[] = []
const clients: SmtpClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await Promise.all(agents.splice(0).map((one) => one.stop()))
})
async function started(...how: Parameters<typeof agent>): Promise<Agent> {
  const one = await agent(...how)
  agents.push(one)
  return one
}
async function greeted(under: Agent, kind: 'plain' | 'starttls' | 'tls' = 'plain'): Promise<SmtpClient> {
  const client = await smtpClient(under.port(kind), { tls: kind === 'tls' })
  clients.push(client)
  expect(await client.line()).toStartWith('220')
  await client.ask('EHLO client.test')
  return client
}
const keyless = (limits: Partial<SessionLimits>, rest: Parameters<typeof agent>[0] = {}): Promise<Agent> =>
  started({ keylessNetworks: LOOPBACK, limits, ...rest })

async function upToData(client: SmtpClient, parameters = ''): Promise<string> {
  const mail = await client.ask(`MAIL FROM:<a@example.com>${parameters}`)
  if (!mail.startsWith('250')) return mail
  await client.ask('RCPT TO:<b@example.net>')
  return client.ask('DATA')
}

test('bytes in flight: what is declared is kept free, what comes beyond needs room too', async () => {
  const under = await keyless({ bytesInFlight: 100_000 })
  const first = await greeted(under)
  expect(await upToData(first, ' SIZE=60000')).toStartWith('354')
  const second = await greeted(under)
  expect(await upToData(second, ' SIZE=60000')).toStartWith('452 4.3.1')
  expect(await upToData(second, ' SIZE=30000')).toStartWith('354')
  expect(await second.ask(`${`${'x'.repeat(70)}\r\n`.repeat(1000)}.`)).toStartWith('452 4.3.1')
  expect(await first.ask('small\r\n.')).toStartWith('250')
  expect(await upToData(second, ' SIZE=60000')).toStartWith('354')
  expect(await second.ask('small\r\n.')).toStartWith('250')
  expect(under.door.messages).toHaveLength(2)
})

test('a connection that goes away gives its room back', async () => {
  const under = await keyless({ bytesInFlight: 100_000 })
  const first = await greeted(under)
  expect(await upToData(first, ' SIZE=100000')).toStartWith('354')
  first.close()
  const second = await greeted(under)
  let answer = ''
  for (let tries = 0; tries < 200 && !answer.startsWith('354'); tries++)
    answer = await upToData(second, ' SIZE=100000')
  expect(answer).toStartWith('354')
})

test('connections per address', async () => {
  const under = await started({ limits: { connectionsPerAddress: 2 } })
  await greeted(under, 'starttls')
  const second = await greeted(under, 'starttls')
  const third = await smtpClient(under.port('starttls'))
  expect(await third.line()).toStartWith('421 4.7.0 Too many connections')
  expect(await third.line()).toBeNull()
  second.close()
  let greeting = ''
  for (let tries = 0; tries < 200 && !greeting.startsWith('220'); tries++) {
    const next = await smtpClient(under.port('starttls'))
    clients.push(next)
    greeting = (await next.line()) ?? ''
  }
  expect(greeting).toStartWith('220')
})

test('keyless peers share an address without that limit', async () => {
  const under = await keyless({ connectionsPerAddress: 1 })
  for (let at = 0; at < 3; at++) await greeted(under)
})

test('connections per key', async () => {
  const under = await started({ limits: { connectionsPerKey: 1 } })
  expect(await (await greeted(under, 'tls')).authenticate(KEY)).toStartWith('235')
  expect(await (await greeted(under, 'tls')).authenticate(KEY)).toStartWith('454 4.7.0')
})

test('strangers cannot fill the house: the longest of them gives way', async () => {
  const under = await started({ limits: { connections: 4, connectionsReserved: 2 } })
  const known = await greeted(under, 'tls')
  expect(await known.authenticate(KEY)).toStartWith('235')
  const longest = await greeted(under, 'starttls')
  const younger = await greeted(under, 'tls')
  const newcomer = await greeted(under, 'starttls')
  expect(await longest.line()).toStartWith('421 4.7.0')
  expect(await longest.line()).toBeNull()
  for (const client of [known, younger, newcomer]) expect(await client.ask('NOOP')).toStartWith('250')
})

test('who says nothing is told to go', async () => {
  const clock = handClock()
  const under = await keyless({}, { clock })
  const client = await greeted(under)
  clock.advance(4 * 60_000)
  client.send('NOO')
  expect(await (await greeted(under)).ask('NOOP')).toStartWith('250')
  clock.advance(61_000 + 1000)
  expect(await client.line()).toStartWith('421 4.4.2')
  expect(await client.line()).toBeNull()
})

test('a message that stops coming, or trickles, ends the session (T17)', async () => {
  const clock = handClock()
  const under = await keyless({}, { clock })
  const silent = await greeted(under)
  expect(await upToData(silent)).toStartWith('354')
  clock.advance(59_000)
  expect(await (await greeted(under)).ask('NOOP')).toStartWith('250')
  clock.advance(3000)
  expect(await silent.line()).toStartWith('421 4.4.2 The message comes too slowly')
  expect(under.door.messages).toHaveLength(0)
})

test('the eleventh error is answered late, the twentieth ends the session', async () => {
  const clock = handClock()
  const under = await keyless({}, { clock })
  const client = await greeted(under)
  for (let at = 1; at <= 10; at++) expect(await client.ask('WRONG')).toStartWith('500 5.5.1')
  const idle = clock.waits
  for (let at = 11; at <= 19; at++) {
    const late = client.ask('WRONG')
    await until('the answer waits', () => clock.waits > idle)
    // Others are not delayed by it.
    if (at === 11) expect(await (await greeted(under)).ask('NOOP')).toStartWith('250')
    clock.advance(1000)
    expect(await late).toStartWith('500 5.5.1')
  }
  expect(await client.ask('WRONG')).toStartWith('421 4.7.0')
  expect(await client.line()).toBeNull()
})

test('a rate limit is waited out once, then it is 450', async () => {
  const clock = handClock()
  const door = recordingDoor()
  const under = await keyless({}, { clock, door })
  const client = await greeted(under)
  const limited = { code: 'rate_limited', say: 'Too many messages per second', retryAfter: 60_000 } as const
  door.refusals.push(limited)
  await upToData(client)
  const idle = clock.waits
  const first = client.ask('1\r\n.')
  await until('it waits', () => clock.waits > idle)
  clock.advance(5000)
  expect(await first).toStartWith('250 2.0.0')
  door.refusals.push(limited, limited)
  await upToData(client)
  const second = client.ask('2\r\n.')
  await until('it waits', () => clock.waits > idle)
  clock.advance(5000)
  expect(await second).toBe('450 4.7.1 Too many messages per second')
  expect(door.messages).toHaveLength(1)
})

test('what the door refuses is said in its words, and the session goes on', async () => {
  const under = await keyless({})
  const client = await greeted(under)
  under.door.refusals.push({ code: 'sender_not_allowed', say: 'Not your domain' })
  await upToData(client)
  expect(await client.ask('x\r\n.')).toBe('550 5.7.1 Not your domain')
  under.door.refusals.push({ code: 'storage_full', say: 'The disk is full' })
  await upToData(client)
  expect(await client.ask('x\r\n.')).toBe('452 4.3.1 The disk is full')
  under.door.refusals.push({ code: 'invalid_sender', say: `No From\r\n250 2.0.0 Ok${'!'.repeat(600)}` })
  await upToData(client)
  const quoting = await client.ask('x\r\n.')
  expect(quoting).toStartWith('550 5.6.0 No From  250 2.0.0 Ok!!!')
  expect(quoting.length).toBeLessThanOrEqual(510)
  await upToData(client)
  expect(await client.ask('x\r\n.')).toStartWith('250')
})

test('a door that throws is 451, and the log knows why', async () => {
  const door = recordingDoor()
  const logged: string[] = []
  door.submitRaw = () => Promise.reject(new Error('a bug'))
  const log = { ...quietLog, error: (what: string) => void logged.push(what) }
  const under = await keyless({}, { door, log })
  const client = await greeted(under)
  await upToData(client)
  expect(await client.ask('x\r\n.')).toStartWith('451 4.3.0')
  expect(logged).toEqual(['submission failed'])
})

/** A place that becomes free may be seen a little later. */
async function admitted(under: Agent, kind: 'starttls' | 'tls'): Promise<SmtpClient> {
  for (let tries = 0; tries < 200; tries++) {
    const client = await smtpClient(under.port(kind), { tls: kind === 'tls' }).catch(() => null)
    if (!client) continue
    clients.push(client)
    if ((await client.line())?.startsWith('220')) return client
  }
  throw new Error('nobody was let in any more')
}

test.each([
  ['a TLS session that quits', 'starttls', 'QUIT'],
  ['a STARTTLS handshake of garbage', 'starttls', 'garbage'],
  ['an implicit TLS handshake of garbage', 'tls', 'garbage'],
] as const)('%s gives its place back', async (_, kind, then) => {
  const under = await started({ limits: { connectionsPerAddress: 1 } })
  for (let round = 0; round < 3; round++) {
    const client = kind === 'tls' ? await smtpClient(under.port(kind)) : await admitted(under, kind)
    clients.push(client)
    if (kind === 'starttls') {
      await client.ask('EHLO c')
      expect(await client.ask('STARTTLS')).toStartWith('220')
    }
    if (then === 'QUIT') {
      await client.startTls()
      expect(await client.ask('QUIT')).toStartWith('221')
    } else {
      client.send('this is no ClientHello, and it is long enough to be seen as such\r\n')
      // Whatever alert comes, the connection ends.
      while ((await client.line()) !== null);
    }
    client.close()
    ;(await admitted(under, kind)).close()
  }
})
