//
// mailwok webhook, as a process on a store of its own.

import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mailwok } from '../support/command-line.ts'

// Each command is a process of its own, on a machine that runs other suites as well.
setDefaultTimeout(60_000)

const folder = mkdtempSync(join(tmpdir(), 'mailwok-cli-webhook-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(
  join(folder, 'mailwok.toml'),
  `[server]
hostname = "mail.example.net"
data_dir = "${folder}/data"
[api]
admin_socket = "${folder}/admin.sock"
[dns]
servers = ["127.0.0.1:9"]
[log]
level = "error"
`,
)
const run = (...args: readonly string[]) => mailwok(['webhook', ...args], { cwd: folder })
const json = async (...args: readonly string[]) => {
  const { code, out, err } = await run(...args)
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}`)
  return JSON.parse(out)
}

test('a webhook is added, listed and removed without a node; nothing was posted to it', async () => {
  const { id, secret } = await json('add', 'https://shop.example.com/hooks', '--event', 'email.bounced')
  expect(secret).toStartWith('whsec_')
  expect(await json('list')).toMatchObject([{ id, events: 'email.bounced', state: 'enabled' }])
  expect(await json('deliveries', id)).toEqual([])
  expect((await run('deliveries', id, '--state', 'lost')).err).toContain('want waiting, taken, given_up')
  expect((await run('deliveries', id, '--limit', 'many')).err).toContain('want a limit of 1 to 1000')
  expect(await json('remove', id)).toEqual({ id })
  expect((await run('deliveries', id)).err).toContain('mailwok webhook list')
})
