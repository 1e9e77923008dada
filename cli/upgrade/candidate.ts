//
// Owns: the executable that is to take the place of this one: where it comes from, and that it is what was published.
// Never: touches what is installed. It lies beside it, under another name, until it has been judged.

import { createHash } from 'node:crypto'
import { chmodSync, createReadStream, createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { AdminFault } from '../../src/admin/admin.ts'
import { fault, ok, type Result } from '../../src/core/result.ts'

/** The layout of GitHub's releases; a mirror has the same. */
export const RELEASES = 'https://github.com/mailwok/mailwok/releases'

export interface Published {
  readonly version: string
  readonly url: string
  readonly sha256: string
}

/** Sums are small; a whole executable over a slow line takes its time. */
const SUMS_TIMEOUT = 30_000
const FILE_TIMEOUT = 15 * 60_000
const LINE = /^([0-9a-f]{64}) {2}mailwok-([0-9A-Za-z.+-]+)-linux-(x64|arm64)$/

/** `version` null: the latest. */
export async function findPublished(
  base: string,
  version: string | null,
): Promise<Result<Published, AdminFault>> {
  const root = base.replace(/\/$/, '')
  if (!isTrusted(root)) return fault(wrong('insecure_url', `${base}: want https, or http on this machine`))
  const folder = `${root}/${version === null ? 'latest/download' : `download/v${version.replace(/^v/, '')}`}`
  const sums = await text(`${folder}/SHA256SUMS`)
  if (!sums.ok) return sums
  const machine = process.arch === 'arm64' ? 'arm64' : 'x64'
  const found = sums.value.split('\n').flatMap((line) => {
    const [, sha256 = '', of = '', kind] = LINE.exec(line) ?? []
    return kind === machine ? [{ sha256, version: of, url: `${folder}/mailwok-${of}-linux-${machine}` }] : []
  })[0]
  if (!found) return fault(wrong('not_published', `${folder}/SHA256SUMS names no executable for ${machine}`))
  if (version !== null && found.version !== version.replace(/^v/, ''))
    return fault(wrong('not_published', `${folder}/SHA256SUMS is of version ${found.version}`))
  return ok(found)
}

export async function download(published: Published, into: string): Promise<Result<void, AdminFault>> {
  try {
    const answer = await fetch(published.url, { signal: AbortSignal.timeout(FILE_TIMEOUT) })
    if (!answer.ok || answer.body === null)
      return fault(wrong('not_fetched', `${published.url}: HTTP ${answer.status}`))
    return await write(Readable.fromWeb(answer.body), into, published)
  } catch (error) {
    return fault(wrong('not_fetched', `${published.url}: ${said(error)}`))
  }
}

/** The sum is the one that is given, else that of SHA256SUMS beside the file; null: there is none. */
export async function copyOf(
  file: string,
  sha256: string | null,
  into: string,
): Promise<Result<{ readonly checked: boolean }, AdminFault>> {
  if (!existsSync(file)) return fault(wrong('no_file', `${file} is not there`))
  const wanted = sha256?.toLowerCase() ?? sumBeside(file)
  const done = await write(createReadStream(file), into, { url: file, sha256: wanted })
  return done.ok ? ok({ checked: wanted !== null }) : done
}

async function write(
  from: Readable,
  into: string,
  { url, sha256 }: { readonly url: string; readonly sha256: string | null },
): Promise<Result<void, AdminFault>> {
  const hash = createHash('sha256')
  rmSync(into, { force: true })
  from.on('data', (octets: Buffer) => hash.update(octets))
  try {
    await pipeline(from, createWriteStream(into, { mode: 0o700, flags: 'wx' }))
  } catch (error) {
    rmSync(into, { force: true })
    return fault(wrong('not_fetched', `${url}: ${said(error)}`))
  }
  const got = hash.digest('hex')
  if (sha256 !== null && got !== sha256) {
    rmSync(into, { force: true })
    return fault(wrong('wrong_checksum', `${url} has the SHA-256 ${got}, want ${sha256}`))
  }
  chmodSync(into, 0o755)
  return ok(undefined)
}

function sumBeside(file: string): string | null {
  const sums = join(dirname(file), 'SHA256SUMS')
  if (!existsSync(sums)) return null
  const line = readFileSync(sums, 'utf8')
    .split('\n')
    .find((it) => it.endsWith(`  ${basename(file)}`))
  return line?.slice(0, 64) ?? null
}

async function text(url: string): Promise<Result<string, AdminFault>> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(SUMS_TIMEOUT) })
    return answer.ok ? ok(await answer.text()) : fault(wrong('not_fetched', `${url}: HTTP ${answer.status}`))
  } catch (error) {
    return fault(wrong('not_fetched', `${url}: ${said(error)}`))
  }
}

/** The sums come from the same place as the file: only the line to it says whose they are. */
function isTrusted(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && /^(127\.|\[::1\]$|localhost$)/.test(hostname))
}

const wrong = (code: string, message: string): AdminFault => ({ code, message })
const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))
