//
// Letters as Python writes and sends them, and as curl and swaks do: by /v1/email/raw the same octets go out as by SMTP.

import { expect } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AUTHORIZED, type Lab, startLab } from '../support/appliance.ts'
import { LAB_KEY } from '../support/lab-folder.ts'
import { runs, testWith } from '../support/system-part.ts'
import { until } from '../support/until.ts'

/** Writes letters into a folder, each sent by smtplib. */
const PYTHON = `
import os, smtplib, ssl, sys
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
port, key, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
def letter():
    m = EmailMessage()
    m['From'] = 'Jürgen <shop@example.com>'
    m['To'] = 'rcpt@example.net'
    m['Subject'] = 'Grüße an alle, mit einem Betreff, der in mehrere Zeilen gefaltet wird ' * 3
    m['Date'] = 'Thu, 01 Jan 2026 00:00:00 +0000'
    m['Message-ID'] = '<x@example.com>'
    return m
def add(m, policy=SMTP): letters.append(m.as_bytes(policy=policy))
letters = []
m = letter(); m.set_content('Hallo\\n.\\n..dots\\nFrom here\\n\\n\\n'); add(m)
m = letter(); m.set_content('x' * 2000); add(m)
m = letter(); m.set_content('Grüße', cte='8bit'); add(m)
m = letter(); m.set_content('Grüße'); add(m, SMTPUTF8)
m = letter(); m.set_content('t'); m.add_alternative('<p>ü</p>', subtype='html')
m.add_attachment(bytes(range(256)) * 10, maintype='application', subtype='octet-stream', filename='Ünï.bin'); add(m)
inner = EmailMessage(); inner['From'] = 'a@example.org'; inner['Subject'] = 'inner'; inner.set_content('inner\\n')
m = letter(); m.set_content('t'); m.add_attachment(inner); add(m)
m = letter(); m.set_content(''); add(m)
tls = ssl._create_unverified_context()
with smtplib.SMTP('127.0.0.1', port) as smtp:
    smtp.starttls(context=tls)
    smtp.login(key, key)
    for place, octets in enumerate(letters):
        with open(os.path.join(folder, f'{place}.eml'), 'wb') as file: file.write(octets)
        smtp.sendmail('shop@example.com', ['rcpt@example.net'], octets, ['BODY=8BITMIME'])
print(len(letters))
`

testWith('python3', runs('python3', '--version'), 'letters of Python, by smtplib', async () => {
  await using lab = await startLab()
  const script = join(lab.folder, 'send.py')
  writeFileSync(script, PYTHON)
  const count = Number(await run(['python3', script, port(lab), LAB_KEY, lab.folder]))
  expect(count).toBe(7)
  const bySmtp = await arrived(lab, count)
  for (let place = 0; place < count; place += 1) {
    const octets = await Bun.file(join(lab.folder, `${place}.eml`)).bytes()
    expect([place, await byRest(lab, octets)]).toEqual([place, bySmtp[place] ?? ''])
  }
})

testWith('curl', runs('curl', '--version'), 'a letter that curl sends', async () => {
  await using lab = await startLab()
  const file = join(lab.folder, 'letter.eml')
  writeFileSync(file, LETTER)
  const login = ['--ssl-reqd', '--insecure', '--user', `${LAB_KEY}:${LAB_KEY}`]
  const envelope = ['--mail-from', 'shop@example.com', '--mail-rcpt', 'rcpt@example.net']
  await run(['curl', '-sS', `smtp://127.0.0.1:${port(lab)}`, ...login, ...envelope, '--upload-file', file])
  const [bySmtp] = await arrived(lab, 1)
  expect(await byRest(lab, Buffer.from(LETTER))).toBe(bySmtp ?? '')
})

testWith('swaks', runs('swaks', '--version'), 'a letter that swaks sends', async () => {
  await using lab = await startLab()
  const file = join(lab.folder, 'letter.eml')
  writeFileSync(file, LETTER)
  const login = ['--tls', '--auth', 'PLAIN', '--auth-user', LAB_KEY, '--auth-password', LAB_KEY]
  const envelope = ['--from', 'shop@example.com', '--to', 'rcpt@example.net']
  await run([
    'swaks',
    '--server',
    '127.0.0.1',
    '--port',
    port(lab),
    ...login,
    ...envelope,
    '--data',
    `@${file}`,
  ])
  const [bySmtp = ''] = await arrived(lab, 1)
  // It ends every letter with an empty line of its own.
  expect(await byRest(lab, Buffer.from(LETTER))).toBe(bySmtp.replace(/(\r\n)\r\n$/, '$1'))
})

const LETTER =
  'From: shop@example.com\r\nTo: rcpt@example.net\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <y@example.com>\r\nSubject: By hand\r\n\r\n.\r\n..\r\nHallo\r\n'

const port = (lab: Lab): string => String(lab.port('submission.starttls'))

async function run(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'pipe' })
  const [out, error] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  if ((await child.exited) !== 0) throw new Error(`${command[0]}: ${out}${error}`)
  return out
}

/** In the order in which they were submitted. */
async function arrived(lab: Lab, count: number, before = 0): Promise<readonly string[]> {
  await until('all arrived', () => lab.mx.messages.length >= before + count)
  const found = lab.mx.messages
    .slice(before)
    .map(({ bytes, reversePath }) => ({ text: asWritten(bytes), reversePath }))
  // The return path has the message's id, and ids sort by time.
  return found
    .sort((a, b) => (String(a.reversePath) < String(b.reversePath) ? -1 : 1))
    .map(({ text }) => text)
}

async function byRest(lab: Lab, octets: Uint8Array): Promise<string> {
  const before = lab.mx.messages.length
  const answer = await lab.fetch('/v1/email/raw?from=shop@example.com&to=rcpt@example.net', {
    method: 'POST',
    headers: { ...AUTHORIZED, 'content-type': 'message/rfc822' },
    body: octets,
  })
  expect(answer.status).toBe(200)
  return (await arrived(lab, 1, before))[0] ?? ''
}

/** Without what we put in front of it; signatures and the trace are each copy's own. */
const asWritten = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('latin1')
    .replace(/^(?:DKIM-Signature|Received|Feedback-ID|CFBL-[A-Za-z-]+):.*\r\n(?:[ \t].*\r\n)*/gim, '')
