//
// Owns: bringing a CSV file of addresses onto the suppression list: read piece by piece, handed over by the thousand.

import type { Command } from 'commander'
import type { Admin } from '../src/admin/admin.ts'
import type { SuppressionDraft } from '../src/admin/suppression-rows.ts'
import { systemClock } from '../src/ops/clock.ts'
import { type Context, withAdmin } from './context.ts'
import { type CsvRecord, fused, readCsv } from './csv.ts'
import type { Exit } from './output.ts'
import { progressOn } from './progress.ts'

/** Rows per question to the node; it commits them in pieces of 250 (`PUT_AT_ONCE`), between which mail goes on. */
const AT_ONCE = 1000
/** Faults that are told one by one; nobody reads more, and the count says the rest. */
const TOLD = 100
const COLUMNS = ['address', 'reason', 'scope', 'expires_at', 'note'] as const
type Column = (typeof COLUMNS)[number]

interface Tally {
  added: number
  refused: number
  rows: number
}

export function importList(context: Context, command: Command): Promise<Exit> {
  const { account, dryRun } = command.opts<{ account: string; dryRun?: boolean }>()
  const file = command.args[0] ?? ''
  const source = file === '-' ? Bun.stdin.stream() : Bun.file(file).stream()
  const counted = countingOf(source as unknown as AsyncIterable<Uint8Array>)
  const size = file === '-' ? null : Bun.file(file).size
  return withAdmin(context, async (admin) => {
    const tally: Tally = { added: 0, refused: 0, rows: 0 }
    const progress = progressOn(process.stderr, systemClock().monotonic)
    try {
      const batches = batchesOf(readCsv(counted.pieces))
      for await (const batch of batches) {
        const fault = await handOver(admin, { account, dryRun: dryRun === true, batch, tally })
        if (fault !== null) return context.out.fail({ code: fault.code, message: fault.message })
        progress.show({ rows: tally.rows, octets: counted.octets(), size })
      }
    } catch (error) {
      return context.out.fail({ code: 'unreadable', message: `${file} cannot be read: ${whyNot(error)}` })
    } finally {
      progress.end()
    }
    const { added, refused } = tally
    context.out.one({ added, refused, dry_run: dryRun === true }, () =>
      dryRun === true ? `${added} would be added, ${refused} refused` : `${added} added, ${refused} refused`,
    )
    return refused > 0 ? 3 : 0
  })
}

function countingOf(source: AsyncIterable<Uint8Array>) {
  let octets = 0
  const pieces = (async function* () {
    for await (const piece of source) {
      octets += piece.length
      yield piece
    }
  })()
  return { pieces, octets: () => octets }
}

interface Batch {
  readonly account: string
  readonly dryRun: boolean
  readonly batch: readonly Row[]
  readonly tally: Tally
}

async function handOver(admin: Admin, { account, dryRun, batch, tally }: Batch) {
  const put = await admin.suppressionPut({ account, entries: batch.map((row) => row.draft), dry_run: dryRun })
  if (!put.ok) return put.error
  tally.rows += batch.length
  tally.added += put.value.added
  for (const { index, field, message } of put.value.faults) {
    if (tally.refused++ < TOLD) process.stderr.write(`line ${batch[index]?.line}: ${field}: ${message}\n`)
  }
  return null
}

interface Row {
  readonly line: number
  readonly draft: SuppressionDraft
}

async function* batchesOf(records: AsyncIterable<CsvRecord>): AsyncGenerator<readonly Row[]> {
  let head: Head = { columns: COLUMNS, isOurs: true }
  let batch: Row[] = []
  let isFirst = true
  for await (const { line, cells } of records) {
    const named = isFirst ? headOf(cells) : null
    isFirst = false
    if (named) {
      head = named
      continue
    }
    batch.push({ line, draft: draftOf(cells, head) })
    if (batch.length < AT_ONCE) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

interface Head {
  readonly columns: readonly (Column | null)[]
  /** False: the export of another service, whose reasons are in words of its own. */
  readonly isOurs: boolean
}

/** As other services head the column of addresses. */
const ADDRESS: ReadonlySet<string> = new Set([
  'email',
  'emailaddress',
  'email_address',
  'e_mail',
  'recipient',
])

/** A first line that names a column is a head: also those of other services' exports, whose further columns are left out. */
function headOf(cells: readonly string[]): Head | null {
  const names = cells.map((cell) =>
    cell
      .replace(/^\ufeff/, '')
      .toLowerCase()
      .replace(/[ -]/g, '_'),
  )
  const columns = names.map((name) =>
    ADDRESS.has(name) ? 'address' : (COLUMNS.find((column) => column === name) ?? null),
  )
  return columns.includes('address') ? { columns, isOurs: names.includes('address') } : null
}

/** What others' words come to; where they say nothing to us they are kept as the note. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(?:hard[ _-]?)?bounced?$/i, 'hard_bounce'],
  [/^(?:spam|abuse)|complain/i, 'complaint'],
  [/^unsubscri|^opt[ _-]?(?:ed[ _-]?)?out/i, 'unsubscribe'],
]
const OURS: ReadonlySet<string> = new Set(['manual', 'import', 'hard_bounce', 'complaint', 'unsubscribe'])
const MAX_NOTE = 500

function draftOf(cells: readonly string[], { columns, isOurs }: Head): SuppressionDraft {
  const of = (name: Column): string | null => {
    const at = columns.indexOf(name)
    const cell = at === -1 ? '' : (cells[at] ?? '')
    // Exports defuse formulas with an apostrophe: what comes back loses it again.
    return cell === '' ? null : fused(cell)
  }
  const reason = of('reason') ?? 'import'
  const isForeign = !isOurs && !OURS.has(reason)
  return {
    address: of('address') ?? '',
    reason: isForeign ? (REASONS.find(([words]) => words.test(reason))?.[1] ?? 'import') : reason,
    scope: of('scope'),
    expires_at: of('expires_at'),
    note: of('note') ?? (isForeign ? reason.slice(0, MAX_NOTE) : null),
  }
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : error.message
}
