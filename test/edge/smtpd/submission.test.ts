import { afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import type { SubmissionOptions } from '../../../src/edge/smtpd/options.ts'
import { selfSigned } from '../../support/certificate.ts'
import { type SmtpClient, smtpClient } from '../../support/smtp-client.ts'
import { runs, testWith } from '../../support/system-part.ts'
import { type Agent, agent, HOSTNAME, KEY, LOOPBACK } from './agent.ts'

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
async function connected(...how: Parameters<typeof smtpClient>): Promise<SmtpClient> {
  const client = await smtpClient(...how)
  clients.push(client)
  return client
}

test('a plain listener on another address than loopback does not start', async () => {
  const listeners: SubmissionOptions['listeners'] = [{ kind: 'plain', host: '0.0.0.0', port: 0 }]
  await expect(started({ listeners })).rejects.toThrow(
    'submission.plain is 0.0.0.0: without TLS only a loopback address',
  )
})

test('a plain listener for keyless networks turns others away', async () => {
  const listeners: SubmissionOptions['listeners'] = [{ kind: 'plain', host: '0.0.0.0', port: 0 }]
  const under = await started({ listeners, keylessNetworks: [{ address: '192.0.2.0', prefix: 24 }] })
  const client = await connected(under.port('plain'))
  expect(await client.line()).toStartWith('554 5.7.1')
  expect(await client.line()).toBeNull()
})

test('a listener with TLS wants a certificate', async () => {
  await expect(started({ certificate: null })).rejects.toThrow('submission.starttls needs a certificate')
})

test('a port in use is named, and what was opened before is closed', async () => {
  const under = await started()
  const port = under.port('plain')
  const listeners: SubmissionOptions['listeners'] = [{ kind: 'plain', host: '127.0.0.1', port }]
  await expect(started({ listeners })).rejects.toThrow(
    `submission cannot listen on 127.0.0.1 port ${port} (plain)`,
  )
})

test('[::] is dual stack, and an IPv4 peer is known by its IPv4 address', async () => {
  const listeners: SubmissionOptions['listeners'] = [{ kind: 'starttls', host: '::', port: 0 }]
  const under = await started({ listeners, keylessNetworks: LOOPBACK })
  const four = await connected(under.port('starttls'), { host: '127.0.0.1' })
  await four.reply()
  expect((await four.ask('HELO c')).trim()).toBe('250 mail.example.com greets 127.0.0.1')
  expect(await four.ask('MAIL FROM:<>')).toStartWith('250')
  const six = await connected(under.port('starttls'), { host: '::1' })
  await six.reply()
  expect(await six.ask('HELO c')).toBe('250 mail.example.com greets ::1')
  expect(await six.ask('MAIL FROM:<>')).toStartWith('530')
})

test('a new certificate is used by the next handshake, STARTTLS and implicit; sessions go on', async () => {
  const under = await started()
  const names = async (kind: 'starttls' | 'tls'): Promise<string> => {
    const seen: string[] = []
    const options = {
      checkServerIdentity: (_: string, shown: { subject: { CN?: string | string[] } }) => {
        seen.push(String(shown.subject.CN))
        return undefined
      },
      ca: [selfSigned(HOSTNAME).cert, selfSigned('new.example.com').cert],
      rejectUnauthorized: true,
      servername: 'any.example.com',
    }
    const client = await connected(under.port(kind), { tls: kind === 'tls', options })
    await client.reply()
    await client.ask('EHLO c')
    if (kind === 'starttls') {
      await client.ask('STARTTLS')
      await client.startTls(options)
    }
    return seen.join()
  }
  const before = await connected(under.port('tls'), { tls: true })
  await before.reply()
  expect([await names('starttls'), await names('tls')]).toEqual([HOSTNAME, HOSTNAME])
  under.reloadCertificate(selfSigned('new.example.com'))
  expect([await names('starttls'), await names('tls')]).toEqual(['new.example.com', 'new.example.com'])
  expect(await before.ask('NOOP')).toStartWith('250')
})

test('drain: 421 to who is idle, a message under way is finished, nobody new comes in (F17)', async () => {
  const under = await started({ keylessNetworks: LOOPBACK })
  const port = under.port('plain')
  const idle = await connected(port)
  const sending = await connected(port)
  const deciding = await connected(port)
  await idle.reply()
  for (const client of [sending, deciding]) {
    await client.reply()
    for (const command of ['EHLO c', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA']) {
      await client.ask(command)
    }
  }
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  under.door.gate = gate
  sending.send('half a mess')
  deciding.send('whole\r\n.\r\n')
  const drained = under.drain(60_000)
  expect(await idle.line()).toStartWith('421 4.3.2')
  expect(await idle.line()).toBeNull()
  await expect(smtpClient(port)).rejects.toThrow()
  open()
  expect(await deciding.line()).toStartWith('250 2.0.0')
  expect(await deciding.line()).toStartWith('421 4.3.2')
  sending.send('age\r\n.\r\n')
  expect(await sending.line()).toStartWith('250 2.0.0')
  expect(await sending.line()).toStartWith('421 4.3.2')
  expect(await sending.line()).toBeNull()
  for (const client of clients) client.close()
  await drained
  expect(under.door.messages).toHaveLength(2)
})

test('drain ends when patience does', async () => {
  const under = await started({ keylessNetworks: LOOPBACK })
  const client = await connected(under.port('plain'))
  await client.reply()
  for (const command of ['EHLO c', 'MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA']) {
    await client.ask(command)
  }
  await under.drain(1)
  expect(await client.line()).toBeNull()
  expect(under.door.messages).toHaveLength(0)
})

const openssl = async (port: number, ...options: string[]): Promise<string> => {
  const run = Bun.spawn(
    ['openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-cipher', 'ALL:@SECLEVEL=0', ...options],
    { stdin: new Blob(['QUIT\r\n']), stdout: 'pipe', stderr: 'pipe' },
  )
  return (await new Response(run.stdout).text()) + (await new Response(run.stderr).text())
}

testWith(
  'openssl',
  runs('openssl', 'version'),
  'TLS 1.0 and 1.1 are refused, 1.2 and 1.3 are not',
  async () => {
    const under = await started()
    for (const options of [[], ['-starttls', 'smtp']]) {
      const port = under.port(options.length === 0 ? 'tls' : 'starttls')
      for (const old of ['-tls1', '-tls1_1'])
        expect(await openssl(port, old, ...options)).toContain('Cipher is (NONE)')
      for (const fine of ['-tls1_2', '-tls1_3'])
        expect(await openssl(port, fine, ...options)).toMatch(/Cipher is [A-Z]/)
    }
  },
)

test('a handshake that fails harms nobody', async () => {
  const under = await started()
  const garbage = await connected(under.port('tls'))
  garbage.send('EHLO client.test\r\n')
  expect(await garbage.line()).toSatisfy((line) => line === null || !line.startsWith('250'))
  const client = await connected(under.port('tls'), { tls: true })
  expect(await client.line()).toStartWith('220')
  expect(await client.authenticate(KEY)).toStartWith('235')
})
