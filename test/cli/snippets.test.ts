//
// The lines of `key create --for`. Those of frameworks are blocks of docs/frameworks.md, which docs-frameworks.test.ts tries
// with the frameworks themselves; here they are held against the page, and those that need nothing else are run.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Place, PROGRAMS, snippetFor } from '../../cli/snippets.ts'
import { type Lab, startLab } from '../support/appliance.ts'
import { authority } from '../support/authority.ts'
import { mailwok } from '../support/command-line.ts'
import { runs, testWith } from '../support/system-part.ts'

setDefaultTimeout(60_000)

const ROOT = join(import.meta.dir, '../..')
const PAGE = readFileSync(join(ROOT, 'docs/frameworks.md'), 'utf8')
const PLACE: Place = {
  host: 'post.shop.test',
  starttls: 2525,
  tls: 465,
  url: 'https://post.shop.test',
  key: 'mwk_live_Abc',
  domain: 'shop.test',
}
const AS_ON_PAGE: Place = {
  ...PLACE,
  ...{ host: 'mail.example.com', starttls: 587, key: 'mwk_live_…', domain: 'example.com' },
}

test.each(PROGRAMS.filter((one) => one !== 'curl' && one !== 'smtp'))(
  '%s: a block of the page',
  (program) => {
    const settings = snippetFor(program, AS_ON_PAGE)
    const blocks = [...PAGE.matchAll(/^```\w+\n([\s\S]*?)\n```$/gm)].map(([, text = '']) => text)
    const taken = blocks.filter((text) => settings.includes(text))
    expect(taken).toHaveLength(1)
  },
)

test.each([...PROGRAMS])('%s: host, key and author of here, and none of the page', (program) => {
  const text = snippetFor(program, PLACE)
  for (const want of ['post.shop.test', 'mwk_live_Abc', 'shop.test']) expect(text).toContain(want)
  for (const foreign of ['mail.example.com', '587', '…', 'shop@example.com'])
    expect(text).not.toContain(foreign)
  if (program !== 'curl') expect(text).toContain('2525')
})

describe('key create --for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-snippets-'))
  const ca = join(folder, 'ca.pem')
  let lab: Lab
  beforeAll(async () => {
    const root = authority('Lab authority')
    const { cert, key } = root.issue({ names: ['localhost'] })
    const files = { 'ca.pem': root.cert, 'cert.pem': cert, 'key.pem': key }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    lab = await startLab({
      config: {
        'tls.mode': 'files',
        'tls.cert': join(folder, 'cert.pem'),
        'tls.key': join(folder, 'key.pem'),
      },
    })
  })
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  async function made(program: string): Promise<{ readonly key: string; readonly paste: string }> {
    const settings = {
      'api.admin_socket': join(lab.folder, 'admin.sock'),
      'server.hostname': 'localhost',
      'api.http': `127.0.0.1:${lab.port('api.http')}`,
      'submission.starttls': `127.0.0.1:${lab.port('submission.starttls')}`,
    }
    const sets = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
    const file = join(lab.folder, 'mailwok.toml')
    const ran = await mailwok(['--config', file, ...sets, 'key', 'create', '--for', program], { cwd: folder })
    expect([ran.code, ran.err]).toEqual([0, ''])
    return JSON.parse(ran.out)
  }

  testWith('curl', runs('curl', '--version'), 'curl sends by its lines', async () => {
    const { key, paste } = await made('curl')
    expect(paste).toContain(key)
    const ran = Bun.spawn(['sh', '-c', paste], { stdout: 'pipe', stderr: 'pipe' })
    const answer = JSON.parse(await ran.stdout.text())
    expect(answer.success).toBe(true)
    await lab.ended(answer.message_id)
    expect(lab.mx.messages.at(-1)?.forwardPaths).toEqual(['you@example.net'])
  })

  testWith('node', runs('node', '--version'), 'node sends by its lines', async () => {
    const { key, paste } = await made('node')
    const program = join(folder, 'settings.js')
    writeFileSync(program, paste.slice(paste.indexOf('const transport')))
    const ran = Bun.spawn(['node', 'nodemailer.mjs', key, program], {
      cwd: join(ROOT, 'test/support/frameworks'),
      env: { PATH: process.env['PATH'] ?? '', NODE_EXTRA_CA_CERTS: ca },
      stdout: 'pipe',
      stderr: 'pipe',
    })
    expect(await ran.stdout.text()).toBe('sent\n')
  })

  test('a word that is none is refused before a key is made', async () => {
    const file = join(lab.folder, 'mailwok.toml')
    const ran = await mailwok(['--config', file, 'key', 'create', '--for', 'cobol'], { cwd: folder })
    expect([ran.code, ran.out]).toEqual([2, ''])
  })
})
