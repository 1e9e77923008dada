//
// Owns: where a certificate comes from: the operator's files, or one that this node signs itself.
// Never: decides when to look again; certificates.ts does.

import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from '../../core/certificate.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import { type PairFault, readPair, sortedNames } from './pair.ts'
import { selfSigned } from './x509.ts'

export interface CertificateSource {
  /** How long a look holds. */
  readonly period: Milliseconds
  /** The certificate to use from now on; the fault is a sentence for the operator. */
  load(): Promise<Result<Certificate, string>>
}

/** A renewal by another program is in use a minute later, also where nobody sends SIGHUP. */
const FILES_PERIOD: Milliseconds = MINUTE
const SELF_SIGNED_PERIOD: Milliseconds = 12 * HOUR
/** Enough time for whoever pinned it to notice the next one. */
const RENEW_BEFORE: Milliseconds = 30 * DAY

/** The bytes are compared, not the times: copies keep an old time, and both files together are a few kilobytes. */
export function fromFiles(files: Certificate): CertificateSource {
  return {
    period: FILES_PERIOD,
    load: async () => {
      const cert = await readText('tls.cert', files.cert)
      if (!cert.ok) return cert
      const key = await readText('tls.key', files.key)
      if (!key.ok) return key
      const pair = { cert: cert.value, key: key.value }
      const facts = readPair(pair)
      return facts.ok ? ok(pair) : fault(sayPairFault(facts.error, files))
    },
  }
}

export interface SelfSignedOptions {
  readonly folder: string
  readonly names: readonly string[]
  readonly clock: Clock
}

export function fromOurselves({ folder, names, clock }: SelfSignedOptions): CertificateSource {
  const files = { cert: join(folder, 'self-signed.crt'), key: join(folder, 'self-signed.key') }
  const wanted = sortedNames(names).join(' ')
  return {
    period: SELF_SIGNED_PERIOD,
    load: async () => {
      const kept = await readKept(files)
      const facts = kept && readPair(kept)
      if (kept && facts?.ok && facts.value.names.join(' ') === wanted) {
        if (facts.value.notAfter - clock.now() >= RENEW_BEFORE) return ok(kept)
      }
      const fresh = selfSigned({ names, now: clock.now() })
      const written = await keep(files, folder, fresh)
      return written.ok ? ok(fresh) : written
    },
  }
}

async function readKept(files: Certificate): Promise<Certificate | null> {
  const cert = await readText('', files.cert)
  const key = await readText('', files.key)
  return cert.ok && key.ok ? { cert: cert.value, key: key.value } : null
}

/** A crash between the two leaves strangers, which the next start replaces. */
async function keep(files: Certificate, folder: string, fresh: Certificate): Promise<Result<void, string>> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await replace(files.key, fresh.key, 0o600)
    await replace(files.cert, fresh.cert, 0o644)
    return ok(undefined)
  } catch (error) {
    return fault(`the self-signed certificate cannot be kept in ${folder}: ${sayFileFault(error)}`)
  }
}

/** Never half a file, and never a moment in which others could read the key. */
async function replace(path: string, text: string, mode: number): Promise<void> {
  const draft = `${path}.new`
  await writeFile(draft, text, { mode })
  // The mode above holds for new files only: a draft that a crash left behind keeps its own.
  await chmod(draft, mode)
  await rename(draft, path)
}

async function readText(key: string, path: string): Promise<Result<string, string>> {
  try {
    return ok(await readFile(path, 'utf8'))
  } catch (error) {
    return fault(`${key} is ${JSON.stringify(path)}, which cannot be read: ${sayFileFault(error)}`)
  }
}

function sayPairFault(error: PairFault, files: Certificate): string {
  switch (error) {
    case 'bad-certificate':
      return `tls.cert is ${JSON.stringify(files.cert)}, which holds no certificate; want PEM, the leaf first`
    case 'bad-key':
      return `tls.key is ${JSON.stringify(files.key)}, which holds no private key; want PEM without a passphrase`
    case 'strangers':
      return `tls.key ${JSON.stringify(files.key)} is not the key of tls.cert ${JSON.stringify(files.cert)}`
    default:
      return error satisfies never
  }
}

const sayFileFault = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)
