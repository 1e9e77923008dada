//
// Owns: the rules of ARCHITECTURE.md as functions: sources in, sentences about what breaks them out.

import { roomOf, type Source } from './source.ts'

// ── Who may import whom ─────────────────────────────────────────────────────────────────────────

/** A wing imports only wings named here; `store` and `net` never know each other. */
const WINGS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['core'],
  ops: ['core'],
  mail: ['core'],
  net: ['core', 'mail'],
  store: ['core', 'mail'],
  services: ['core', 'mail', 'net', 'store'],
  edge: ['core', 'config', 'ops', 'mail', 'net', 'store', 'services'],
  admin: ['core', 'config', 'ops', 'mail', 'net', 'store', 'services', 'edge'],
  root: ['core', 'config', 'ops', 'mail', 'net', 'store', 'services', 'edge', 'admin'],
  cli: ['core', 'config', 'ops', 'admin', 'root'],
}

/** Inside a wing: one line per room, in the order of ARCHITECTURE.md. */
export const INSIDE: Readonly<Record<string, readonly string[]>> = {
  'mail/mime': [],
  'mail/dkim': [],
  'mail/templates': ['mail/mime'],
  'mail/tracking': ['mail/mime'],
  'mail/bounces': ['mail/mime'],
  'mail/reports': ['mail/mime'],
  'net/smtp': [],
  'net/dns': [],
  'net/http': ['net/dns'],
  'net/tls': ['net/http'],
  'net/probe': [],
  'net/delivery': ['net/smtp'],
  'services/accounts': [],
  'services/people': ['services/accounts'],
  'services/audit': [],
  'services/domains': ['services/accounts'],
  'services/certificates': ['services/domains'],
  'services/search': ['services/suppression'],
  'services/stats': [],
  'services/feedback': ['services/stats'],
  'services/following': [],
  'services/suppression': [],
  'services/submission': ['services/accounts', 'services/domains', 'services/suppression'],
  'services/scheduling': ['services/submission'],
  'services/routing': [],
  'services/sources': [],
  'services/contents': [],
  'services/sandbox': [],
  'services/queue': [
    'services/routing',
    'services/sources',
    'services/suppression',
    'services/notices',
    'services/sandbox',
  ],
  'services/notices': ['services/submission'],
  'services/backup': [],
  'services/retention': [],
  'services/posting': [],
  'services/inbound': ['services/posting', 'services/suppression', 'services/notices', 'services/submission'],
  'services/explain': [],
  'services/reports': ['services/notices', 'services/routing'],
  'services/engagement': ['services/suppression'],
  'services/templates': [],
  'services/webhooks': ['services/posting', 'services/suppression'],
  'services/alerts': [],
  'services/doctor': ['services/domains', 'services/sources'],
  'services/audience': ['services/suppression', 'services/notices'],
  'services/campaigns': ['services/audience', 'services/submission', 'services/stats'],
  'services/cluster': [],
  'edge/api': [],
  'edge/compat': ['edge/api'],
  'edge/smtpd': [],
  'edge/public': [],
  'edge/dashboard': [],
}

/** The first file of a thread is a root of its own: it makes the clock and dice that cross no thread boundary. */
const isThreadRoot = (path: string): boolean => path.endsWith('-thread.ts')

export function importFaults(source: Source): string[] {
  if (source.room === 'test' || source.room === 'scripts') return []
  const faults: string[] = []
  if (!knownRoom(source.room)) faults.push(`${source.path}: no room of ARCHITECTURE.md`)
  for (const { from } of source.imports) {
    if (!/^(?:src|cli|scripts|test)\//.test(from)) continue
    if (!mayImport(source, roomOf(from))) faults.push(`${source.path} → ${from}`)
  }
  return faults
}

const wingOf = (room: string): string => room.split('/')[0] ?? room
const knownRoom = (room: string): boolean =>
  room in INSIDE || (room in WINGS && !/^(?:mail|net|services|edge)$/.test(room))

function mayImport(source: Source, room: string): boolean {
  if (source.room === room) return true
  if (isThreadRoot(source.path) && room === 'ops') return true
  if (wingOf(source.room) === wingOf(room)) return INSIDE[source.room]?.includes(room) ?? false
  return WINGS[wingOf(source.room)]?.includes(wingOf(room)) ?? false
}

/** Each circle once, from its first file by name. */
export function circles(sources: readonly Source[]): string[] {
  const imports = new Map(sources.map((source) => [source.path, source.imports.map((one) => one.from)]))
  const state = new Map<string, 'open' | 'done'>()
  const faults: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done' || !imports.has(path)) return
    if (state.get(path) === 'open') {
      faults.push(`circle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`)
      return
    }
    state.set(path, 'open')
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path])
    state.set(path, 'done')
  }
  for (const path of [...imports.keys()].sort()) visit(path, [])
  return faults
}

/** What is loaded with a file: all that it imports at once, and what those import. */
export function loadedWith(first: string, sources: readonly Source[]): readonly string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const loaded = new Set([first])
  for (const path of loaded) {
    for (const { clause, from } of byPath.get(path)?.imports ?? []) if (isAtOnce(clause)) loaded.add(from)
  }
  return [...loaded]
}

/** Neither of types alone nor by `import()`, which has no clause. */
function isAtOnce(clause: string): boolean {
  if (clause === '' || clause.startsWith('type ')) return false
  const names = /^\{([\s\S]*)\}$/.exec(clause)?.[1]?.split(',') ?? [clause]
  return names.some((name) => name.trim() !== '' && !name.trim().startsWith('type '))
}

// ── One library, one room ───────────────────────────────────────────────────────────────────────

const HTTP_EDGES = ['src/edge/api/', 'src/edge/public/', 'src/edge/dashboard/']
/** Arithmetic on IP addresses and on domain names: no state, no world, needed wherever networks are named. */
const WHEREVER_NETWORKS_ARE_NAMED = ['src/config/', 'src/net/', 'src/services/', 'src/edge/']

/** Places by the start of their path. What is not here may not be imported by src or cli. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'npm:elysia': HTTP_EDGES,
  'npm:@elysiajs/openapi': HTTP_EDGES,
  'npm:@sinclair/typebox': HTTP_EDGES,
  'npm:smtp-server': ['src/edge/smtpd/'],
  'npm:commander': ['cli/'],
  'npm:cli-table3': ['cli/'],
  'npm:kysely': ['src/store/'],
  'bun:sqlite': ['src/store/'],
  'npm:dns-packet': ['src/net/dns/'],
  'npm:liquidjs': ['src/mail/templates/'],
  'npm:mailparser': ['src/mail/mime/letter.ts'],
  'npm:fast-xml-parser': ['src/mail/reports/'],
  'npm:html-to-text': ['src/mail/templates/'],
  'npm:mjml': ['src/mail/templates/'],
  'npm:juice': ['src/mail/templates/'],
  'npm:otpauth': ['src/services/people/'],
  'npm:pino': ['src/ops/log.ts'],
  'npm:prom-client': ['src/ops/meter.ts'],
  'npm:smol-toml': ['src/config/'],
  'npm:selfsigned': ['src/net/tls/'],
  'npm:tldts': ['src/services/'],
  'npm:ipaddr.js': WHEREVER_NETWORKS_ARE_NAMED,
  'bun:ffi': ['src/mail/dkim/libcrypto.ts', 'src/ops/systemd.ts', 'src/edge/api/newest-first.ts'],
  'node:net': [
    'src/net/smtp/wire.ts',
    'src/net/smtp/security.ts',
    'src/net/tls/',
    'src/net/probe/',
    'src/edge/smtpd/',
  ],
  'node:tls': ['src/net/smtp/', 'src/net/tls/', 'src/net/probe/', 'src/edge/smtpd/', 'src/net/http/'],
  'node:dgram': ['src/net/dns/', 'src/net/probe/'],
  'node:http': ['src/net/http/'],
  'node:https': ['src/net/http/'],
  'node:dns': [],
  'node:dns/promises': [],
}

/** The pure wings: bytes and values, no world. */
const WORLD = /^node:(?:fs|fs\/promises|child_process|worker_threads|os|process|timers|http2?)$|^bun:sqlite$/

export function libraryFaults(source: Source): string[] {
  if (source.room === 'test' || source.room === 'scripts') return []
  const faults: string[] = []
  for (const { from, clause } of source.imports) {
    const places = LIBRARIES[from]
    const isPlaced = from.startsWith('npm:') || places !== undefined
    if (isPlaced && !(places ?? []).some((place) => source.path.startsWith(place))) {
      faults.push(`${source.path}: ${from} is not at home here`)
    }
    if (/^(?:core|mail)/.test(source.room) && WORLD.test(from))
      faults.push(`${source.path}: ${from} in a pure wing`)
    if (from === 'bun' && /\b(?:Reserved)?SQL\b/.test(clause) && source.room !== 'store') {
      faults.push(`${source.path}: SQL outside the store`)
    }
  }
  return faults
}

// ── What stands in a file ───────────────────────────────────────────────────────────────────────

export const MAX_LINES = 300

interface Forbidden {
  readonly say: string
  readonly pattern: RegExp
  /** Where it is at home. */
  readonly except?: (path: string) => boolean
  /** Looked for in the text as it is, comments included. */
  readonly everywhere?: boolean
}

const inOps = (path: string): boolean => path.startsWith('src/ops/')
const OUR_CODE = /^(?:src|cli)\//

const FORBIDDEN: readonly Forbidden[] = [
  {
    say: 'a clock',
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bBun\.nanoseconds\b/,
    except: inOps,
  },
  { say: 'dice', pattern: /\bMath\.random\b/, except: inOps },
  {
    say: 'the environment',
    pattern: /\bprocess\s*\.\s*env\b|\bBun\.env\b|\bimport\.meta\.env\b/,
    except: (path) => path === 'src/config/load.ts',
  },
  { say: 'any', pattern: /(?::|\bas|[<,|&]|=>)\s*any\b(?!\s*[:(=])|\bany\[\]/ },
  { say: 'a non-null assertion', pattern: /[\w)\]]!(?=[.;,)\]}\s[])(?!\s*=)(?!==)/ },
  {
    say: 'a silenced checker',
    pattern: /@ts-(?:ignore|expect-error|nocheck)|biome-ignore/,
    everywhere: true,
  },
  { say: 'a re-export', pattern: /^\s*export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*(?:as\s+\w+\s*)?from\b/m },
  { say: 'a default export', pattern: /^\s*export\s+default\b/m },
  { say: 'console', pattern: /\bconsole\s*\./ },
  { say: 'module-level mutable state', pattern: /^(?:export\s+)?(?:let|var)\s/m },
  { say: 'an unfinished thought', pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/, everywhere: true },
]

export function contentFaults(source: Source): string[] {
  const faults: string[] = []
  if (source.lines > MAX_LINES) faults.push(`${source.path}: ${source.lines} lines`)
  if (!OUR_CODE.test(source.path)) return faults
  for (const { say, pattern, except, everywhere } of FORBIDDEN) {
    if (except?.(source.path)) continue
    const match = pattern.exec(everywhere ? source.text : source.code)
    if (!match) continue
    const line = source.text.slice(0, match.index).split('\n').length
    faults.push(`${source.path}:${line}: ${say}: ${match[0].trim()}`)
  }
  return faults
}

const BANNED_NAMES =
  /^(?:emails?|addr|payload|requests?|jobs?|tasks?|servers?|targets?|managers?|helpers?|utils?|common|types|index)$/

export function nameFaults(source: Source): string[] {
  if (!OUR_CODE.test(source.path)) return []
  const parts = source.path.replace(/\.ts$/, '').split('/')
  // Routes are named by the first segment of their path, which is promised to users.
  if (source.path.startsWith('src/edge/api/routes/')) return []
  // RFC 1035 calls them name servers.
  if (source.path.startsWith('src/net/dns/servers')) return []
  const name = parts[parts.length - 1] ?? ''
  return name.split('-').some((word) => BANNED_NAMES.test(word))
    ? [`${source.path}: a name without a meaning`]
    : []
}
