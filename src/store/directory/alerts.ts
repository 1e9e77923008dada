// Owns: statements over alerts. A change and its event are one commit, and of two nodes one makes it.

import type { Selectable } from 'kysely'
import type { AlertStore, StoredAlert } from '../alert-store.ts'
import { compilerFor, type Executor, statement } from '../executor.ts'
import { EVENT_COLUMNS, eventValues } from '../log-rows.ts'
import type { Store } from '../store.ts'
import type { AlertTable } from '../told-tables.ts'
import { placesOn } from './texts.ts'
import { refused, settled } from './writes.ts'

const NEW = 0

/** Only while the version is the one that was seen. */
function tellText(engine: Store['engine']): string {
  const place = placesOn(engine)
  const values = EVENT_COLUMNS.map(
    (column, at) => `CAST(${place(at + 1)} AS ${column === 'at' ? 'bigint' : 'text'})`,
  ).join(', ')
  const at = EVENT_COLUMNS.length
  return `INSERT INTO events (${EVENT_COLUMNS.join(', ')}) SELECT ${values} FROM alerts
    WHERE node = ${place(at + 1)} AND trouble = ${place(at + 2)} AND version = CAST(${place(at + 3)} AS bigint)`
}

export function alertsOn(engine: Store['engine'], executor: Executor): AlertStore {
  const db = compilerFor(engine)
  const place = placesOn(engine)
  const tells = tellText(engine)
  // First of a change: of two nodes one waits here, and then finds another version.
  const holds = `UPDATE alerts SET version = version
    WHERE node = ${place(1)} AND trouble = ${place(2)} AND version = CAST(${place(3)} AS bigint) RETURNING version`
  const all = statement(() => db.selectFrom('alerts').selectAll().orderBy('since').orderBy('trouble'))
  const make = statement(() =>
    db
      .insertInto('alerts')
      .values(EMPTY)
      .onConflict((taken) => taken.columns(['node', 'trouble']).doNothing()),
  )
  const save = statement(() =>
    db
      .updateTable('alerts')
      .set({
        ailment: '',
        subject: '',
        why: '',
        fix: '',
        is_open: 0,
        since: 0,
        owed: '',
        told: '',
        told_at: 0,
        version: 0,
      })
      .where('node', '=', '')
      .where('trouble', '=', '')
      .where('version', '=', 0),
  )
  const forget = statement(() =>
    db.deleteFrom('alerts').where('is_open', '=', 0).where('owed', '=', '').where('since', '<', 0),
  )
  return {
    async all() {
      return (await executor.read(all())).map(alertOf)
    },
    async put(alert, event) {
      const { ailment, fix, node, owed, since, subject, told, toldAt, trouble, version, why } = alert
      const seen = version - 1
      const isOpen = alert.isOpen ? 1 : 0
      const made = seen === NEW ? [make(...Object.values({ ...EMPTY, node, trouble }))] : []
      const written = await executor.write([
        ...made,
        { sql: holds, values: [node, trouble, seen] },
        ...(event === null ? [] : [{ sql: tells, values: [...eventValues(event), node, trouble, seen] }]),
        save(ailment, subject, why, fix, isOpen, since, owed, told, toldAt, version, node, trouble, seen),
      ])
      if (!written.ok) return refused(written.error)
      return { ok: true, value: (written.value[made.length] ?? []).length > 0 }
    },
    async forget(before) {
      return settled(await executor.write([forget(0, '', before)]))
    },
  }
}

const EMPTY = {
  node: '',
  trouble: '',
  ailment: '',
  subject: '',
  why: '',
  fix: '',
  is_open: 0,
  since: 0,
  owed: '',
  told: '',
  told_at: null,
  version: NEW,
}

const alertOf = (row: Selectable<AlertTable>): StoredAlert => ({
  node: row.node,
  trouble: row.trouble,
  ailment: row.ailment,
  subject: row.subject,
  why: row.why,
  fix: row.fix,
  isOpen: Number(row.is_open) === 1,
  since: Number(row.since),
  owed: row.owed as StoredAlert['owed'],
  told: row.told as StoredAlert['told'],
  toldAt: row.told_at === null ? null : Number(row.told_at),
  version: Number(row.version),
})
