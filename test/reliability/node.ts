//
// Owns: the product as an operator runs it: a process with a configuration file, a ready line, signals and an exit code.
// The process dies with this one, however that ends: nothing is left behind.

import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = join(import.meta.dir, '..', '..')
const DEFAULT_BINARY = join(ROOT, 'dist', 'mailwok')

export const API_KEY = 'mwk_live_0123456789abcdefghijklmnop'
export const SENDER = 'app@example.com'

/** The executable that `npm test` has just built, any built one, or the sources. */
export const COMMAND: readonly string[] = process.env['MAILWOK_BINARY']
  ? [resolve(process.env['MAILWOK_BINARY'])]
  : existsSync(DEFAULT_BINARY)
    ? [DEFAULT_BINARY]
    : [process.execPath, join(ROOT, 'cli', 'main.ts')]

export interface NodeOptions {
  readonly folder: string
  /** Address of the name server. */
  readonly dns: string
  readonly mxPort: number
  /** Where everything is kept; the folder unless said. */
  readonly dataDir?: string
  readonly storeUrl?: string
  /** The digit that parts nodes of one store. */
  readonly digit?: string
  /** Goes before the command: a program that runs it in its own surroundings. */
  readonly within?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly settings?: Readonly<Record<string, string>>
}

export interface MailNode {
  readonly pid: number
  /** http://127.0.0.1:PORT */
  readonly api: string
  readonly smtpPort: number
  /** Of the inbound MX, where the node's settings give it the role and a listener; else NaN. */
  readonly inboundPort: number
  /** From the start of the process to its ready line. */
  readonly readyAfter: number
  readonly exited: Promise<number>
  log(): string
  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void
  /** SIGTERM, and the exit code; SIGKILL for one that does not end. */
  stop(): Promise<number>
  readyz(): Promise<number>
}

const START_WITHIN = 20_000
const STOP_WITHIN = 20_000

export async function startNode(options: NodeOptions): Promise<MailNode> {
  const config = join(options.folder, `mailwok-${options.digit ?? '0'}.toml`)
  const log = join(options.folder, `log-${Bun.nanoseconds()}`)
  writeFileSync(config, configuration(options))
  const output = openSync(log, 'w')
  const begun = performance.now()
  const child = Bun.spawn(
    [
      'setpriv',
      '--pdeathsig',
      'KILL',
      '--',
      ...(options.within ?? []),
      ...COMMAND,
      'serve',
      '--config',
      config,
    ],
    {
      cwd: options.folder,
      stdin: 'ignore',
      stdout: output,
      stderr: output,
      env: { PATH: process.env['PATH'] ?? '', ...options.env },
    },
  )
  closeSync(output)
  try {
    const book = await readyLine(child, log)
    return asNode(child, { book, log, readyAfter: performance.now() - begun })
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

interface Started {
  readonly book: ListenerBook
  readonly log: string
  readonly readyAfter: number
}
type ListenerBook = Readonly<Record<string, readonly string[]>>

function asNode(child: Bun.Subprocess, { book, log, readyAfter }: Started): MailNode {
  const api = `http://${book['api.http']?.[0]}`
  return {
    pid: child.pid,
    api,
    smtpPort: Number(book['submission.plain']?.[0]?.split(':').at(-1)),
    inboundPort: Number(book['inbound.listen']?.[0]?.split(':').at(-1)),
    readyAfter,
    exited: child.exited,
    log: () => readFileSync(log, 'utf8'),
    signal: (name) => child.kill(name),
    readyz: async () => (await fetch(`${api}/readyz`, { signal: AbortSignal.timeout(5000) })).status,
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN)
      const code = await child.exited
      clearTimeout(late)
      return code
    },
  }
}

async function readyLine(child: Bun.Subprocess, log: string): Promise<ListenerBook> {
  const end = performance.now() + START_WITHIN
  for (;;) {
    const text = readFileSync(log, 'utf8')
    const line = /^\{"ready":true.*$/m.exec(text)?.[0]
    if (line !== undefined) return (JSON.parse(line) as { listeners: ListenerBook }).listeners
    if (child.exitCode !== null || performance.now() > end) throw new Error(`the node did not start: ${text}`)
    await Bun.sleep(5)
  }
}

function configuration(options: NodeOptions): string {
  const { folder, dns, mxPort, dataDir = folder, digit = '0', settings = {} } = options
  const values: Readonly<Record<string, string>> = {
    'server.hostname': '"mail.example.com"',
    'server.data_dir': `"${dataDir}"`,
    'server.roles': '["api", "submission", "delivery"]',
    'server.node': `"${digit}"`,
    ...(options.storeUrl ? { 'store.url': `"${options.storeUrl}"` } : {}),
    'api.https': '""',
    'api.http': '"127.0.0.1:0"',
    'api.admin_socket': '""',
    'submission.starttls': '""',
    'submission.tls': '""',
    'submission.plain': '"127.0.0.1:0"',
    'submission.keyless_networks': '["127.0.0.1/32"]',
    'dns.servers': `["${dns}"]`,
    'domains.require_verification': 'false',
    'delivery.mx_port': String(mxPort),
    'delivery.allow_private_destinations': 'true',
    'log.format': '"json"',
    ...settings,
  }
  const declared = `[[domain]]\nname = "example.com"\n[[key]]\nname = "lab"\nsecret = "${API_KEY}"\n`
  return `${Object.entries(values)
    .map(([key, value]) => `${key} = ${value}`)
    .join('\n')}\n${declared}`
}
