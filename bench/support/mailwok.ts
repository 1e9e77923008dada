//
// Owns: MailWok as the one that is measured: the built executable with a folder and a configuration of its own, and a
// zone in which example.net's mail goes to a port of loopback.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FakeDns, startDns, type Zone } from '../../test/support/dns.ts'
import type { Peer } from './postfix.ts'
import { endByPid, until } from './processes.ts'

/** BENCH_MAILWOK names another executable, to compare two builds. */
export const MAILWOK = process.env['BENCH_MAILWOK'] ?? join(import.meta.dir, '..', '..', 'dist', 'mailwok')
export const API_KEY = 'mwk_live_0123456789abcdefghijklmnop'

export interface MailwokOptions {
  readonly folder: string
  /** Where mail to example.net goes. */
  readonly sinkPort: number
  readonly name?: string
  /** Else the build of this checkout. */
  readonly executable?: string
  /** A PostgreSQL database instead of SQLite. */
  readonly store?: string
  readonly roles?: readonly string[]
  /** Names beside example.net. */
  readonly zone?: Zone
  /** A library that is loaded before all others. */
  readonly preload?: string
}

export interface Mailwok extends Peer {
  readonly pid: number
  /** Seconds from its start to the line that says it is ready. */
  readonly startSeconds: number
  /** http://127.0.0.1:PORT; empty without the role. */
  readonly api: string
  readonly dns: FakeDns
  /** What it publishes for example.com: name and value of TXT records. */
  records(): ReadonlyMap<string, string>
  /** Its log, for whoever looks for why something failed. */
  log(): Promise<string>
}

export async function startMailwok(options: MailwokOptions): Promise<Mailwok> {
  const { folder } = options
  mkdirSync(folder, { recursive: true })
  const dns = await startDns({
    'example.net': { MX: [[10, 'mx.example.net']], ttl: 86_400 },
    'mx.example.net': { A: ['127.0.0.1'], ttl: 86_400 },
    ...options.zone,
  })
  const config = join(folder, 'mailwok.toml')
  writeFileSync(config, configuration(options, dns.address))
  const log = join(folder, 'log')
  // A second start in the same folder must not find the first one's ready line.
  rmSync(log, { force: true })
  const start = performance.now()
  const child = Bun.spawn([options.executable ?? MAILWOK, 'serve', '--config', config], {
    cwd: folder,
    stdin: 'ignore',
    stdout: Bun.file(log),
    stderr: Bun.file(join(folder, 'errors')),
    env: { PATH: process.env['PATH'] ?? '', ...(options.preload ? { LD_PRELOAD: options.preload } : {}) },
  })
  try {
    const listeners = await readyListeners(child, folder)
    return {
      name: options.name ?? 'MailWok',
      pid: child.pid,
      startSeconds: (performance.now() - start) / 1000,
      port: portOf(listeners['submission.plain']?.[0]),
      api: listeners['api.http']?.[0] ? `http://${listeners['api.http'][0]}` : '',
      dns,
      pids: [child.pid],
      records: () => recordsOf(options.executable ?? MAILWOK, config),
      log: () => textOf(log),
      stop: async () => {
        await endByPid(child)
        await dns.close()
      },
    }
  } catch (error) {
    await endByPid(child)
    await dns.close()
    throw error
  }
}

type ListenerBook = Readonly<Record<string, readonly string[]>>

async function readyListeners(child: Bun.Subprocess, folder: string): Promise<ListenerBook> {
  let book: ListenerBook | null = null
  await until('MailWok to be ready', async () => {
    if (child.exitCode !== null) {
      throw new Error(
        `MailWok ended: ${await textOf(join(folder, 'errors'))}${await textOf(join(folder, 'log'))}`,
      )
    }
    const line = /^\{"ready":true.*$/m.exec(await textOf(join(folder, 'log')))?.[0]
    if (line) book = (JSON.parse(line) as { listeners: ListenerBook }).listeners
    return book !== null
  })
  return book ?? {}
}

const textOf = (path: string): Promise<string> =>
  Bun.file(path)
    .text()
    .catch(() => '')
const portOf = (place: string | undefined): number => Number(place?.split(':').at(-1) ?? 0)

function recordsOf(executable: string, config: string): ReadonlyMap<string, string> {
  const said = Bun.spawnSync([executable, 'domain', 'dns', 'example.com', '--json', '--config', config])
  const records = JSON.parse(said.stdout.toString()) as { type: string; name: string; value: string }[]
  return new Map(records.filter(({ type }) => type === 'TXT').map(({ name, value }) => [name, value]))
}

function configuration({ folder, sinkPort, store, roles }: MailwokOptions, dns: string): string {
  const lines = [
    '[server]',
    'hostname = "mail.example.com"',
    `data_dir = "${folder}"`,
    `roles = ${JSON.stringify(roles ?? ['api', 'submission', 'delivery'])}`,
    '[store]',
    `url = "${store ?? `sqlite:${join(folder, 'mailwok.db')}`}"`,
    '[api]',
    'https = ""',
    'http = "127.0.0.1:0"',
    `admin_socket = "${join(folder, 'admin.sock')}"`,
    '[submission]',
    'starttls = ""',
    'tls = ""',
    'plain = "127.0.0.1:0"',
    'keyless_networks = ["127.0.0.1/32"]',
    '[dns]',
    `servers = ["${dns}"]`,
    '[domains]',
    'require_verification = false',
    '[delivery]',
    `mx_port = ${sinkPort}`,
    'allow_private_destinations = true',
    '[[domain]]',
    'name = "example.com"',
    '[[key]]',
    'name = "bench"',
    `secret = "${API_KEY}"`,
    '',
  ]
  return lines.join('\n')
}
