//
// Owns: bringing a whole list in: its rows read piece by piece, entries put by the piece, what is wrong told by line.

import { readCsv } from '../../core/csv.ts'
import type { AccountId } from '../../core/ids.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Suppression as Entry } from '../../core/suppression.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { PUT_AT_ONCE } from '../../store/suppression-store.ts'
import { readEntry } from './by-hand.ts'
import { type ListOrigin, ListReader, type ListWish } from './foreign-list.ts'

/** Rows told one by one; the counts say the rest. */
const TOLD = 100

export interface ImportOrder {
  readonly account: AccountId
  readonly wish: ListWish
  readonly now: Milliseconds
  /** Null: it is only looked at. */
  readonly put: ((entries: readonly Entry[]) => Promise<Result<void, StoreFault>>) | null
}

export interface ImportTally {
  from: ListOrigin
  /** Of the file, but for its head. */
  rows: number
  added: number
  skipped: number
  refused: number
  readonly failed: { readonly line: number; readonly field: string; readonly message: string }[]
}

/** What ended it before its end: the store, or a file that is no CSV. What came before is in. */
export interface ImportFault {
  readonly why: StoreFault | 'unreadable'
  readonly say: string
  readonly tally: ImportTally
}

export async function importEntries(
  pieces: AsyncIterable<Uint8Array>,
  { account, now, put, wish }: ImportOrder,
): Promise<Result<ImportTally, ImportFault>> {
  const reader = new ListReader(wish)
  const tally: ImportTally = { from: 'mailwok', rows: 0, added: 0, skipped: 0, refused: 0, failed: [] }
  const tell = (line: number, field: string, message: string): void => {
    if (tally.failed.length < TOLD) tally.failed.push({ line, field, message })
  }
  let batch: Entry[] = []
  const bring = async (): Promise<StoreFault | null> => {
    const done = put === null || batch.length === 0 ? ok(undefined) : await put(batch)
    if (!done.ok) return done.error
    tally.added += batch.length
    batch = []
    return null
  }
  const ended = (why: ImportFault['why'], say: string) => fault({ why, say, tally })
  const rows = readCsv(pieces)
  try {
    for await (const { line, cells } of rows) {
      const row = reader.read(cells)
      tally.from = reader.origin
      if (row === null) continue
      tally.rows += 1
      if ('skip' in row) {
        tally.skipped += 1
        tell(line, 'row', row.skip)
        continue
      }
      const entry = readEntry(row.draft, { account, now, reason: 'import' })
      if (entry.ok) batch.push(entry.value)
      else {
        tally.refused += 1
        tell(line, entry.error.path, `${entry.error.path} ${entry.error.message}`)
      }
      const trouble = batch.length >= PUT_AT_ONCE ? await bring() : null
      if (trouble !== null) return ended(trouble, '')
    }
  } catch (error) {
    return ended('unreadable', error instanceof Error ? error.message : String(error))
  }
  const trouble = await bring()
  return trouble === null ? ok(tally) : ended(trouble, '')
}
