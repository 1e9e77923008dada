import { afterAll, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { billOfMaterials } from '../scripts/bill-of-materials.ts'
import { debianPackage } from '../scripts/debian-package.ts'
import { leaner, UNUSED } from '../scripts/leaner.ts'

const ROOT = dirname(import.meta.dir)
const DATE = 1_750_000_000
const folder = mkdtempSync(join(tmpdir(), 'mailwok-release-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sha = (octets: Uint8Array): string => new Bun.CryptoHasher('sha256').update(octets).digest('hex')

/** A copy of the checkout in a folder of its own. */
async function build(name: string, from = ROOT): Promise<string> {
  const copy = join(folder, name)
  for (const part of [
    'assets',
    'bunfig.toml',
    'cli',
    'docs',
    'package.json',
    'scripts',
    'src',
    'tsconfig.json',
  ])
    cpSync(join(from, part), join(copy, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const file = join(copy, 'dist', 'mailwok')
  const child = Bun.spawn([process.execPath, 'scripts/build.ts', file], { cwd: copy, stdout: 'ignore' })
  expect(await child.exited).toBe(0)
  return sha(new Uint8Array(await Bun.file(file).arrayBuffer()))
}

test('the executable is the same wherever and whenever it is made, and below 130 MB', async () => {
  const first = await build('one')
  expect(await build('another-folder', join(folder, 'one'))).toBe(first)
  expect(Bun.file(join(folder, 'one', 'dist', 'mailwok')).size).toBeLessThan(130_000_000)
}, 60_000)

test('so is the package, and dpkg reads it', () => {
  const executable = join(folder, 'executable')
  const made = () => {
    writeFileSync(executable, 'executable', { mode: 0o600 })
    utimesSync(executable, Math.random() * 1e9, Math.random() * 1e9)
    return debianPackage({
      root: ROOT,
      executable,
      version: '1.2.3',
      machine: 'amd64',
      date: DATE,
      printed: (...args) => Buffer.from(args.join(' ')),
    })
  }
  const octets = made()
  expect(sha(made())).toBe(sha(octets))
  const file = join(folder, 'mailwok.deb')
  writeFileSync(file, octets)
  const { stdout, stderr } = Bun.spawnSync(['dpkg-deb', '-c', file], { env: { ...process.env, TZ: 'UTC' } })
  expect(stderr.toString()).toBe('')
  expect(stdout.toString()).toContain('-rwxr-xr-x root/root        10 2025-06-15 15:06 ./usr/bin/mailwok')
  const { stdout: field } = Bun.spawnSync(['dpkg-deb', '-f', file, 'Version', 'Architecture'])
  expect(field.toString()).toBe('Version: 1.2.3\nArchitecture: amd64\n')
})

interface Bill {
  readonly serialNumber: string
  readonly components: readonly {
    readonly name: string
    readonly purl: string
    readonly hashes?: readonly { readonly content: string }[]
    readonly licenses?: unknown
  }[]
}

test('the bill of materials names the runtime and every library that is used, with its hash and license', () => {
  const text = billOfMaterials(ROOT, DATE)
  expect(billOfMaterials(ROOT, DATE)).toBe(text)
  const { components, serialNumber } = JSON.parse(text) as Bill
  expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  const names = components.map(({ name }) => name)
  // What we name, what only they name, and what only tests use.
  for (const name of ['bun', 'elysia', 'mjml', 'mjml-core', 'libmime', '@sinclair/typebox'])
    expect(names).toContain(name)
  for (const name of ['nodemailer-absent', 'svix', 'typescript', '@biomejs/biome'])
    expect(names).not.toContain(name)
  const libraries = components.filter(({ name }) => name !== 'bun')
  for (const { hashes } of libraries) expect(hashes?.[0]?.content).toMatch(/^[0-9a-f]{128}$/)
  const unlicensed = libraries.filter(({ licenses }) => licenses === undefined).map(({ purl }) => purl)
  expect(unlicensed).toEqual([])
})

test('what is left out refuses by name when it is called after all', async () => {
  const [first] = UNUSED
  expect(first?.because).toContain('minify')
  const entry = join(folder, 'mjml-core', 'lib', 'entry.js')
  await Bun.write(entry, `module.exports = require('htmlnano')`)
  const { outputs } = await Bun.build({
    entrypoints: [entry],
    format: 'cjs',
    target: 'bun',
    plugins: [leaner(ROOT)],
  })
  const file = join(folder, 'out.cjs')
  await Bun.write(file, (await outputs[0]?.text()) as string)
  const { stderr } = Bun.spawnSync([process.execPath, '-e', `require(${JSON.stringify(file)})()`])
  expect(stderr.toString()).toContain('htmlnano is not part of the executable')
})
