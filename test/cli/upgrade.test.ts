//
// mailwok upgrade on a node that really runs: executables that stand in for others are scripts around this checkout, a
// script in place of systemctl.

import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connectAdmin } from '../../cli/client.ts'

const ROOT = dirname(dirname(import.meta.dir))
const REAL = `'${process.execPath}' '${join(ROOT, 'cli', 'main.ts')}'`
const TIMEOUT = 60_000

const script = (version: string, instead = ''): string => `#!/bin/sh
case $1 in
version) echo '{"version":"${version}"}'; exit ;;
${instead}
esac
exec ${REAL} "$@"
`

let folder = ''
const at = (name: string): string => join(folder, name)
const folders: string[] = []

function put(name: string, text: string): string {
  writeFileSync(at(name), text)
  chmodSync(at(name), 0o755)
  return at(name)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-upgrade-'))
  folders.push(folder)
  mkdirSync(at('data'))
  put('mailwok', script('1.0.0'))
  writeFileSync(
    at('mailwok.toml'),
    `[server]\nhostname = "mail.example.com"\ndata_dir = "${at('data')}"
[api]\nhttps = ""\nhttp = "127.0.0.1:0"\nadmin_socket = "${at('admin.sock')}"
[submission]\nstarttls = ""\ntls = ""
[inbound]\nlisten = ""
[tls]\nmode = "self-signed"
[delivery]\nmode = "capture"\n`,
  )
  put(
    'service',
    `#!/bin/sh
case $1 in
start)
  '${at('mailwok')}' serve --config '${at('mailwok.toml')}' >>'${at('log')}' 2>&1 &
  echo $! >'${at('pid')}' ;;
stop)
  pid=$(cat '${at('pid')}') || exit 0
  kill "$pid" 2>/dev/null || exit 0
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done ;;
esac
`,
  )
})

afterAll(() => {
  for (folder of folders) {
    Bun.spawnSync([at('service'), 'stop'])
    rmSync(folder, { recursive: true, force: true })
  }
})

async function mailwok(...args: readonly string[]) {
  const child = Bun.spawn(
    [process.execPath, join(ROOT, 'cli', 'main.ts'), ...args, '--config', at('mailwok.toml'), '--json'],
    { stdout: 'pipe', stderr: 'pipe' },
  )
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  return { code, out, err }
}

const upgradeTo = (binary: string, ...more: readonly string[]) =>
  mailwok(
    'upgrade',
    ...[
      '--binary',
      binary,
      '--executable',
      at('mailwok'),
      '--service',
      at('service'),
      '--wait',
      '8',
      ...more,
    ],
  )

async function start(): Promise<void> {
  Bun.spawnSync([at('service'), 'start'])
  while (!(await isReady())) await Bun.sleep(50)
  expect((await mailwok('account', 'add', 'kept')).code).toBe(0)
}

async function isReady(): Promise<boolean> {
  const admin = await connectAdmin(at('admin.sock'))
  const status = await admin?.status({})
  return status?.ok === true && status.value.ready
}

const accounts = async (): Promise<string> => (await mailwok('account', 'list')).out
const versionInPlace = (): string | undefined =>
  /"version":"([^"]+)"/.exec(readFileSync(at('mailwok'), 'utf8'))?.[1]

async function expectAsBefore(): Promise<void> {
  expect(versionInPlace()).toBe('1.0.0')
  expect(await isReady()).toBe(true)
  expect(await accounts()).toContain('"kept"')
  expect(existsSync(at('mailwok.candidate'))).toBe(false)
}

describe('an executable that works', () => {
  test(
    'takes the place of a running one, which stays beside it with a backup',
    async () => {
      await start()
      const done = await upgradeTo(put('new', script('2.0.0')))
      expect(done).toMatchObject({ code: 0 })
      expect(JSON.parse(done.out)).toMatchObject({ version: '2.0.0', running: true })
      expect(versionInPlace()).toBe('2.0.0')
      expect(readFileSync(at('mailwok.before'), 'utf8')).toContain('1.0.0')
      expect(await isReady()).toBe(true)
      expect(await accounts()).toContain('"kept"')
      expect(readdirSync(at('data')).some((name) => name.startsWith('before-upgrade-'))).toBe(true)
    },
    TIMEOUT,
  )

  test(
    'is taken by the next start where no node runs',
    async () => {
      expect((await mailwok('account', 'add', 'kept')).code).toBe(0)
      const done = await upgradeTo(put('new', script('2.0.0')))
      expect(done).toMatchObject({ code: 0 })
      expect(JSON.parse(done.out)).toMatchObject({ version: '2.0.0', running: false })
      expect(versionInPlace()).toBe('2.0.0')
    },
    TIMEOUT,
  )
})

describe('on the way back nothing is lost', () => {
  const NEWER = `'${process.execPath}' -e 'const { Database } = require("bun:sqlite"); new Database(process.argv[1]).run("INSERT INTO schema_migrations VALUES (99999, \\"later\\")")'`
  test.each([
    ['does not start', 'serve) exit 1 ;;', 'it did not answer in time'],
    ['starts and is never ready', 'serve) exec sleep 1000 ;;', 'it did not answer in time'],
    [
      'writes a newer schema and dies',
      `serve) ${NEWER} "$(dirname "$0")/data/mailwok.db"; exit 1 ;;`,
      'the store is that of',
    ],
  ])(
    'from one that %s',
    async (_, instead, says) => {
      await start()
      const done = await upgradeTo(put('new', script('2.0.0', instead)))
      expect(done.code).toBe(1)
      expect(done.err).toContain('"rolled_back"')
      expect(done.err).toContain(says)
      await expectAsBefore()
    },
    TIMEOUT,
  )
})

describe('nothing is touched', () => {
  test.each([
    ['that does not run', '#!/bin/sh\nexit 1\n', [], 'does_not_run'],
    ['of another kind of machine', 'MZ', [], 'does_not_run'],
    ['that refuses the configuration', script('2.0.0', 'config) exit 1 ;;'), [], 'refuses_configuration'],
    ['with another checksum', script('2.0.0'), ['--sha256', '0'.repeat(64)], 'wrong_checksum'],
  ])(
    'for one %s',
    async (_, text, more, code) => {
      await start()
      const pid = readFileSync(at('pid'), 'utf8')
      const done = await upgradeTo(put('new', text), ...more)
      expect(done.code).toBe(1)
      expect(done.err).toContain(`"${code}"`)
      expect(readFileSync(at('pid'), 'utf8')).toBe(pid)
      await expectAsBefore()
    },
    TIMEOUT,
  )

  test('when the sums beside it say otherwise, or it is not there', async () => {
    const file = put('new', script('2.0.0'))
    writeFileSync(at('SHA256SUMS'), `${'1'.repeat(64)}  new\n`)
    expect((await upgradeTo(file)).err).toContain('"wrong_checksum"')
    expect((await upgradeTo(at('nowhere'))).err).toContain('"no_file"')
  })

  test(
    'when nobody could stop the node',
    async () => {
      if (existsSync('/run/systemd/system')) return
      await start()
      const done = await mailwok(
        'upgrade',
        '--binary',
        put('new', script('2.0.0')),
        '--executable',
        at('mailwok'),
      )
      expect(done.err).toContain('"no_service"')
      await expectAsBefore()
    },
    TIMEOUT,
  )
})

describe('what is released', () => {
  const KIND = process.arch === 'arm64' ? 'arm64' : 'x64'
  const text = script('3.0.0')
  const sum = createHash('sha256').update(text).digest('hex')

  test(
    'is fetched from where releases are, and checked',
    async () => {
      const files = new Map([
        ['/latest/download/SHA256SUMS', `${sum}  mailwok-3.0.0-linux-${KIND}\n`],
        [`/latest/download/mailwok-3.0.0-linux-${KIND}`, text],
        ['/download/v2.9.0/SHA256SUMS', `${'2'.repeat(64)}  mailwok-2.9.0-linux-${KIND}\n`],
        [`/download/v2.9.0/mailwok-2.9.0-linux-${KIND}`, text],
      ])
      const server = Bun.serve({
        port: 0,
        hostname: '127.0.0.1',
        fetch: ({ url }) => {
          const found = files.get(new URL(url).pathname)
          return found === undefined ? new Response('', { status: 404 }) : new Response(found)
        },
      })
      try {
        const url = ['--url', server.url.origin, '--executable', at('mailwok')]
        const check = await mailwok('upgrade', '--check', ...url)
        expect(JSON.parse(check.out)).toMatchObject({ available: '3.0.0', same: false, sha256: sum })
        expect((await mailwok('upgrade', '--to', '2.9.0', ...url)).err).toContain('"wrong_checksum"')
        expect((await mailwok('upgrade', '--to', '1.9.0', ...url)).err).toContain('"not_fetched"')
        expect(versionInPlace()).toBe('1.0.0')
        expect(await mailwok('account', 'add', 'kept')).toMatchObject({ code: 0 })
        expect(await mailwok('upgrade', ...url)).toMatchObject({ code: 0 })
        expect(versionInPlace()).toBe('3.0.0')
      } finally {
        await server.stop(true)
      }
    },
    TIMEOUT,
  )

  test('is not fetched in clear from elsewhere', async () => {
    const done = await mailwok('upgrade', '--check', '--url', 'http://releases.example.com')
    expect(done.err).toContain('"insecure_url"')
  })
})
