// The command as a process, where no node runs: exit codes, --json, --fix, --bundle, --day.

import { expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Checkup } from '../../src/core/diagnosis.ts'
import { mailwok } from '../support/command-line.ts'
import { emptyFolder } from '../support/lab-folder.ts'

const LONG = 30_000

/** Nobody outside is asked: there is no name server. */
function placed(more = ''): {
  readonly folder: string
  readonly run: (...args: readonly string[]) => ReturnType<typeof mailwok>
} {
  const folder = emptyFolder()
  const file = join(folder, 'mailwok.toml')
  writeFileSync(
    file,
    `[server]
hostname = "mail.lab.test"
operator = "ops@operator.test"
data_dir = "${join(folder, 'data')}"
[api]
https = ""
http = "127.0.0.1:0"
admin_socket = "${join(folder, 'admin.sock')}"
[submission]
starttls = ""
tls = ""
[inbound]
listen = "127.0.0.1:0"
[dns]
servers = ["127.0.0.1:1"]
timeout = "200ms"
[doctor]
time_servers = []
${more}`,
  )
  return { folder, run: (...args) => mailwok(['doctor', '--config', file, ...args], { cwd: folder }) }
}

test(
  'it ends with 3 where something fails, looks only, and says so in JSON',
  async () => {
    const { folder, run } = placed()
    const { code, out } = await run()
    expect(code).toBe(3)
    const checkup = JSON.parse(out) as Checkup
    const failed = checkup.diagnoses.filter(({ state }) => state === 'fail').map(({ ailment }) => ailment)
    expect(failed).toEqual(['folder_missing', 'resolver_silent'])
    expect(existsSync(join(folder, 'data'))).toBe(false)
  },
  LONG,
)

test(
  '--fix makes folders and closes what is open, and says what it did',
  async () => {
    const { folder, run } = placed()
    const done = await run('--fix', '--quick')
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o750)
    expect([done.code, done.err]).toEqual([0, ''])
    writeFileSync(join(folder, 'data', 'secret'), `${Buffer.alloc(32, 1).toString('base64')}\n`)
    chmodSync(join(folder, 'data', 'secret'), 0o644)
    expect((await run('--quick')).code).toBe(3)
    expect((await run('--quick', '--fix')).code).toBe(0)
    expect(statSync(join(folder, 'data', 'secret')).mode & 0o777).toBe(0o600)
  },
  LONG,
)

test(
  '--bundle holds what helps, and neither secrets nor anybody’s name',
  async () => {
    const { folder, run } = placed(
      '[[relay]]\nhost = "smtp.relay.test"\nusername = "user"\npassword = "hunter2hunter2"\n[[key]]\nname = "k"\nsecret = "mwk_live_Lab0Lab0Lab0Lab0"\n',
    )
    mkdirSync(join(folder, 'data'), { mode: 0o750 })
    const file = join(folder, 'help.tar.gz')
    await run('--quick', '--bundle', file)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const listed = Bun.spawnSync(['tar', '-tzf', file]).stdout.toString().trim().split('\n')
    expect(listed.map((path) => path.replace('mailwok-doctor/', ''))).toEqual([
      'findings.json',
      'configuration.txt',
      'versions.txt',
      'log.txt',
    ])
    const text = gunzipSync(await Bun.file(file).bytes()).toString()
    expect(text).toContain('smtp.relay.test')
    expect(text).toContain('[somebody]@operator.test')
    for (const secret of ['hunter2', 'mwk_live_', 'ops@operator']) expect(text).not.toContain(secret)
  },
  LONG,
)

test(
  'a configuration that cannot be read is a finding',
  async () => {
    const { run } = placed('[dns_]\n')
    const { code, out } = await run()
    expect(code).toBe(3)
    expect((JSON.parse(out) as Checkup).diagnoses).toMatchObject([
      { ailment: 'configuration_invalid', state: 'fail' },
    ])
  },
  LONG,
)

test(
  '--day says what is done when',
  async () => {
    const { run } = placed()
    const { code, out } = await run('--day', '1')
    expect(code).toBe(0)
    expect(out).toContain('https://postmaster.google.com/')
    expect((await run('--day', '2')).code).toBe(2)
  },
  LONG,
)
