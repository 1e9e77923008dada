//
// What docs/security.md promises and a machine can look at: who may read which file, what the log never holds, what the unit
// takes away, which ports are open by default.

import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { exampleToml } from '../src/config/example.ts'
import { SCHEMA } from '../src/config/schema.ts'
import { hasExecutable, startBinary } from './support/lab-binary.ts'
import { LAB_KEY } from './support/lab-folder.ts'
import { until } from './support/until.ts'

// The executable starts.
setDefaultTimeout(60_000)

const ROOT = join(import.meta.dir, '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const PAGE = read('docs/security.md')

test.skipIf(!hasExecutable)('nobody else reads the data, and the log holds nothing of the mail', async () => {
  await using lab = await startBinary()
  const sent = await lab.post('/v1/email/send', {
    from: 'shop@example.com',
    to: 'quentin.reader@example.net',
    subject: 'Marmalade matters',
    text: 'Ninety jars of it.',
  })
  await lab.delivered(String(sent.body['message_id']))
  await lab.submit(
    'From: shop@example.com\r\nTo: rcpt@example.net\r\nSubject: Quince matters\r\n\r\nTwelve jars of it.\r\n',
  )
  await until('both to arrive', () => lab.mx.messages.length === 2)
  await lab.end('SIGTERM')

  expect(lab.written).toContain('"what":"attempt"')
  for (const secret of [LAB_KEY, 'Marmalade', 'Quince', 'jars of it', 'quentin.reader']) {
    expect(lab.written).not.toContain(secret)
  }
  const open = readdirSync(lab.folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?:^|\/)(?:mailwok\.db[\w-]*|secret|[\w-]+\.key)$/.test(name))
    .map((name) => [name, statSync(join(lab.folder, name)).mode & 0o777])
  expect(open.map(([name]) => name)).toContain('data/secret')
  expect(open.filter(([, mode]) => mode !== 0o600)).toEqual([])
})

test('what the page says of the unit stands in the unit', () => {
  const unit = read('assets/mailwok.service')
  for (const line of [
    'AmbientCapabilities=CAP_NET_BIND_SERVICE',
    'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'PrivateDevices=yes',
    'ProtectProc=invisible',
    'SystemCallFilter=@system-service',
  ]) {
    expect(unit.split('\n')).toContain(line)
  }
  expect(unit).not.toMatch(/^MemoryDenyWriteExecute=/m)
})

describe('ports', () => {
  const toml = exampleToml(SCHEMA)
  test.each([
    ['443', 'api.https', 'https = "[::]:443"'],
    ['587, 2525', '', 'starttls = ["[::]:587", "[::]:2525"]'],
    ['465', '', 'tls = "[::]:465"'],
    ['25', 'inbound.listen', 'listen = "[::]:25"'],
    ['80', 'tls.acme_http', 'acme_http = "[::]:80"'],
    ['8080 on loopback', 'api.http', 'http = "127.0.0.1:8080"'],
  ])('%s is open by default, and on the page', (ports, key, line) => {
    expect(toml.split('\n').some((each) => each.startsWith(line))).toBe(true)
    expect(PAGE).toContain(ports)
    expect(PAGE).toContain(key)
  })
  test('none other is', () => {
    const listeners = toml
      .split('\n')
      .map((line) => line.replace(/ +#.*$/, ''))
      .filter((line) => /^\w+ = .*"(?:\[::\]|127\.0\.0\.1|0\.0\.0\.0):\d+"/.test(line))
    expect(listeners).toHaveLength(6)
  })
})
