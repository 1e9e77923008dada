//
// Owns: the certificates in use, looking for the successor of what files hold, and telling those who serve with them.
// Never: lets a bad successor replace a good certificate; a file half written now is whole a minute later.

import { join } from 'node:path'
import type { Certificate } from '../../core/certificate.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import { readPair } from './pair.ts'
import { type CertificateSource, fromFiles, fromOurselves } from './sources.ts'

export interface CertificateOptions {
  readonly mode: 'acme' | 'files' | 'self-signed'
  readonly hostname: string
  /** Further names. */
  readonly hosts: readonly string[]
  readonly dataDir: string
  /** Paths, for mode files. */
  readonly cert: string
  readonly key: string
  readonly clock: Clock
  readonly log: Log
}

export interface Certificates {
  /** With those of further hosts. */
  current(): Certificate
  /** Those that an authority issued, by host: ours takes the place of the first, and all others stand beside it. */
  serve(issued: ReadonlyMap<string, Certificate>): void
  /** Called after each change, with the new one; what is returned ends it. */
  onChange(listener: (certificate: Certificate) => void): () => void
  /** Looks for a new one now (SIGHUP). The fault is a sentence; the old certificate stays in use. */
  reload(): Promise<Result<'changed' | 'same', string>>
  /** Looks no more. */
  stop(): void
}

/** Said daily from then on: time enough to mend a renewal. */
const WARN_BEFORE: Milliseconds = 14 * DAY

export async function openCertificates(options: CertificateOptions): Promise<Result<Certificates, string>> {
  const source = sourceOf(options)
  if (!source.ok) return source
  const first = await source.value.load()
  return first.ok ? ok(new WatchedCertificates(source.value, first.value, options)) : first
}

function sourceOf(options: CertificateOptions): Result<CertificateSource, string> {
  const { mode, hostname, hosts, dataDir, cert, key, clock } = options
  switch (mode) {
    // Until the authority has answered, listeners stand with one of our own.
    case 'acme':
    case 'self-signed': {
      const names = [...new Set([hostname, ...hosts, 'localhost', '127.0.0.1', '::1'])].filter(
        (name) => name !== '',
      )
      return ok(fromOurselves({ folder: join(dataDir, 'tls'), names, clock }))
    }
    case 'files':
      if (cert === '' || key === '') {
        return fault('tls.mode is "files", but tls.cert or tls.key is empty; want the paths of two PEM files')
      }
      return ok(fromFiles({ cert, key }))
    default:
      return mode satisfies never
  }
}

class WatchedCertificates implements Certificates {
  readonly #source: CertificateSource
  readonly #clock: Clock
  readonly #log: Log
  readonly #hostname: string
  readonly #listeners = new Set<(certificate: Certificate) => void>()
  /** Of the source. */
  #own: Certificate
  #issued: ReadonlyMap<string, Certificate> = new Map()
  #current: Certificate
  #cancel: () => void = () => {}
  #looking: Promise<Result<'changed' | 'same', string>> | null = null
  #stopped = false
  #warnedAt = Number.NEGATIVE_INFINITY

  constructor(source: CertificateSource, first: Certificate, { clock, hostname, log }: CertificateOptions) {
    this.#source = source
    this.#clock = clock
    this.#log = log
    this.#hostname = hostname
    this.#own = first
    this.#current = first
    this.#warnIfOld()
    this.#lookLater()
  }

  current(): Certificate {
    return this.#current
  }

  onChange(listener: (certificate: Certificate) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** One look at a time: two that write the self-signed pair at once could mix it. */
  reload(): Promise<Result<'changed' | 'same', string>> {
    this.#looking ??= this.#take().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #take(): Promise<Result<'changed' | 'same', string>> {
    const loaded = await this.#source.load()
    if (!loaded.ok) return loaded
    const { cert, key } = loaded.value
    if (cert === this.#own.cert && key === this.#own.key) return ok('same')
    this.#own = loaded.value
    this.#changed()
    return ok('changed')
  }

  serve(issued: ReadonlyMap<string, Certificate>): void {
    this.#issued = issued
    this.#changed()
  }

  #changed(): void {
    const named = [...this.#issued]
      .filter(([host]) => host !== this.#hostname)
      .map(([host, { cert, key }]) => ({ host, cert, key }))
    const { cert, key } = this.#issued.get(this.#hostname) ?? this.#own
    this.#current = { cert, key, ...(named.length === 0 ? {} : { named }) }
    this.#warnedAt = Number.NEGATIVE_INFINITY
    for (const listener of this.#listeners) listener(this.#current)
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
    this.#listeners.clear()
  }

  #lookLater(): void {
    this.#cancel = this.#clock.after(this.#source.period, () => {
      void this.#look()
    })
  }

  async #look(): Promise<void> {
    // Nobody waits for this one: what is thrown here is a bug that must show in the log, not end the process.
    const looked = await this.reload().catch((error: unknown) => fault(`bug: ${String(error)}`))
    if (!looked.ok) this.#log.error('certificate not renewed', { detail: looked.error })
    else if (looked.value === 'changed') this.#log.info('certificate changed')
    this.#warnIfOld()
    if (!this.#stopped) this.#lookLater()
  }

  #warnIfOld(): void {
    const facts = readPair(this.#current)
    if (!facts.ok) return
    const left = facts.value.notAfter - this.#clock.now()
    if (left > WARN_BEFORE || this.#clock.monotonic() - this.#warnedAt < DAY) return
    this.#warnedAt = this.#clock.monotonic()
    this.#log.warn(left > 0 ? 'certificate expires soon' : 'certificate has expired', {
      days: Math.floor(left / DAY),
    })
  }
}
