//
// Owns: backups by the clock: when one is due, bringing it elsewhere, taking old ones away, and telling when that fails.
// Never: takes a backup away because a newer one failed: only a finished one counts.

import { join } from 'node:path'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { HOUR, type Milliseconds, SECOND } from '../../core/time.ts'
import { makeBackup, type Sources } from './making.ts'
import type { BackupFault, Manifest } from './manifest.ts'
import type { S3Shelf } from './s3.ts'
import { addTo, keptIn, nameAt, pruneIn } from './shelf.ts'

/** After a failure: a full disk or a provider's bad hour passes, and nobody wants a letter a minute. */
const AGAIN_AFTER: Milliseconds = HOUR

export interface KeeperParts {
  readonly sources: Sources
  readonly path: string
  /** 0: only when somebody asks. */
  readonly every: Milliseconds
  readonly keep: number
  /** Null: nowhere else. */
  readonly elsewhere: S3Shelf | null
  readonly alert: (subject: string, text: string, key: string) => Promise<unknown>
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}

/** One backup, and where it is. */
export interface BackupPlaces {
  readonly name: string
  /** Null: it is only elsewhere. */
  readonly manifest: Manifest | null
  readonly here: boolean
  readonly elsewhere: boolean
}

export interface BackupState {
  readonly every: Milliseconds
  /** Of the newest finished one here; null: there is none. */
  readonly newestAt: Milliseconds | null
  /** What went wrong the last time, until it goes well. */
  readonly failed: string | null
}

export class BackupKeeper {
  readonly #parts: KeeperParts
  readonly #ending = new AbortController()
  #failed: { readonly at: Milliseconds; readonly say: string } | null = null
  #running: Promise<Result<{ name: string; manifest: Manifest }, BackupFault>> | null = null

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  /** What the clock calls. */
  async turn(): Promise<void> {
    const { clock, every, meter } = this.#parts
    const { newestAt } = await this.state()
    if (newestAt !== null) meter.gauge('backup_age_seconds', Math.max(0, clock.now() - newestAt) / SECOND)
    if (every === 0 || !this.#mayTry()) return
    // A clock that was set back must not put it off for as long.
    const isDue = newestAt === null || clock.now() - newestAt >= every || newestAt > clock.now() + every
    const made = isDue ? await this.make() : ok(undefined)
    if (!made.ok) return
    await this.#bring()
  }

  stop(): void {
    this.#ending.abort()
  }

  /** One at a time; who asks meanwhile gets that one. */
  make(): Promise<Result<{ name: string; manifest: Manifest }, BackupFault>> {
    this.#running ??= this.#make().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async state(): Promise<BackupState> {
    const { every, path } = this.#parts
    const [newest] = await keptIn(path)
    return {
      every,
      newestAt: newest === undefined ? null : Date.parse(newest.manifest.made_at),
      failed: this.#failed?.say ?? null,
    }
  }

  async list(): Promise<readonly BackupPlaces[]> {
    const { elsewhere, path } = this.#parts
    const here = await keptIn(path)
    const there = new Set((await elsewhere?.list()) ?? [])
    const only = [...there].filter((name) => !here.some((one) => one.name === name))
    const all = [
      ...here.map((one) => ({ ...one, here: true, elsewhere: there.has(one.name) })),
      ...only.map((name) => ({ name, manifest: null, here: false, elsewhere: true })),
    ]
    return all.sort((a, b) => (a.name < b.name ? 1 : -1))
  }

  async #make(): Promise<Result<{ name: string; manifest: Manifest }, BackupFault>> {
    const { clock, keep, log, meter, path, sources } = this.#parts
    const began = clock.monotonic()
    const name = nameAt(clock.now())
    const { signal } = this.#ending
    const made = await addTo(path, name, (folder) =>
      makeBackup({ ...sources, signal }, folder, clock.now()),
    ).catch(failure)
    if (!made.ok && signal.aborted) return made
    if (!made.ok) {
      await this.#tell('a backup failed', made.error.message)
      return made
    }
    const octets = made.value.files.reduce((sum, file) => sum + file.octets, 0)
    meter.count('backups_total', 1, { result: 'done' })
    meter.gauge('backup_bytes', octets)
    meter.gauge('backup_age_seconds', 0)
    log.info('backed up', { name, octets, seconds: Math.round((clock.monotonic() - began) / SECOND) })
    const removed = await pruneIn(path, keep)
    if (removed.length > 0) log.info('removed old backups', { removed: removed.join(', ') })
    if (this.#parts.elsewhere === null) this.#failed = null
    return ok({ name, manifest: made.value })
  }

  /** The newest, if it is not there yet: also one that could not be brought the last time. */
  async #bring(): Promise<void> {
    const { elsewhere, keep, log, meter, path } = this.#parts
    if (elsewhere === null) return
    const [newest] = await keptIn(path)
    if (newest === undefined) return
    try {
      const there = await elsewhere.list()
      if (!there.includes(newest.name)) {
        await elsewhere.put(newest.name, join(path, newest.name))
        meter.count('backup_uploads_total', 1, { result: 'done' })
        log.info('brought the backup elsewhere', { name: newest.name, place: elsewhere.place })
        for (const old of [newest.name, ...there].slice(keep)) await elsewhere.remove(old)
      }
      this.#failed = null
    } catch (error) {
      if (this.#ending.signal.aborted) return
      meter.count('backup_uploads_total', 1, { result: 'failed' })
      await this.#tell(`a backup could not be brought to ${elsewhere.place}`, said(error))
    }
  }

  async #tell(subject: string, detail: string): Promise<void> {
    const { alert, clock, meter, path } = this.#parts
    meter.count('backups_total', 1, { result: 'failed' })
    const isNews = this.#failed === null
    this.#failed = { at: clock.now(), say: `${subject}: ${detail}` }
    if (!isNews) return
    const text = `${detail}\n\nIt is tried again every hour; you are told once, until one has gone well. Backups that there are stay where they are: ${path}\n\n    mailwok backup list\n    mailwok backup create\n`
    await alert(subject, text, `backup:${nameAt(clock.now()).slice(0, 10)}`)
  }

  #mayTry(): boolean {
    return this.#failed === null || this.#parts.clock.now() - this.#failed.at >= AGAIN_AFTER
  }
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const failure = (error: unknown) => fault({ code: 'backup_failed', message: said(error) })
