//
// Owns: removing what is finished and old, one bounded chunk per commit.
// Never: removes anything of a delivery that has no final answer (invariant I11), whatever the bound says.
//
// Every walk follows a key that grows with time and says where it stopped; nothing is counted or scanned twice in a run.

import type { Database } from 'bun:sqlite'
import { idBefore } from '../rows.ts'
import { pragma } from './settings.ts'
import type { Chunk, Plain, RetainOperation } from './wire.ts'

/** Rows looked at per commit. Contents are fewer: freeing a large one reads all its pages. */
const ROWS_AT_ONCE = 500
const CONTENTS_AT_ONCE = 50
/** Bodies of 25 MB exist: fifty of them would hold the writer for a second. */
const OCTETS_AT_ONCE = 4 * 1024 * 1024
/** Deliveries looked at per commit for one content that a campaign sent to many. */
const SHARERS_AT_ONCE = 1000
const PAGES_AT_ONCE = 500

type Walk = (before: number, after: Plain) => Chunk<Plain>

export function retention(db: Database): (operation: RetainOperation) => Chunk<Plain> {
  const walks: Readonly<Record<RetainOperation['what'], Walk>> = {
    attempts: attemptsWalk(db),
    events: eventsWalk(db),
    idempotency: idempotencyWalk(db),
    contents: contentsWalk(db),
    messages: messagesWalk(db),
    lines: linesWalk(db),
    destinations: destinationsWalk(db),
    pages: pagesWalk(db),
  }
  return ({ what, before, after }) => walks[what](before, after)
}

function attemptsWalk(db: Database): Walk {
  const next = db.prepare<{ id: string; number: number; old: number }, [string, string, number]>(`
    SELECT a.delivery_id AS id, a.number,
           a.ended_at < ?3 AND NOT EXISTS (
             SELECT 1 FROM deliveries d WHERE d.id = a.delivery_id AND d.finished_at IS NULL) AS old
      FROM attempts a WHERE a.delivery_id > ?1 AND a.delivery_id < ?2
     ORDER BY a.delivery_id LIMIT ${ROWS_AT_ONCE}`)
  const remove = db.prepare('DELETE FROM attempts WHERE delivery_id = ? AND number = ?')
  return (before, after) => {
    const rows = next.all(String(after ?? ''), idBefore('msg', before), before)
    let count = 0
    for (const row of rows) {
      if (row.old !== 1) continue
      remove.run(row.id, row.number)
      count += 1
    }
    // A delivery's attempts are few: those of the last one that were cut off come with the next run.
    return { count, next: rows.length < ROWS_AT_ONCE ? null : (rows[rows.length - 1]?.id ?? null) }
  }
}

function eventsWalk(db: Database): Walk {
  const next = db.prepare<{ seq: number; at: number; owed: number }, [number]>(`
    SELECT e.seq, e.at, EXISTS (
             SELECT 1 FROM deliveries d WHERE d.id = e.delivery_id AND d.finished_at IS NULL) AS owed
      FROM events e WHERE e.seq > ? ORDER BY e.seq LIMIT ${ROWS_AT_ONCE}`)
  const remove = db.prepare('DELETE FROM events WHERE seq = ?')
  return (before, after) => {
    const rows = next.all(Number(after ?? 0))
    let count = 0
    let young = 0
    for (const row of rows) {
      if (row.at >= before) young += 1
      else if (row.owed === 0) {
        remove.run(row.seq)
        count += 1
      }
    }
    // The log is in order of time but for the clock's jumps: a chunk of young ones is the end of the old.
    const done = rows.length < ROWS_AT_ONCE || young === rows.length
    return { count, next: done ? null : (rows[rows.length - 1]?.seq ?? null) }
  }
}

function idempotencyWalk(db: Database): Walk {
  const remove = db.prepare<{ key: string }, [number]>(`
    DELETE FROM idempotency WHERE (account_id, key) IN (
      SELECT account_id, key FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT ${ROWS_AT_ONCE})
    RETURNING key`)
  return (before) => {
    const count = remove.all(before).length
    return { count, next: count < ROWS_AT_ONCE ? null : '' }
  }
}

/**
 * A content goes when every delivery of every message that shares it was finished before the bound; what a message adds
 * to it, the data of one person, goes by the end of that message alone. `after` is `content id` or, inside one that many
 * share, `content id|last message looked at`.
 */
function contentsWalk(db: Database): Walk {
  const next = db.prepare<{ id: string; size: number }, [string, string]>(`
    SELECT id, size FROM contents WHERE id > ? AND id < ? ORDER BY id LIMIT ${CONTENTS_AT_ONCE}`)
  const sharers = db.prepare<{ id: string; filled: number; owed: number }, [string, string, number]>(`
    SELECT m.id, m.fill IS NOT NULL AS filled, EXISTS (
             SELECT 1 FROM deliveries d WHERE d.id > m.id || '.' AND d.id < m.id || '/'
                AND (d.finished_at IS NULL OR d.finished_at >= ?3)) AS owed
      FROM messages m WHERE m.content_id = ?1 AND m.id > ?2
     ORDER BY m.id LIMIT ${SHARERS_AT_ONCE}`)
  const empty = db.prepare('UPDATE messages SET fill = NULL WHERE id = ?')
  const remove = db.prepare('DELETE FROM contents WHERE id = ?')

  const judge = (id: string, from: string, before: number): 'free' | 'owed' | { readonly at: string } => {
    const rows = sharers.all(id, from, before)
    for (const row of rows) if (row.owed === 0 && row.filled === 1) empty.run(row.id)
    if (rows.some((row) => row.owed === 1)) return 'owed'
    const last = rows[rows.length - 1]
    return rows.length === SHARERS_AT_ONCE && last !== undefined ? { at: last.id } : 'free'
  }

  return (before, after) => {
    const [start = '', inside = ''] = String(after ?? '').split('|')
    const rows = inside === '' ? next.all(start, idBefore('cnt', before)) : [{ id: start, size: 0 }]
    const ids = rows.map((row) => row.id)
    let count = 0
    let octets = 0
    for (const { id, size } of rows) {
      const verdict = judge(id, inside, before)
      if (typeof verdict === 'object') return { count, next: `${id}|${verdict.at}` }
      if (verdict !== 'free') continue
      count += remove.run(id).changes
      octets += size
      if (octets >= OCTETS_AT_ONCE) return { count, next: id }
    }
    const done = inside === '' && ids.length < CONTENTS_AT_ONCE
    return { count, next: done ? null : (ids[ids.length - 1] ?? null) }
  }
}

/** A message goes with its deliveries once nothing else of it is kept; ways out of it stay. */
function messagesWalk(db: Database): Walk {
  const next = db.prepare<{ id: string; leaves: number; kept: number }, [string, string, number]>(`
    SELECT m.id, m.mode = 'live' AND coalesce(m.wishes, '') LIKE '%"unsubscribe":true%' AS leaves,
           EXISTS (SELECT 1 FROM contents c WHERE c.id = m.content_id)
        OR EXISTS (SELECT 1 FROM events e WHERE e.message_id = m.id)
        OR EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id > m.id || '.' AND a.delivery_id < m.id || '/')
        OR EXISTS (SELECT 1 FROM deliveries d WHERE d.id > m.id || '.' AND d.id < m.id || '/'
                      AND (d.finished_at IS NULL OR d.finished_at >= ?3)) AS kept
      FROM messages m WHERE m.id > ?1 AND m.id < ?2 ORDER BY m.id LIMIT ${ROWS_AT_ONCE}`)
  const keepWaysOut = db.prepare(`
    INSERT OR IGNORE INTO ways_out (delivery_id, account_id, recipient, signing_domain, list)
    SELECT d.id, d.account_id, d.recipient, m.signing_domain, m.wishes ->> '$.list'
      FROM messages m JOIN deliveries d ON d.id > m.id || '.' AND d.id < m.id || '/'
     WHERE m.id = ? AND d.state = 'delivered'`)
  const removeDeliveries = db.prepare('DELETE FROM deliveries WHERE id > ? AND id < ?')
  const remove = db.prepare('DELETE FROM messages WHERE id = ?')
  return (before, after) => {
    const rows = next.all(String(after ?? ''), idBefore('msg', before), before)
    let count = 0
    for (const { id, kept, leaves } of rows) {
      if (kept === 1) continue
      if (leaves === 1) keepWaysOut.run(id)
      removeDeliveries.run(`${id}.`, `${id}/`)
      remove.run(id)
      count += 1
    }
    return { count, next: rows.length < ROWS_AT_ONCE ? null : (rows[rows.length - 1]?.id ?? null) }
  }
}

/** Lines in which nobody waits: they come back with the next who does. */
function linesWalk(db: Database): Walk {
  const next = db.prepare<{ id: number; waiting: number }, [number]>(`
    SELECT id, waiting FROM lines WHERE id > ? ORDER BY id LIMIT ${ROWS_AT_ONCE}`)
  const remove = db.prepare('DELETE FROM lines WHERE id = ? AND waiting = 0')
  return (_before, after) => {
    const rows = next.all(Number(after ?? Number.MIN_SAFE_INTEGER))
    let count = 0
    for (const row of rows) {
      if (row.waiting === 0) count += remove.run(row.id).changes
    }
    return { count, next: rows.length < ROWS_AT_ONCE ? null : (rows[rows.length - 1]?.id ?? null) }
  }
}

/** Destinations without a line: only their provider is forgotten, and the next route brings it back. */
function destinationsWalk(db: Database): Walk {
  const next = db.prepare<{ destination: string; idle: number }, [string]>(`
    SELECT d.destination, NOT EXISTS (SELECT 1 FROM lines l WHERE l.destination = d.destination) AS idle
      FROM destinations d WHERE d.destination > ? ORDER BY d.destination LIMIT ${ROWS_AT_ONCE}`)
  const remove = db.prepare('DELETE FROM destinations WHERE destination = ?')
  return (_before, after) => {
    const rows = next.all(String(after ?? ''))
    let count = 0
    for (const row of rows) {
      if (row.idle === 1) count += remove.run(row.destination).changes
    }
    return { count, next: rows.length < ROWS_AT_ONCE ? null : (rows[rows.length - 1]?.destination ?? null) }
  }
}

/** Gives free pages back to the file system while they are more than a quarter of the file; `1`: all. */
function pagesWalk(db: Database): Walk {
  return (all) => {
    const free = Number(pragma(db, 'freelist_count'))
    const few = all === 1 ? 0 : Number(pragma(db, 'page_count')) / 4
    if (free <= few) return { count: 0, next: null }
    db.query(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`).all()
    return { count: PAGES_AT_ONCE, next: Number(pragma(db, 'freelist_count')) < free ? '' : null }
  }
}
