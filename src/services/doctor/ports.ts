//
// Owns: who listens at the ports that this server wants: proc(5) names them.

import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Diagnosis } from '../../core/diagnosis.ts'
import { placeText } from '../../core/place.ts'
import { fail, fine, warn } from './say.ts'

export interface WantedPort {
  /** Of the configuration, such as `api.https`. */
  readonly key: string
  readonly host: string
  readonly port: number
}

export interface Holder {
  readonly pid: number
  readonly name: string
}

export interface PortFacts extends WantedPort {
  /** Null: nobody listens there. `hidden`: somebody does, whom this user may not see. */
  readonly holder: Holder | 'hidden' | null
  /** It is ours. */
  readonly ours: boolean
}

export interface PortsFacts {
  readonly ports: readonly PortFacts[]
  readonly running: boolean
  /** A place of api.http, where a proxy can bring requests. */
  readonly behind: string
  readonly hostname: string
}

interface Listening {
  readonly address: string
  readonly port: number
  readonly inode: string
}

const LISTEN = '0A'
const ANY = /^0+$/

/** Null where the system does not tell. */
export async function seePorts(
  wanted: readonly WantedPort[],
  isOurs: (holder: Holder) => boolean,
): Promise<readonly PortFacts[]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  )
  const listening = tables.flatMap(readTable)
  const met = wanted.map((one) => ({ one, found: listening.find((each) => isInTheWay(each, one)) ?? null }))
  const inodes = new Set(met.flatMap(({ found }) => (found === null ? [] : [found.inode])))
  const holders = await holdersOf(inodes)
  return met.map(({ found, one }) => {
    const holder = found === null ? null : (holders.get(found.inode) ?? 'hidden')
    return { ...one, holder, ours: holder !== null && holder !== 'hidden' && isOurs(holder) }
  })
}

/** `sl local_address rem_address st … inode`, addresses in hex of the machine's own order. */
function readTable(text: string): readonly Listening[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/)
      const [address = '', port = ''] = (fields[1] ?? '').split(':')
      return fields[3] === LISTEN
        ? [{ address, port: Number.parseInt(port, 16), inode: fields[9] ?? '' }]
        : []
    })
}

/** A place of all addresses excludes every other at the same port, and the other way round. */
function isInTheWay({ address, port }: Listening, wanted: WantedPort): boolean {
  if (port !== wanted.port) return false
  if (ANY.test(address) || wanted.host === '::' || wanted.host === '0.0.0.0') return true
  return address === hexOf(wanted.host)
}

/** As /proc writes it on machines that count from the small end. */
function hexOf(host: string): string {
  if (host === '::1') return '00000000000000000000000001000000'
  const octets = (host === 'localhost' ? '127.0.0.1' : host).split('.').map(Number)
  return octets
    .reverse()
    .map((octet) => octet.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
}

async function holdersOf(inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, Holder>> {
  const holders = new Map<string, Holder>()
  if (inodes.size === 0) return holders
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    if (holders.size === inodes.size) break
    const files = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const file of files) {
      const leads = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')
      const inode = /^socket:\[(\d+)\]$/.exec(leads)?.[1]
      if (inode === undefined || !inodes.has(inode) || holders.has(inode)) continue
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
      holders.set(inode, { pid: Number(pid), name: name.trim() })
    }
  }
  return holders
}

export function judgePorts(facts: PortsFacts): readonly Diagnosis[] {
  return facts.ports.map((one) => judgePort(one, facts))
}

function judgePort({ holder, host, key, ours, port }: PortFacts, facts: PortsFacts): Diagnosis {
  const subject = `${key} ${placeText(host, port)}`
  if (ours) return fine('ports', subject, 'This server listens there.')
  if (holder === null) {
    if (!facts.running) return fine('ports', subject, 'It is free.')
    const why = `The node runs, and nobody listens at port ${port}.`
    return fail('port_silent', {
      subject,
      why,
      fix: ['systemctl restart mailwok', 'journalctl -u mailwok -n 50'],
    })
  }
  if (holder === 'hidden') {
    const why = `Somebody whom this user may not see listens at port ${port}.`
    const fix = [`sudo ss -ltnp 'sport = :${port}'`]
    return warn('port_taken', { subject, why, fix })
  }
  const why = `Port ${port} is held by ${holder.name} (process ${holder.pid}): this server cannot listen there.`
  return fail('port_taken', { subject, why, fix: linesFor(holder, { key, host, port }, facts) })
}

const WEB = /^(?:nginx|caddy|apache2?|httpd|haproxy|traefik|lighttpd|envoy)/
const MAIL = /^(?:master|smtpd|exim4?|sendmail|opensmtpd|postfix)/

function linesFor({ name, pid }: Holder, { key, port }: WantedPort, facts: PortsFacts): readonly string[] {
  if (key.startsWith('api.') || key === 'tls.acme_http') return proxyLines(name, key, facts)
  if (MAIL.test(name)) {
    const unit = name.startsWith('exim') ? 'exim4' : name === 'sendmail' ? 'sendmail' : 'postfix'
    return [
      `systemctl disable --now ${unit}     # where nobody else needs it`,
      `Or let ${unit} have port ${port} and switch it off here: ${lineOf(key)}`,
    ]
  }
  return [`ps -fp ${pid}`, `Stop it, or take another port here: ${lineOf(key)}`]
}

const lineOf = (key: string): string => {
  const [section = '', name = ''] = key.split('.')
  return `[${section}] ${name} = ""`
}

/** The blocks for both, whoever holds it: what cannot be named is behind one of them as a rule. */
function proxyLines(name: string, key: string, { behind, hostname }: PortsFacts): readonly string[] {
  const plain = behind || '127.0.0.1:8080'
  const nginx = [
    '# nginx:',
    'server {',
    '    listen 443 ssl;',
    `    server_name ${hostname};`,
    '    client_max_body_size 25m;',
    '    location / {',
    `        proxy_pass http://${plain};`,
    '        proxy_http_version 1.1;',
    '        proxy_buffering off;',
    '        proxy_set_header Host $host;',
    '        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    '        proxy_set_header X-Forwarded-Proto $scheme;',
    '    }',
    '}',
  ]
  const caddy = ['# Caddy:', `${hostname} {`, `    reverse_proxy ${plain}`, '}']
  const blocks = /^nginx/.test(name) ? nginx : /^caddy/.test(name) ? caddy : [...nginx, ...caddy]
  const who = WEB.test(name) ? name : 'a web server'
  return [
    `Let ${who} pass requests on; in mailwok.toml:`,
    '[api]',
    ...(key === 'api.https' ? ['https = ""'] : []),
    `http = "${plain}"`,
    'trusted_proxies = ["127.0.0.1/32", "::1/128"]',
    ...blocks,
  ]
}
