import { afterEach, expect, test } from 'bun:test'
import { MINUTE, SECOND } from '../../../src/core/time.ts'
import type { SessionLimits } from '../../../src/edge/smtpd/options.ts'
import { handClock } from '../../support/clock.ts'
import { type SmtpClient, smtpClient } from '../../support/smtp-client.ts'
import { runs, testWith } from '../../support/system-part.ts'
import { HOSTNAME } from './agent.ts'
import { type MailExchanger, mailExchanger } from './mail-exchanger.ts'

const open: (MailExchanger | SmtpClient)[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await ('stop' in one ? one.stop() : one.close())
})

async function exchanger(limits: Partial<SessionLimits>) {
  const clock = handClock(0)
  const mx = await mailExchanger({ clock, limits })
  open.push(mx)
  const peer = async (): Promise<SmtpClient> => {
    const client = await smtpClient(mx.port)
    open.push(client)
    return client
  }
  return { clock, mx, peer }
}

test('when all places are taken the one that was here longest goes, and a new peer is greeted', async () => {
  const { peer } = await exchanger({ connections: 3 })
  const peers = []
  for (let at = 0; at < 3; at++) {
    const one = await peer()
    expect(await one.line()).toStartWith('220')
    peers.push(one)
  }
  const late = await peer()
  expect(await late.line()).toStartWith('220')
  expect(await peers[0]?.line()).toStartWith('421 4.7.0')
  expect(await peers[0]?.line()).toBeNull()
  expect(await peers[2]?.ask('NOOP')).toStartWith('250')
})

test('one address has its share and no more', async () => {
  const { peer } = await exchanger({ connections: 10, connectionsPerAddress: 2 })
  for (let at = 0; at < 2; at++) expect(await (await peer()).line()).toStartWith('220')
  expect(await (await peer()).line()).toStartWith('421 4.7.0')
})

test('who says nothing, or drips a message, is sent away', async () => {
  const { clock, peer } = await exchanger({})
  const idle = await peer()
  await idle.line()
  const slow = await peer()
  await slow.line()
  for (const command of ['HELO a.example', 'MAIL FROM:<>', 'RCPT TO:<postmaster>', 'DATA']) {
    await slow.ask(command)
  }
  let said: string | null = null
  const line = slow.line().then((end) => {
    said = end
  })
  for (let at = 0; at < 100 && said === null; at++) {
    slow.send('x')
    clock.advance(10 * SECOND)
    await new Promise((done) => setTimeout(done, 2))
  }
  await line
  expect(String(said)).toStartWith('421')
  expect(clock.now()).toBeLessThan(3 * MINUTE)
  clock.advance(5 * MINUTE)
  expect(await idle.line()).toStartWith('421')
})

async function run(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'pipe' })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return `exit ${await child.exited}\n${out}${err}`
}

testWith('swaks', runs('swaks', '--version'), 'swaks by STARTTLS, and without an account', async () => {
  const mx = await mailExchanger()
  open.push(mx)
  const [to, server] = [`postmaster@${HOSTNAME}`, ['--server', '127.0.0.1', '--port', String(mx.port)]]
  expect(await run(['swaks', ...server, '-tls', '--from', '<>', '--to', to])).toStartWith('exit 0')
  const relayed = await run(['swaks', ...server, '--from', to, '--to', 'a@elsewhere.example'])
  expect(relayed).toStartWith('exit 24')
  expect(relayed).toContain('550 5.7.1')
  expect(mx.desk.messages).toHaveLength(1)
})

const PYTHON = `
import smtplib, ssl, sys
client = smtplib.SMTP('127.0.0.1', int(sys.argv[1]))
client.starttls(context=ssl._create_unverified_context())
to = 'postmaster@${HOSTNAME}'
client.sendmail('', [to], 'Subject: x\\n\\n.dot\\nend\\n')
client.sendmail('\\u00fc@peer.example', [to], b'Subject: x\\r\\n\\r\\n' + b'y' * 5000 + b'\\xff\\r\\n', mail_options=['SMTPUTF8', 'BODY=8BITMIME'])
client.quit()
`
testWith(
  'Python',
  runs('python3', '-c', 'import smtplib, ssl'),
  'smtplib, a null sender, eight bits, a long line',
  async () => {
    const mx = await mailExchanger()
    open.push(mx)
    expect(await run(['python3', '-c', PYTHON, String(mx.port)])).toStartWith('exit 0')
    const [one, two] = mx.desk.messages
    expect(one?.reversePath).toBeNull()
    expect(Buffer.from(one?.bytes ?? []).toString()).toBe('Subject: x\r\n\r\n.dot\r\nend\r\n')
    expect(two?.reversePath as string).toBe('ü@peer.example')
    expect(two?.bytes.at(-3)).toBe(0xff)
  },
)

testWith(
  'smtp-source (postfix)',
  runs('sh', '-c', 'command -v smtp-source'),
  'smtp-source, ten at once',
  async () => {
    const mx = await mailExchanger()
    open.push(mx)
    const load = [
      '-s',
      '10',
      '-l',
      '4096',
      '-m',
      '300',
      '-f',
      'a@peer.example',
      '-t',
      `postmaster@${HOSTNAME}`,
    ]
    expect(await run(['smtp-source', ...load, `127.0.0.1:${mx.port}`])).toStartWith('exit 0')
    expect(mx.desk.messages).toHaveLength(300)
  },
)
