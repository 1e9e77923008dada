//
// `serve` and `try` as processes: the ready line, the admin socket, signals, the word to systemd.

import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mailwok, mailwokCommand } from '../support/command-line.ts'

setDefaultTimeout(60_000)

const folder = mkdtempSync(join(tmpdir(), 'mailwok-serve-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(
  join(folder, 'mailwok.toml'),
  `[server]
hostname = "mail.example.net"
data_dir = "${folder}/data"
[api]
http = "127.0.0.1:0"
https = "127.0.0.1:0"
admin_socket = "${folder}/admin.sock"
[submission]
starttls = "127.0.0.1:0"
tls = ""
[inbound]
listen = "127.0.0.1:0"
[metrics]
listen = "127.0.0.1:0"
[delivery]
mode = "capture"
[domains]
require_verification = false
[log]
level = "info"
format = "json"
`,
)

const run = (...args: readonly string[]) => mailwok(args, { cwd: folder })

/** The first line of standard output; the rest is left alone. */
async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('\n')) {
    const { done, value } = await reader.read()
    if (done) break
    text += value
  }
  return text.split('\n')[0] ?? ''
}

async function start() {
  const child = Bun.spawn(mailwokCommand('serve'), {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
    stdout: 'pipe',
    stderr: Bun.file(join(folder, 'log')),
  })
  const ready: { ready: boolean; listeners: Record<string, string[]> } = JSON.parse(
    await firstLine(child.stdout),
  )
  return { child, ready }
}

describe('serve', async () => {
  const { child, ready } = await start()
  afterAll(() => child.kill('SIGKILL'))

  test('says in one line where it listens', () => {
    expect(ready.ready).toBe(true)
    for (const key of ['api.http', 'api.https', 'submission.starttls', 'metrics.listen']) {
      expect(ready.listeners[key]?.[0]).toMatch(/^127\.0\.0\.1:[1-9]\d*$/)
    }
    expect(ready.listeners['submission.tls']).toEqual([])
  })

  test('answers commands over its socket', async () => {
    const status = await run('status')
    expect(status.code).toBe(0)
    const report = JSON.parse(status.out)
    expect([report.running, report.ready]).toEqual([true, true])
    expect(report.listeners).toEqual(ready.listeners)
    const made = JSON.parse((await run('key', 'create')).out)
    expect(made.key).toStartWith('mwk_live_')
    expect((await run('domain', 'add', 'example.com')).code).toBe(0)
    expect((await run('backup', 'restore', 'anything')).err).toContain('stop it first')
  })

  test('delivers what is sent by hand', async () => {
    const sent = JSON.parse(
      (
        await run(
          'send',
          '--from',
          'a@example.com',
          '--to',
          'b@example.net',
          '--subject',
          'Hi',
          '--text',
          'x',
        )
      ).out,
    )
    const captured = join(folder, 'data/captured', `${sent.message_id}.0.eml`)
    const deadline = performance.now() + 30_000
    while (!existsSync(captured) && performance.now() < deadline) await Bun.sleep(20)
    expect(readFileSync(captured, 'utf8')).toContain('Subject: Hi\r\n')
  })

  test('shows its figures', async () => {
    const answer = await fetch(`http://${ready.listeners['metrics.listen']?.[0]}/metrics`)
    expect(await answer.text()).toContain('# TYPE mailwok_')
    expect((await run('status', '--metrics')).out).toContain('# TYPE mailwok_')
  })

  test('SIGHUP reloads, SIGTERM ends it in order, twice does no harm', async () => {
    child.kill('SIGHUP')
    const deadline = performance.now() + 30_000
    const log = () => readFileSync(join(folder, 'log'), 'utf8')
    while (!log().includes('reloaded') && performance.now() < deadline) await Bun.sleep(20)
    expect(log()).toContain('"what":"reloaded"')
    child.kill('SIGTERM')
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
    expect(existsSync(join(folder, 'admin.sock'))).toBe(false)
  })
})

test('serve says why it cannot start', async () => {
  const { code, err } = await run('serve', '--set', 'server.data_dir=/dev/null/nowhere')
  expect(code).toBe(1)
  expect(err).toContain('mailwok: ')
})

test('try shows one message by REST and one by SMTP, both delivered', async () => {
  const { code, out, err } = await run('try', '--once', '--dir', 'trial')
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toMatch(/✓ one message by REST {2}msg_\w{12} {2}delivered/)
  expect(out).toMatch(/✓ one message by SMTP {2}msg_\w{12} {2}delivered/)
  expect(out).toContain('curl http://127.0.0.1:')
  expect(readdirSync(join(folder, 'trial/captured'))).toHaveLength(2)
  // A second time: the domain is there already.
  expect((await run('try', '--once', '--dir', 'trial')).code).toBe(0)
})
