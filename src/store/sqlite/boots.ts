//
// Owns: the tables `boots` and `leased`: who holds which delivery, and who lives. A lease has no end of its own; it ends
// with its boot, so one row's update extends thousands of leases.

import type { Database } from 'bun:sqlite'
import type { Holder } from '../store.ts'
import type { WaitingLine } from './waiting-line.ts'
import type { BeatOperation, Chunk } from './wire.ts'

/** Freed per commit: about 5 µs each, and nothing may hold the writer for more than 20 ms. */
const FREED_AT_ONCE = 1000
/** A boot that is seen before its first beat counts as alive for this long. */
const FIRST_BEAT_WITHIN_MS = 60_000

interface Boot {
  readonly node: string
  readonly boot: string
}
interface Freed {
  readonly id: string
  readonly line: number | null
  readonly due_at: number | null
}

/** `buried`: the boot was not known: another one had taken it for dead, or this is its first beat. */
export interface Beaten extends Chunk<true> {
  readonly buried: boolean
}

export class Boots {
  private readonly line: WaitingLine
  private known = ''
  private readonly introduce
  private readonly extend
  private readonly isVoid
  private readonly heldBy
  private readonly take
  private readonly letGo
  private readonly bury

  constructor(db: Database, line: WaitingLine) {
    this.line = line
    this.introduce = db.prepare('INSERT OR IGNORE INTO boots (node, boot, alive_until) VALUES (?, ?, ?)')
    this.extend = db.prepare(`
      UPDATE boots SET alive_until = max(alive_until, ?) WHERE node = ? AND boot = ?`)
    this.isVoid = db.prepare<Boot, [string, string, number]>(`
      SELECT node, boot FROM boots
       WHERE (node = ?1 AND boot <> ?2) OR (node <> ?1 AND alive_until < ?3)
       LIMIT 1`)
    this.heldBy = db.prepare<Freed, [string, string, number]>(`
      SELECT l.delivery_id AS id, d.line, d.due_at
        FROM leased l LEFT JOIN deliveries d ON d.id = l.delivery_id
       WHERE l.node = ? AND l.boot = ? LIMIT ?`)
    this.take = db.prepare('INSERT INTO leased (delivery_id, node, boot) VALUES (?, ?, ?)')
    this.letGo = db.prepare('DELETE FROM leased WHERE delivery_id = ? AND node = ? AND boot = ?')
    this.bury = db.prepare('DELETE FROM boots WHERE node = ? AND boot = ?')
  }

  /** A lease without its boot's row would never be freed: a holder is introduced with its first lease. */
  meet(holder: Holder, now: number): void {
    const name = `${holder.node}\n${holder.boot}`
    if (name === this.known) return
    this.introduce.run(holder.node, holder.boot, now + FIRST_BEAT_WITHIN_MS)
    this.known = name
  }

  lease(deliveryId: string, holder: Holder): void {
    this.take.run(deliveryId, holder.node, holder.boot)
  }

  /** False when the lease is not, or no longer, this holder's. */
  release(deliveryId: string, holder: Holder): boolean {
    return this.letGo.run(deliveryId, holder.node, holder.boot).changes > 0
  }

  /** Extends the holder, frees a chunk of what the dead held. `next` says that there is more. */
  beat({ holder, now, until }: BeatOperation): Beaten {
    const buried = this.extend.run(until, holder.node, holder.boot).changes === 0
    if (buried) this.introduce.run(holder.node, holder.boot, until)
    let freed = 0
    for (;;) {
      const dead = this.isVoid.all(holder.node, holder.boot, now)[0]
      if (dead === undefined) return { count: freed, next: null, buried }
      const rows = this.heldBy.all(dead.node, dead.boot, FREED_AT_ONCE - freed)
      for (const row of rows) this.free(row, dead)
      freed += rows.length
      if (freed >= FREED_AT_ONCE) return { count: freed, next: true, buried }
      this.bury.run(dead.node, dead.boot)
    }
  }

  /** After a rollback the introduction may be gone. */
  forget(): void {
    this.known = ''
  }

  private free(row: Freed, dead: Boot): void {
    this.release(row.id, dead)
    if (row.line !== null && row.due_at !== null) this.line.join(row.line, row.due_at, row.id)
  }
}
