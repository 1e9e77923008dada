//
// `mailwok setup` from an empty configuration to a delivered mail: scripted, as nobody at a terminal would call it. The
// node is a process that setup itself starts; the records come while it waits.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import type { DnsRow } from '../../src/admin/domain-rows.ts'
import { mailwokCommand } from '../support/command-line.ts'
import { type Machine, machine } from '../support/setup-machine.ts'
import { runs, testWith } from '../support/system-part.ts'

setDefaultTimeout(120_000)

const ANSWERS = [
  ...['--hostname', 'mail.lab.test', '--operator', 'ada@example.net', '--domain', 'shop.test'],
  ...['--delivery', 'direct', '--no-acme'],
]

test('from an empty configuration to a delivered mail; a second time changes nothing', async () => {
  await using host = await machine()
  const first = await host.setup([...ANSWERS, '--wait', '90s'], (line) => {
    if (line['step'] === 'dns') host.publish(line['records'] as readonly DnsRow[])
  })
  expect([first.code, first.err]).toEqual([0, ''])
  expect(first.step('configuration')).toEqual({ step: 'configuration', file: host.file, changed: true })
  expect(host.did).toBe('start')
  expect(statSync(host.file).mode & 0o777).toBe(0o640)
  const toml = readFileSync(host.file, 'utf8')
  expect(toml).toContain(
    'operator = "ada@example.net"          # your address: alerts, postmaster@ and abuse@',
  )
  expect(toml).toContain('[backup]\nevery = "24h"')
  expect(first.step('verified')).toMatchObject({ domain: 'shop.test', verified: true })
  expect(String(first.step('key')?.['paste'])).toContain(String(first.step('key')?.['key']))
  expect(first.lines.at(-1)).toMatchObject({ outcome: 'delivered', recipient: 'ada@example.net', code: 250 })
  expect(host.mx.messages).toHaveLength(1)

  const second = await host.setup(['--domain', 'shop.test', '--no-acme'])
  expect([second.code, second.err]).toEqual([0, ''])
  expect(second.step('configuration')).toMatchObject({ changed: false })
  expect(second.step('key')).toMatchObject({ made: false })
  expect([host.did, host.mx.messages.length]).toEqual(['start', 1])
  expect(readFileSync(host.file, 'utf8')).toBe(toml)
})

test('records that do not come end with 3, and a key is not made', async () => {
  await using host = await machine()
  const { code, lines, step } = await host.setup([...ANSWERS, '--wait', '1s', '--format', 'bind'])
  expect(code).toBe(3)
  expect(String(step('dns')?.['text'])).toMatch(/_domainkey\.shop\.test\. 3600 IN TXT "/)
  expect(lines.some((line) => line['step'] === 'record' && line['state'] === 'missing')).toBe(true)
  expect([step('verified')?.['verified'], step('key')]).toEqual([false, undefined])
})

test('what is missing is named by its flag, what differs by its key, and nothing is written', async () => {
  await using host = await machine()
  const before = readFileSync(host.file, 'utf8')
  const { code, err } = await host.setup(['--hostname', 'mail.lab.test', '--delivery', 'relay'])
  expect(code).toBe(2)
  for (const flag of ['--operator', '--domain', '--relay-host', '--acme-terms-agreed'])
    expect(err).toContain(flag)
  expect((await host.setup([...ANSWERS.slice(2), '--hostname', 'mail'])).err).toContain(
    '--hostname is "mail"',
  )

  const named = before.replace('hostname = ""', 'hostname = "mx.lab.test"')
  writeFileSync(host.file, named)
  const other = await host.setup(ANSWERS)
  expect([other.code, other.err]).toEqual([1, expect.stringContaining('server.hostname is "mx.lab.test"')])
  expect([readFileSync(host.file, 'utf8'), host.did]).toEqual([named, ''])
})

const PROMPTED = [
  [/Public name[^\n]*: $/, 'mail'],
  [/want a full name[\s\S]*Public name[^\n]*: $/, 'mail.lab.test'],
  [/Your address[^\n]*: $/, 'ada@example.net'],
  [/first domain[^\n]*: $/, 'shop.test'],
  [/\[direct\]: $/, 'relay'],
  [/Name of the relay: $/, 'relay.lab.test'],
  [/Its port \[587\]: $/, ''],
  [/User name there[^\n]*: $/, 'shop'],
  [/Password there: $/, 'se"cret'],
  [/do you agree[^\n]*: $/, 'n'],
] as const

/** Each answer is typed when its question stands at the end of what is shown. */
async function atTerminal(host: Machine, answers: readonly (readonly [RegExp, string])[], ...args: string[]) {
  const service = join(host.folder, 'service')
  const command = mailwokCommand('setup', '--config', host.file, '--service', service, ...args)
  const child = Bun.spawn(['script', '-qec', command.join(' '), '/dev/null'], {
    cwd: host.folder,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'dumb', SHELL: '/bin/sh' },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'ignore',
  })
  let shown = ''
  let next = 0
  const decoder = new TextDecoder()
  for await (const chunk of child.stdout) {
    shown += decoder.decode(chunk, { stream: true })
    const [question, answer] = answers[next] ?? []
    if (question?.test(harmless(shown)) !== true) continue
    next += 1
    child.stdin.write(answer === CTRL_C ? CTRL_C : `${answer}\r`)
    child.stdin.flush()
  }
  return { code: await child.exited, shown: harmless(shown), asked: next }
}

const CTRL_C = '\u0003'

/** Without what moves a cursor; colours stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals are told.
const harmless = (text: string): string => text.replace(/\u001b\[\d*[A-HJK]|\r/g, '')

const hasScript = runs('script', '--version')

testWith(
  'script',
  hasScript,
  'at a terminal it asks, again what cannot be, and shows no password',
  async () => {
    await using host = await machine()
    const { asked, code, shown } = await atTerminal(host, PROMPTED, '--wait', '0s')
    expect([asked, code]).toEqual([PROMPTED.length, 3])
    expect(shown).not.toContain('cret')
    expect(shown).toContain('shop.test is not verified yet.')
    expect(parse(readFileSync(host.file, 'utf8'))).toMatchObject({
      server: { hostname: 'mail.lab.test', operator: 'ada@example.net' },
      delivery: { mode: 'relay', mx_port: host.mx.port },
      relay: [{ host: 'relay.lab.test', port: 587, username: 'shop', password: 'se"cret' }],
      backup: { every: '24h' },
    })
    expect(host.did).toBe('start')

    const changed = await atTerminal(
      host,
      [
        [/\[mail\.lab\.test\]: $/, 'mx.lab.test'],
        [/\[ada@example\.net\]: $/, ''],
        [/first domain[^\n]*: $/, 'shop.test'],
        [/\[relay\]: $/, ''],
        [/\[relay\.lab\.test\]: $/, ''],
        [/\[587\]: $/, ''],
        [/\[shop\]: $/, ''],
        [/Replace it[^\n]*: $/, 'y'],
      ],
      ...['--wait', '0s', '--no-acme'],
    )
    expect([changed.asked, changed.code, host.did]).toEqual([8, 3, 'start stop start'])
  },
)

testWith('script', hasScript, 'Ctrl-C at a question leaves everything as it was', async () => {
  await using host = await machine()
  const before = readFileSync(host.file, 'utf8')
  const answers = [...PROMPTED.slice(0, 2), [/Your address[^\n]*: $/, CTRL_C]] as const
  expect((await atTerminal(host, answers)).code).toBe(130)
  expect([readFileSync(host.file, 'utf8'), host.did]).toEqual([before, ''])
})
