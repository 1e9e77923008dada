import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { handClock } from '../../support/clock.ts'
import { smtpClient } from '../../support/smtp-client.ts'
import { until } from '../../support/until.ts'
import { type Agent, agent, KEY, LOCAL, LOOPBACK, TEST_KEY } from './agent.ts'

// Programs and handshakes take their time on a busy machine; every wait within is bounded by itself.
setDefaultTimeout(30_000)

const agents: Agent[] = []
afterEach(() => Promise.all(agents.splice(0).map((one) => one.stop())))
const started = async (...how: Parameters<typeof agent>): Promise<Agent> => {
  const one = await agent(...how)
  agents.push(one)
  return one
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const plain = (user: string, key: string, authzid = ''): string =>
  `AUTH PLAIN ${base64(`${authzid}\0${user}\0${key}`)}`

test.each([
  ['user and password are the key', [plain(KEY, KEY)], '235 2.7.0'],
  ['any user name', [plain('apikey', KEY)], '235 2.7.0'],
  ['no user name', [plain('', KEY)], '235 2.7.0'],
  ['an authorization identity beside it', [plain('u', KEY, 'shop')], '235 2.7.0'],
  ['PLAIN in two steps', ['AUTH PLAIN', base64(`\0u\0${KEY}`)], '235 2.7.0'],
  ['LOGIN', ['AUTH LOGIN', base64(KEY), base64(KEY)], '235 2.7.0'],
  ['LOGIN with the user name at once', [`AUTH LOGIN ${base64('u')}`, base64(KEY)], '235 2.7.0'],
  ['lower case', [`auth plain ${base64(`\0u\0${KEY}`)}`], '235 2.7.0'],
  ['the key as user name alone', [plain(KEY, 'x')], '535 5.7.8'],
  ['no password', [plain(KEY, '')], '535 5.7.8'],
  ['a wrong key', [plain('u', `${KEY}x`)], '535 5.7.8'],
  ['taken back', ['AUTH LOGIN', '*'], '501 5.5.4'],
  ['no SASL', ['AUTH PLAIN aGVsbG8='], '501 5.5.4'],
  ['another mechanism', ['AUTH CRAM-MD5'], '504 5.5.4'],
  ['a bare LF in it', ['AUTH LOGIN', 'dQ==\nNOOP'], '500 5.5.2'],
])('AUTH: %s', async (_, lines, want) => {
  const clock = handClock()
  const under = await started({ clock })
  const client = await smtpClient(under.port('tls'), { tls: true })
  await client.reply()
  await client.ask('EHLO client.test')
  for (const line of lines.slice(0, -1)) expect(await client.ask(line)).toStartWith('334')
  const before = clock.waits
  const answer = client.ask(lines.at(-1) ?? '')
  if (want.startsWith('535')) {
    await until('the answer waits', () => clock.waits > before)
    clock.advance(1000)
  }
  expect((await answer).slice(0, want.length)).toBe(want)
  client.close()
})

test('whose key it is reaches the door, and how it came the Received line', async () => {
  const under = await started()
  const client = await smtpClient(under.port('starttls'))
  await client.reply()
  await client.ask('EHLO plain.test')
  await client.ask('STARTTLS')
  await client.startTls()
  expect(await client.authenticate(TEST_KEY)).toStartWith('235')
  for (const command of ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA'])
    await client.ask(command)
  expect(await client.ask('hi\r\n.')).toMatch(/^250 2\.0\.0 Ok: queued as msg_[0-9a-z]{12}$/)
  const [message] = under.door.messages
  expect(message?.submitter).toMatchObject({ accountId: 'acc_shop', keyId: 'key_trial', mode: 'test' })
  expect(message?.reversePath as string).toBe('a@example.com')
  expect(message?.forwardPaths as readonly string[]).toEqual(['b@example.net'])
  expect(message?.received).toMatch(
    /^Received: from client\.test \(\[127\.0\.0\.1\]\)\r\n\tby mail\.example\.com with ESMTPSA id req_[0-9a-z]{12};\r\n\t\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n$/,
  )
  client.close()
})

test('failures are answered later and later, the right key never; five end the session (T19)', async () => {
  const clock = handClock()
  const under = await started({ clock })
  const client = await smtpClient(under.port('tls'), { tls: true })
  await client.reply()
  await client.ask('EHLO client.test')
  for (const [place, wait] of [0, 0, 0, 250, 500].entries()) {
    const idle = clock.waits
    const answer = client.ask(plain('u', `${KEY}x`))
    await until('the answer waits', () => clock.waits > idle)
    if (wait > 0) clock.advance(wait - 1)
    expect(clock.waits).toBe(idle + 1)
    clock.advance(1)
    expect(await answer).toStartWith(place === 4 ? '421 4.7.0' : '535 5.7.8')
  }
  expect(await client.line()).toBeNull()
  const owner = await smtpClient(under.port('tls'), { tls: true })
  await owner.reply()
  expect(await owner.authenticate(KEY)).toStartWith('235')
  owner.close()
})

test('keyless networks submit as their account on every port, with a key as that key', async () => {
  const under = await started({ keylessNetworks: LOOPBACK })
  for (const kind of ['plain', 'starttls', 'tls'] as const) {
    const client = await smtpClient(under.port(kind), { tls: kind === 'tls' })
    await client.reply()
    await client.ask('EHLO client.test')
    for (const command of ['MAIL FROM:<>', 'RCPT TO:<b@example.net>', 'DATA']) await client.ask(command)
    expect(await client.ask('hi\r\n.')).toStartWith('250')
    expect(under.door.messages.at(-1)?.submitter).toEqual(LOCAL)
    expect(under.door.messages.at(-1)?.reversePath).toBeNull()
    client.close()
  }
})

test('a keyless account that is not there is a temporary fault', async () => {
  const under = await started({ keylessNetworks: LOOPBACK, keylessSubmitter: () => null })
  const client = await smtpClient(under.port('plain'))
  await client.reply()
  await client.ask('EHLO client.test')
  expect(await client.ask('MAIL FROM:<>')).toStartWith('451 4.3.0')
  client.close()
})

test('a store that does not answer is a temporary fault', async () => {
  const under = await started({ authenticator: { authenticate: () => Promise.reject(new Error('away')) } })
  const client = await smtpClient(under.port('tls'), { tls: true })
  await client.reply()
  expect(await client.authenticate(KEY)).toBe('454 4.7.0 Temporary authentication failure')
  client.close()
})
