//
// install.sh below a DESTDIR, with an executable that says what it was asked.

import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { TEST_ALL } from './support/postgres-cluster.ts'

const ROOT = dirname(import.meta.dir)
const folder = mkdtempSync(join(tmpdir(), 'mailwok-install-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const binary = join(folder, 'binary')
writeFileSync(
  binary,
  `#!/bin/sh
if [ "$1" = unit ]; then sed "s|/usr/local/bin/mailwok serve|$3 serve|" '${join(ROOT, 'assets/mailwok.service')}'; exit; fi
echo "asked: $*"
`,
)
chmodSync(binary, 0o755)

function install(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([join(ROOT, 'install.sh'), ...args])
  return { code: exitCode, out: stdout.toString(), err: stderr.toString() }
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe('below a DESTDIR', () => {
  const root = join(folder, 'root')
  const at = (path: string): string => join(root, path)
  const args = ['--destdir', root, '--binary', binary, '--hostname', 'mail.example.com']

  test('everything is put in its place, with its mode', () => {
    const done = install(...args)
    expect(done).toMatchObject({ code: 0, err: '' })
    expect(done.out).toContain(`asked: config check --config ${at('etc/mailwok/mailwok.toml')}`)
    expect(mode(at('usr/local/bin/mailwok'))).toBe('755')
    expect(mode(at('etc/mailwok'))).toBe('750')
    expect(mode(at('etc/mailwok/mailwok.toml'))).toBe('640')
    expect(mode(at('var/lib/mailwok'))).toBe('700')
    expect(mode(at('etc/systemd/system/mailwok.service'))).toBe('644')
    const share = (path: string): string => readFileSync(at(`usr/local/share/${path}`), 'utf8')
    expect(share('man/man1/mailwok.1')).toBe('asked: man\n')
    expect(share('bash-completion/completions/mailwok')).toBe('asked: completion bash\n')
    expect(share('zsh/site-functions/_mailwok')).toBe('asked: completion zsh\n')
    expect(share('fish/vendor_completions.d/mailwok.fish')).toBe('asked: completion fish\n')
    expect(readFileSync(at('etc/mailwok/mailwok.toml'), 'utf8')).toContain('hostname = "mail.example.com"')
  })

  test('a second time changes nothing and keeps what the operator wrote', () => {
    const config = at('etc/mailwok/mailwok.toml')
    writeFileSync(config, '# mine\n')
    const before = statSync(at('usr/local/bin/mailwok')).mtimeMs
    const done = install(...args)
    expect(done.code).toBe(0)
    expect(done.out).not.toContain('installed:')
    expect(readFileSync(config, 'utf8')).toBe('# mine\n')
    expect(statSync(at('usr/local/bin/mailwok')).mtimeMs).toBe(before)
  })

  test('another executable takes the place of the old one', () => {
    const newer = join(folder, 'newer')
    writeFileSync(newer, '#!/bin/sh\necho newer\n')
    const done = install('--destdir', root, '--binary', newer)
    expect(done.out).toContain(`installed: ${at('usr/local/bin/mailwok')}`)
    expect(mode(at('usr/local/bin/mailwok'))).toBe('755')
  })

  test.each([
    ['does not run', '#!/nowhere/at/all\n'],
    ['fails at once', '#!/bin/sh\nexit 1\n'],
    ['does not take the configuration', '#!/bin/sh\n[ "$1" != config ]\n'],
  ])('an executable that %s takes nobody’s place', (_, text) => {
    const broken = join(folder, 'broken')
    writeFileSync(broken, text)
    const before = readFileSync(at('usr/local/bin/mailwok'), 'utf8')
    const done = install('--destdir', root, '--binary', broken)
    expect(done.code).toBeGreaterThan(0)
    expect(done.err).toContain('replaced')
    expect(readFileSync(at('usr/local/bin/mailwok'), 'utf8')).toBe(before)
    expect(existsSync(at('usr/local/bin/mailwok.candidate'))).toBe(false)
  })

  test('--uninstall takes the service away and keeps configuration and data', () => {
    writeFileSync(at('var/lib/mailwok/mailwok.db'), 'mail')
    expect(install('--destdir', root, '--uninstall').code).toBe(0)
    expect(existsSync(at('usr/local/bin/mailwok'))).toBe(false)
    expect(existsSync(at('etc/systemd/system/mailwok.service'))).toBe(false)
    expect(existsSync(at('usr/local/share/man/man1/mailwok.1'))).toBe(false)
    expect(readFileSync(at('var/lib/mailwok/mailwok.db'), 'utf8')).toBe('mail')
    expect(readFileSync(at('etc/mailwok/mailwok.toml'), 'utf8')).toBe('# mine\n')
    expect(install('--destdir', root, '--uninstall').code).toBe(0)
  })
})

test('--dry-run says everything and does nothing', () => {
  const root = join(folder, 'dry')
  const done = install('--destdir', root, '--binary', binary, '--dry-run')
  expect(done.code).toBe(0)
  for (const word of ['bin/mailwok', 'mailwok.toml', 'mailwok.service', '0640'])
    expect(done.out).toContain(word)
  expect(existsSync(root)).toBe(false)
})

test('another prefix is known to the unit', () => {
  const root = join(folder, 'prefixed')
  expect(install('--destdir', root, '--binary', binary, '--prefix', '/opt/mailwok').code).toBe(0)
  const unit = readFileSync(join(root, 'etc/systemd/system/mailwok.service'), 'utf8')
  expect(unit).toContain('ExecStart=/opt/mailwok/bin/mailwok serve --config /etc/mailwok/mailwok.toml')
})

test.each([[['--binary']], [['--what']], [['--binary', '/nowhere/at/all', '--destdir', folder]]])(
  '%p is told',
  (args) => {
    const done = install(...args)
    expect(done.code).toBeGreaterThan(0)
    expect(done.err).toContain('install.sh: ')
  },
)

const suite = (name: string, part: string) => {
  const has = Bun.which(part) !== null
  if (!has && process.env[TEST_ALL] === '1') throw new Error(`${name}: ${part} is not installed`)
  return { name: has ? name : `${name} (skipped: ${part} is not installed)`, skip: !has }
}

const analyze = suite('the unit', 'systemd-analyze')
describe.skipIf(analyze.skip)(analyze.name, () => {
  const unit = join(ROOT, 'assets/mailwok.service')

  test('exposes at most 2.0', () => {
    const { stdout } = Bun.spawnSync(['systemd-analyze', 'security', '--offline=true', '--no-pager', unit])
    const level = /exposure level for mailwok\.service: ([\d.]+)/.exec(stdout.toString())?.[1]
    expect(Number(level)).toBeLessThanOrEqual(2)
  })

  test('leaves the compiler of the runtime on', () => {
    expect(readFileSync(unit, 'utf8')).not.toMatch(/^MemoryDenyWriteExecute=/m)
  })
})

const shellcheck = suite('shell scripts', 'shellcheck')
describe.skipIf(shellcheck.skip)(shellcheck.name, () => {
  test.each([
    'install.sh',
    '.ci/run',
    'assets/debian/postinst',
    'assets/debian/prerm',
    'assets/debian/postrm',
  ])('%s has nothing to complain about', (path) => {
    const { exitCode, stdout } = Bun.spawnSync(['shellcheck', join(ROOT, path)])
    expect(stdout.toString()).toBe('')
    expect(exitCode).toBe(0)
  })
})
