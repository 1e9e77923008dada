//
// The commands of the guides, run in their order as they stand there against a node: each ends as it should. What
// docs/operating.md lists is held against the command line by docs.test.ts.

import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Lab, startLab } from './support/appliance.ts'
import { mailwokCommand } from './support/command-line.ts'
import { hook } from './support/hook.ts'
import { EXECUTABLE, hasExecutable } from './support/lab-binary.ts'

// Each command is a process of its own.
setDefaultTimeout(60_000)

interface Guide {
  /** Makes what the page takes for given, and says what stands there for it. */
  readonly before?: (lab: Lab, endpoint: string) => Promise<Readonly<Record<string, string>>>
  readonly config?: Readonly<Record<string, string>>
  /** Lines that end otherwise than with 0, or that are not run here. */
  readonly otherwise?: readonly (readonly [line: RegExp, code: number | 'elsewhere'])[]
  readonly prints?: Readonly<Record<string, RegExp>>
}

const shelf = mkdtempSync(join(tmpdir(), 'mailwok-docs-'))
afterAll(() => rmSync(shelf, { recursive: true, force: true }))

const GUIDES: Readonly<Record<string, Guide>> = {
  'first-send': { prints: { 'key create': /mwk_test_/ } },
  accounts: { prints: { 'key create': /mwk_live_\w+/ } },
  domains: {
    before: async (lab) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const file = join(lab.folder, 's1.private')
      writeFileSync(file, privateKey.export({ type: 'pkcs1', format: 'pem' }))
      return { 'example.com': 'example.org', [`/etc/opendkim/keys/example.org/s1.private`]: file }
    },
    // Nothing is published.
    otherwise: [[/domain verify/, 3]],
    prints: { 'domain add': /bounce\.example\.org/ },
  },
  feedback: {
    // test/e2e/too-many-complaints-pause-marketing-mail.test.ts has some that is paused.
    otherwise: [[/resume/, 'elsewhere']],
  },
  inbound: {
    before: async (_lab, endpoint) => ({ 'https://shop.example.com/mail': endpoint }),
    // test/e2e/reports-of-others-are-kept-once.test.ts has reports.
    otherwise: [
      [/report show/, 'elsewhere'],
      // It is open.
      [/route open/, 1],
    ],
    prints: { 'route add .*webhook': /whsec_/ },
  },
  scheduling: {
    before: async (lab) => ({
      msg_mwsuuzu20001: await lab.sent({ scheduled_at: '2026-06-01T00:00:00Z' }),
      '2027-01-15': '2026-07-15',
    }),
    otherwise: [
      // Sent, it could not be cancelled by the next line; cancelled, it has nobody left to try again.
      [/ now$/, 'elsewhere'],
      [/retry/, 1],
    ],
  },
  suppression: {
    before: async (lab) => {
      writeFileSync(join(lab.folder, 'list.csv'), 'address\nbob@example.net\n')
      return {}
    },
    prints: { show: /ada@example\.net/ },
  },
  tracking: {},
  'dns-panels': {
    before: async (lab) => {
      await lab.admin.domainAdd({ name: 'example.org', account: 'default' })
      return { 'example.com': 'example.org' }
    },
    // Nothing is published.
    otherwise: [[/domain verify/, 3]],
    prints: { cloudflare: /cf-proxied:false/, hetzner: /\$ORIGIN/, bind: /3600 IN MX 10/ },
  },
  certificates: {
    // test/e2e/certificates-come-and-are-renewed-by-themselves.test.ts has an authority.
    otherwise: [[/tls renew/, 'elsewhere']],
  },
  doctor: {
    // A lab is not one that could send.
    otherwise: [[/^mailwok doctor$/, 3]],
    prints: { doctor: /"ailment"/ },
  },
  backup: {
    config: { 'backup.path': join(shelf, 'backups') },
    before: async (lab) => {
      const made = await lab.admin.backupCreate({ folder: join(lab.folder, 'made') })
      if (!made.ok) throw new Error(made.error.message)
      return {
        '/mnt/usb/mailwok': join(lab.folder, 'elsewhere'),
        '/srv/backups/mailwok/2026-11-23T02-00-00Z': join(lab.folder, 'made'),
        '/root/back': join(lab.folder, 'made'),
      }
    },
    otherwise: [
      // test/services/backup has an S3-compatible store.
      [/backup fetch/, 'elsewhere'],
      // A node runs.
      [/backup restore/, 1],
    ],
  },
  troubleshooting: {
    before: async (lab) => ({ msg_mwsuuzu20001: await lab.sent({}) }),
    otherwise: [[/^mailwok doctor$/, 3]],
    prints: { explain: /"what_happened"/, status: /"ready"/ },
  },
  webhooks: {
    before: async (_lab, endpoint) => ({ 'https://shop.example.com/hooks': endpoint }),
    prints: { 'webhook test': /taken/ },
  },
}

const linesOf = (page: string): readonly string[] =>
  [...page.matchAll(/^```(?:console|sh)\n([\s\S]*?)^```$/gm)].flatMap(([, text = '']) =>
    [...text.matchAll(/^(?:[#$] )?(mailwok .*?)(?: {2,}.*)?$/gm)].map(([, line = '']) => line),
  )

describe.each(Object.entries(GUIDES))('docs/%s.md', (name, guide) => {
  const page = readFileSync(join(dirname(import.meta.dir), 'docs', `${name}.md`), 'utf8')

  test('its commands do what they say', async () => {
    await using program = hook()
    await using lab = await startLab({ config: { 'webhooks.allow': program.place, ...guide.config } })
    const stands = new Map(Object.entries((await guide.before?.(lab, program.url)) ?? {}))
    const lines = linesOf(page).map((line) => [line, endOf(guide, line)] as const)
    expect(lines).not.toBeEmpty()
    for (const [line, code] of lines) {
      if (code === 'elsewhere') continue
      const here = [...stands].reduce((text, [from, to]) => text.replaceAll(from, to), line)
      const ran = await run(lab, here)
      expect([line, ran.code, ran.code === code ? '' : ran.err]).toEqual([line, code, ''])
      for (const want of printedBy(guide, line)) expect(ran.out).toMatch(want)
      const made = /"id": ?"(whk_\w+)"/.exec(ran.out)?.[1]
      if (made !== undefined) stands.set('whk_mjw3xmo00001', made)
    }
  })
})

const endOf = ({ otherwise = [] }: Guide, line: string): number | 'elsewhere' =>
  otherwise.find(([pattern]) => pattern.test(line))?.[1] ?? 0

const printedBy = ({ prints = {} }: Guide, line: string): readonly RegExp[] =>
  Object.entries(prints).flatMap(([words, want]) => (new RegExp(words).test(line) ? [want] : []))

/** As a shell would, in the folder of the lab. */
async function run(lab: Lab, line: string) {
  const program = hasExecutable ? [EXECUTABLE] : mailwokCommand()
  const command = program
    .concat(['--config', join(lab.folder, 'mailwok.toml')])
    .concat(['--set', `api.admin_socket=${join(lab.folder, 'admin.sock')}`])
    .map((word) => `'${word}'`)
    .join(' ')
  const ran = Bun.spawn(['sh', '-c', line.replace(/^mailwok/, () => command)], {
    cwd: lab.folder,
    env: { PATH: process.env['PATH'] ?? '' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([ran.stdout.text(), ran.stderr.text(), ran.exited])
  return { out, err, code }
}
