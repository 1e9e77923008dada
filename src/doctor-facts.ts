//
// Owns: which names, ports, files and addresses there are to look at, by the configuration.
// Never: judges them.

import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from './config/schema.ts'
import type { Certificate } from './core/certificate.ts'
import { fault, ok, type Result } from './core/result.ts'
import type { Milliseconds } from './core/time.ts'
import type { ListenerBook } from './listeners.ts'
import { type Reach, reachOf } from './net/http/reach.ts'
import type { Wanted } from './services/doctor/files.ts'
import type { WantedPort } from './services/doctor/ports.ts'
import type { SourceAsk } from './services/doctor/source.ts'
import { storeFile } from './store/open.ts'

/** Whose mail goes nowhere: nobody outside is knocked at without being asked to. */
export const isLab = ({ delivery }: Config): boolean =>
  delivery.allowPrivateDestinations || delivery.mode === 'capture'

export function wantedPorts(config: Config, book: ListenerBook | null): readonly WantedPort[] {
  if (book !== null) {
    return Object.entries(book).flatMap(([key, places]) =>
      places.map((place) => ({ key, ...placeOf(place) })),
    )
  }
  const { api, inbound, metrics, server, submission, tls } = config
  const has = (role: Config['server']['roles'][number]): boolean => server.roles.includes(role)
  const of = (key: string, places: readonly { readonly host: string; readonly port: number }[]) =>
    places.filter(({ port }) => port !== 0).map(({ host, port }) => ({ key, host, port }))
  return [
    ...(has('api') ? [...of('api.https', api.https), ...of('api.http', api.http)] : []),
    ...(has('submission')
      ? [
          ...of('submission.starttls', submission.starttls),
          ...of('submission.tls', submission.tls),
          ...of('submission.plain', submission.plain),
        ]
      : []),
    ...(has('inbound') ? of('inbound.listen', inbound.listen) : []),
    ...of('metrics.listen', metrics.listen),
    ...(tls.mode === 'acme' ? of('tls.acme_http', tls.acmeHttp) : []),
  ]
}

const placeOf = (place: string): { readonly host: string; readonly port: number } => {
  const at = place.lastIndexOf(':')
  return { host: place.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(place.slice(at + 1)) }
}

/** Folders before what is in them; the data folder first, whose owner serves. */
export async function wantedFiles(config: Config, file: string | null): Promise<readonly Wanted[]> {
  const { delivery, server, store, tls } = config
  const folder = { kind: 'folder', required: true, secret: false, owned: true } as const
  const kept = { kind: 'file', required: false, owned: true } as const
  const database = storeFile(store.url)
  const key = tls.mode === 'files' ? tls.key : join(server.dataDir, 'tls', 'self-signed.key')
  const wanted: Wanted[] = [
    { ...folder, path: server.dataDir, what: 'data folder', mode: 0o750 },
    { ...kept, path: server.secretFile, what: 'master secret', mode: 0o600, secret: true },
  ]
  if (database !== null && database !== '') {
    if (dirname(database) !== server.dataDir) {
      wanted.push({ ...folder, path: dirname(database), what: 'folder of the store', mode: 0o755 })
    }
    for (const end of ['', '-wal', '-shm']) {
      // Others are kept out by the folder.
      wanted.push({ ...kept, path: `${database}${end}`, what: 'store', mode: 0o664, secret: false })
    }
  }
  // It comes with the first mail.
  if (delivery.mode === 'capture' && existsSync(delivery.captureDir)) {
    wanted.push({ ...folder, path: delivery.captureDir, what: 'captured mail', mode: 0o755 })
  }
  if (tls.mode !== 'acme') {
    const isTheirs = tls.mode === 'files'
    wanted.push({
      ...kept,
      path: key,
      what: 'key of the certificate',
      mode: 0o640,
      secret: true,
      owned: !isTheirs,
      required: isTheirs,
    })
  }
  if (file !== null && HOLDS_A_SECRET.test(await readFile(file, 'utf8').catch(() => ''))) {
    wanted.push({
      ...kept,
      path: file,
      what: 'configuration, with a password in it',
      mode: 0o640,
      secret: true,
      owned: false,
    })
  }
  return wanted
}

const HOLDS_A_SECRET = /^\s*(?:password|secret)\s*=|postgres(?:ql)?:\/\/[^\s"@/]+:[^\s"@]+@/m

/** A store that stands, and the secret with which its keys are sealed is gone. */
export async function secretLost({ server, store }: Config): Promise<string | null> {
  const database = storeFile(store.url)
  const isThere = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    )
  if (database === null || database === '' || (await isThere(server.secretFile))) return null
  return (await isThere(database)) ? server.secretFile : null
}

/** Addresses that the world sees, so far as they are known here. */
export function sourceAsks(config: Config, own: readonly string[]): readonly SourceAsk[] {
  const { delivery, server, source } = config
  const named = source.length > 0 ? source : delivery.sourceIps.map((address) => ({ address, hostname: '' }))
  if (named.length > 0) {
    return named.map(({ address, hostname }) => ({
      address,
      hostname,
      ownName: server.hostname,
      absent: reachOf(address) === PUBLIC && !own.includes(address),
    }))
  }
  const outside = own.filter((address) => reachOf(address) === PUBLIC)
  return outside.map((address) => ({ address, hostname: '', ownName: server.hostname, absent: false }))
}

const PUBLIC: Reach = 'public'

export async function pairOf({ server, tls }: Config): Promise<Result<Certificate, string>> {
  const folder = join(server.dataDir, 'tls')
  const { cert, key } =
    tls.mode === 'files'
      ? tls
      : { cert: join(folder, 'self-signed.crt'), key: join(folder, 'self-signed.key') }
  try {
    return ok({ cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') })
  } catch (error) {
    return fault(error instanceof Error ? error.message : String(error))
  }
}

/** Names by which clients come. */
export const certificateNames = ({ server, tls }: Config): readonly string[] => [
  ...new Set([server.hostname, new URL(server.publicUrl).hostname, ...tls.hosts]),
]

/** A backup is whole once its note is written. */
const NOTE = 'backup.json'

export async function newestBackup(folder: string): Promise<Milliseconds | null> {
  const names = await readdir(folder).catch(() => [])
  const times = await Promise.all(
    names.map((name) =>
      stat(join(folder, name, NOTE)).then(
        ({ mtimeMs }) => mtimeMs,
        () => null,
      ),
    ),
  )
  const made = times.filter((at) => at !== null)
  return made.length === 0 ? null : Math.max(...made)
}
