//
// install.sh fetching what was released, from a server of files in the same layout.

import { afterAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = dirname(import.meta.dir)
const KIND = process.arch === 'arm64' ? 'arm64' : 'x64'
const folder = mkdtempSync(join(tmpdir(), 'mailwok-release-'))

const executable = (version: string): string => `#!/bin/sh\necho "${version}: $*"\n`
const name = (version: string): string => `mailwok-${version}-linux-${KIND}`
const sums = (version: string, text: string): string =>
  `${createHash('sha256').update('other').digest('hex')}  mailwok-${version}-linux-riscv\n${createHash('sha256').update(text).digest('hex')}  ${name(version)}\n`

/** What the server has, by path. */
const files = new Map<string, string>()
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: ({ url }) => {
    const found = files.get(new URL(url).pathname)
    return found === undefined ? new Response('no', { status: 404 }) : new Response(found)
  },
})
afterAll(async () => {
  await server.stop(true)
  rmSync(folder, { recursive: true, force: true })
})

function publish(base: string, version: string, listed = executable(version)): void {
  files.set(`${base}/${name(version)}`, executable(version))
  files.set(`${base}/SHA256SUMS`, sums(version, listed))
}

async function install(into: string, env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const root = join(folder, into)
  const child = Bun.spawn([join(ROOT, 'install.sh'), '--destdir', root, '--hostname', 'a.example', ...args], {
    env: { PATH: process.env['PATH'] ?? '', MAILWOK_URL: `${server.url.origin}/releases`, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  const file = join(root, 'usr/local/bin/mailwok')
  return { out, err, code, installed: existsSync(file) ? readFileSync(file, 'utf8') : null }
}

describe('what is released', () => {
  publish('/releases/latest/download', '1.3.0')
  publish('/releases/download/v1.2.0', '1.2.0')
  publish('/releases/download/v1.1.0', '1.1.0', 'something else')
  publish('/releases/download/v9.9.9', '1.2.0')
  files.set('/releases/download/v0.0.1/SHA256SUMS', `${'0'.repeat(64)}  mailwok-0.0.1-linux-riscv\n`)

  test('is fetched, checked and installed: the latest', async () => {
    const done = await install('latest', {}, '--version', 'latest')
    expect(done).toMatchObject({ code: 0, err: '', installed: executable('1.3.0') })
    expect(done.out).toContain('its SHA-256 is right')
  })

  test('or the version that is asked for, by the environment as well', async () => {
    const done = await install('version', { VERSION: '1.2.0' })
    expect(done).toMatchObject({ code: 0, installed: executable('1.2.0') })
    // Another one is an upgrade, or the way back.
    expect(await install('version', { VERSION: 'v1.3.0' })).toMatchObject({ installed: executable('1.2.0') })
    expect(await install('version', {}, '--version', 'latest')).toMatchObject({
      code: 0,
      installed: executable('1.3.0'),
    })
  })

  test.each([
    ['1.1.0', 'nothing was installed', 'octets that are not those of SHA256SUMS'],
    ['9.9.9', 'is of another version', 'sums of another version'],
    ['0.0.1', 'names no executable for', 'sums without this machine'],
    ['7.0.0', 'could not be fetched', 'what is not there'],
  ])('%s is refused: %s', async (version, says) => {
    const done = await install(`refused-${version}`, {}, '--version', version)
    expect(done.code).toBeGreaterThan(0)
    expect(done.err).toContain(says)
    expect(done.installed).toBeNull()
  })

  test('is only named by --dry-run', async () => {
    const asked = files.get('/releases/latest/download/SHA256SUMS')
    files.delete('/releases/latest/download/SHA256SUMS')
    const done = await install('dry', {}, '--version', 'latest', '--dry-run')
    expect(done).toMatchObject({ code: 0, installed: null })
    expect(done.out).toContain(`${server.url.origin}/releases/latest/download`)
    files.set('/releases/latest/download/SHA256SUMS', asked ?? '')
  })
})
