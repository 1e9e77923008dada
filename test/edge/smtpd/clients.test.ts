//
// SMTP clients that nobody here wrote, with the settings that frameworks have for everybody (api.md A).

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createTransport } from 'nodemailer'
import { runs, testWith } from '../../support/system-part.ts'
import { type Agent, agent, KEY, LOOPBACK } from './agent.ts'

// Programs start slowly on a busy machine.
setDefaultTimeout(30_000)

let under: Agent
let local: Agent
beforeAll(async () => {
  under = await agent()
  local = await agent({ keylessNetworks: LOOPBACK })
})
afterAll(() => Promise.all([under.stop(), local.stop()]))

const lastBody = (from: Agent): string => Buffer.from(from.door.messages.at(-1)?.bytes ?? []).toString()

const LETTER = {
  from: 'Shop <shop@example.com>',
  to: ['a@example.net', 'Zoë <z@example.net>'],
  bcc: 'quiet@example.net',
  subject: 'Grüße',
  text: '.dot first\n..two dots\nend',
}

test('nodemailer by STARTTLS, the key as user and password', async () => {
  const port = under.port('starttls')
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    requireTLS: true,
    auth: { user: KEY, pass: KEY },
    tls: { rejectUnauthorized: false },
  })
  const sent = await transport.sendMail(LETTER)
  transport.close()
  expect(sent.response).toStartWith('250 2.0.0 Ok: queued as msg_')
  expect(under.door.messages.at(-1)?.forwardPaths as readonly string[]).toEqual([
    'a@example.net',
    'z@example.net',
    'quiet@example.net',
  ])
  expect(lastBody(under)).toContain('\r\n.dot first\r\n..two dots\r\nend\r\n')
})

test('nodemailer by implicit TLS, pooled, any user name, with DSN', async () => {
  const port = under.port('tls')
  const transport = createTransport({
    pool: true,
    maxConnections: 2,
    host: '127.0.0.1',
    port,
    secure: true,
    auth: { user: 'apikey', pass: KEY },
    tls: { rejectUnauthorized: false },
  })
  const before = under.door.messages.length
  await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      transport.sendMail({
        ...LETTER,
        subject: `Number ${at}`,
        dsn: {
          id: `id ${at}`,
          return: 'headers',
          notify: ['failure', 'delay'],
          recipient: 'shop@example.com',
        },
      }),
    ),
  )
  transport.close()
  expect(under.door.messages.length - before).toBe(20)
})

test('nodemailer with a wrong key is told 535 and no more', async () => {
  const transport = createTransport({
    host: '127.0.0.1',
    port: under.port('tls'),
    secure: true,
    auth: { user: 'apikey', pass: 'mwk_live_wrong' },
    tls: { rejectUnauthorized: false },
  })
  await expect(transport.verify()).rejects.toThrow('535 5.7.8 Authentication failed')
})

test('nodemailer without TLS, as a local program', async () => {
  const transport = createTransport({ host: '127.0.0.1', port: local.port('plain'), ignoreTLS: true })
  const attachments = [{ filename: 'big.bin', content: Buffer.alloc(3_000_000, 7) }]
  await transport.sendMail({ ...LETTER, attachments })
  transport.close()
  expect(local.door.messages.at(-1)?.bytes.length).toBeGreaterThan(4_000_000)
})

async function run(command: readonly string[], input = ''): Promise<string> {
  const child = Bun.spawn([...command], { stdin: new Blob([input]), stdout: 'pipe', stderr: 'pipe' })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return `exit ${await child.exited}\n${out}${err}`
}

const hasSwaks = runs('swaks', '--version')
for (const [kind, flag, auth] of [
  ['starttls', '-tls', 'PLAIN'],
  ['starttls', '-tls', 'LOGIN'],
  ['tls', '-tlsc', 'PLAIN'],
  ['tls', '-tlsc', 'LOGIN'],
] as const) {
  testWith('swaks', hasSwaks, `swaks ${flag} with AUTH ${auth}`, async () => {
    const before = under.door.messages.length
    const said = await run([
      ...['swaks', '--server', '127.0.0.1', '--port', String(under.port(kind)), flag, '--auth', auth],
      ...['--auth-user', KEY, '--auth-password', KEY, '--from', 'a@example.com', '--to', 'b@example.net'],
    ])
    expect(said).toStartWith('exit 0')
    expect(said).toContain('250 2.0.0 Ok: queued as msg_')
    expect(under.door.messages.length - before).toBe(1)
  })
}

const PYTHON = `
import smtplib, ssl, sys
kind, port, key = sys.argv[1], int(sys.argv[2]), sys.argv[3]
context = ssl._create_unverified_context()
if kind == 'tls':
    client = smtplib.SMTP_SSL('127.0.0.1', port, context=context)
else:
    client = smtplib.SMTP('127.0.0.1', port)
    client.starttls(context=context)
client.login(key, key)
client.sendmail('a@example.com', ['b@example.net', 'c@example.net'], 'Subject: x\\n\\n.dot\\nend\\n')
client.sendmail('a@example.com', ['\\u00fc@example.net'], b'Subject: x\\r\\n\\r\\nhi\\r\\n', mail_options=['SMTPUTF8', 'BODY=8BITMIME'])
client.quit()
`
const hasPython = runs('python3', '-c', 'import smtplib, ssl')
for (const kind of ['starttls', 'tls'] as const) {
  testWith('Python', hasPython, `smtplib by ${kind}`, async () => {
    const before = under.door.messages.length
    expect(await run(['python3', '-c', PYTHON, kind, String(under.port(kind)), KEY])).toStartWith('exit 0')
    expect(under.door.messages.length - before).toBe(2)
    expect(under.door.messages.at(-1)?.forwardPaths as readonly string[]).toEqual(['ü@example.net'])
    expect(Buffer.from(under.door.messages.at(-2)?.bytes ?? []).toString()).toBe(
      'Subject: x\r\n\r\n.dot\r\nend\r\n',
    )
  })
}

const hasSource = runs('sh', '-c', 'command -v smtp-source')
for (const [how, flags] of [
  ['a connection per message', []],
  ['one connection', ['-d']],
] as const) {
  testWith('smtp-source (postfix)', hasSource, `smtp-source, ${how}`, async () => {
    const before = local.door.messages.length
    const load = ['-s', '5', '-l', '4096', '-m', '200', '-f', 'a@example.com', '-t', 'b@example.net']
    const said = await run(['smtp-source', ...flags, ...load, `127.0.0.1:${local.port('plain')}`])
    expect(said).toStartWith('exit 0')
    expect(local.door.messages.length - before).toBe(200)
  })
}
