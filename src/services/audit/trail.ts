//
// Owns: writing down administrative acts. A record is on the disk before the act is answered. Where the store does not
// take it, the act, which has happened, is not undone: the whole record goes to the log as an error, is counted, and is
// tried again until it stands.
// Never: secrets or content; scrub.ts sees to that.

import type { Act, AuditRecord } from '../../core/audit.ts'
import type { Ids } from '../../core/ids.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import { SECOND } from '../../core/time.ts'
import type { AuditStore } from '../../store/audit-store.ts'
import { scrubbed } from './scrub.ts'

export interface TrailParts {
  readonly store: Pick<AuditStore, 'add'>
  readonly clock: Clock
  readonly ids: Pick<Ids, 'audit'>
  readonly log: Log
  readonly meter: Meter
}

/** What waits to be tried again; beyond it the log has to do. */
const OWED = 1000
const AGAIN_AFTER = 5 * SECOND

export class Trail {
  readonly #parts: TrailParts
  #owed: AuditRecord[] = []
  #cancel: (() => void) | null = null

  constructor(parts: TrailParts) {
    this.#parts = parts
  }

  /** Resolves when it stands, or when the log has it. */
  async note(act: Act): Promise<void> {
    const { clock, ids } = this.#parts
    await this.#write([{ ...scrubbed(act), id: ids.audit(), at: clock.now() }])
  }

  /** Before the store closes. */
  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    const owed = this.#owed
    this.#owed = []
    if (owed.length > 0) await this.#parts.store.add(owed).catch(() => undefined)
  }

  async #write(records: readonly AuditRecord[]): Promise<void> {
    const { log, meter, store } = this.#parts
    let why: string
    try {
      const added = await store.add(records)
      if (added.ok) return
      why = added.error
    } catch (error) {
      why = String(error)
    }
    meter.count('audit_late_total', records.length)
    for (const record of records) {
      log.error('an act could not be written to the audit log; it is tried again', {
        why,
        record: JSON.stringify(record),
      })
    }
    this.#owed = [...this.#owed, ...records].slice(-OWED)
    this.#cancel ??= this.#parts.clock.after(AGAIN_AFTER, () => void this.#again())
  }

  async #again(): Promise<void> {
    this.#cancel = null
    const owed = this.#owed
    if (owed.length === 0) return
    try {
      const added = await this.#parts.store.add(owed)
      if (added.ok) {
        // What came in the meantime still is.
        this.#owed = this.#owed.filter((one) => !owed.includes(one))
        this.#parts.log.info('what was owed to the audit log stands', { records: owed.length })
        if (this.#owed.length === 0) return
      }
    } catch {
      // It is in the log already.
    }
    this.#cancel ??= this.#parts.clock.after(AGAIN_AFTER, () => void this.#again())
  }
}
