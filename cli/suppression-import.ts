//
// Owns: bringing a CSV file of addresses onto the suppression list: read piece by piece, handed over by the thousand.

import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { Command } from 'commander'
import type { Admin } from '../src/admin/admin.ts'
import { FROM_WORDS, KIND_WORDS, listReader } from '../src/admin/suppression-lists.ts'
import type { SuppressionDraft } from '../src/admin/suppression-rows.ts'
import { csvLine, readCsv } from '../src/core/csv.ts'
import { systemClock } from '../src/ops/clock.ts'
import { type Context, withAdmin } from './context.ts'
import type { Exit } from './output.ts'
import { progressOn } from './progress.ts'

/** Rows per question to the node; it commits them in pieces of 250 (`PUT_AT_ONCE`), between which mail goes on. */
const AT_ONCE = 1000
/** Faults that are told one by one; nobody reads more, and the count says the rest. */
const TOLD = 100

interface Options {
  readonly account: string
  readonly dryRun?: boolean
  readonly from?: string
  readonly kind?: string
  readonly errors?: string
  readonly skipRows?: string
}

interface Row {
  readonly line: number
  readonly cells: readonly string[]
  readonly draft: SuppressionDraft
}

/** Rows that became no entry. */
interface Left {
  tell(line: number, field: string, message: string, cells: readonly string[]): void
  end(): Promise<void>
}

interface Tally {
  added: number
  refused: number
  skipped: number
  /** Of the file, but for the head: with so many to skip a broken import goes on. */
  rows: number
}

export function importList(context: Context, command: Command): Promise<Exit> {
  const options = command.opts<Options>()
  const file = command.args[0] ?? ''
  const read = listReader(file, { from: options.from ?? null, kind: options.kind ?? null })
  const skipRows = Number(options.skipRows ?? 0)
  const wrong = wrongIn(read, skipRows)
  if (read === null || wrong !== null) {
    return Promise.resolve(context.out.fail({ code: 'usage', message: wrong ?? '' }, 2))
  }
  const source = file === '-' ? Bun.stdin.stream() : Bun.file(file).stream()
  const counted = countingOf(source as unknown as AsyncIterable<Uint8Array>)
  const size = file === '-' ? null : Bun.file(file).size
  return withAdmin(context, async (admin) => {
    const tally: Tally = { added: 0, refused: 0, skipped: 0, rows: 0 }
    const left = leftOf(options.errors ?? null)
    const progress = progressOn(process.stderr, systemClock().monotonic)
    try {
      for await (const batch of batchesOf(readCsv(counted.pieces), { read, skipRows, left, tally })) {
        const fault = await handOver(admin, options, { batch, left, tally })
        if (fault !== null) return context.out.fail(broken(fault, tally.rows - batch.length))
        progress.show({ rows: tally.rows, octets: counted.octets(), size })
      }
    } catch (error) {
      return context.out.fail({ code: 'unreadable', message: `${file} cannot be read: ${whyNot(error)}` })
    } finally {
      progress.end()
      await left.end()
    }
    return told(context, tally, options.dryRun === true)
  })
}

function wrongIn(read: unknown, skipRows: number): string | null {
  if (read === null) {
    return `--from wants one of ${FROM_WORDS.join(', ')}, --kind one of ${KIND_WORDS.join(', ')}`
  }
  return Number.isInteger(skipRows) && skipRows >= 0 ? null : '--skip-rows wants a whole number'
}

/** Entries that stand there are written again as they are: to repeat all of it does no harm either. */
const broken = ({ code, message }: { readonly code: string; readonly message: string }, done: number) => ({
  code,
  message: `${message}; the first ${done} rows are in: the same with --skip-rows ${done} goes on`,
})

function told(context: Context, { added, refused, skipped }: Tally, dryRun: boolean): Exit {
  const more = skipped === 0 ? '' : `, ${skipped} skipped`
  context.out.one({ added, refused, skipped, dry_run: dryRun }, () =>
    dryRun
      ? `${added} would be added, ${refused} refused${more}`
      : `${added} added, ${refused} refused${more}`,
  )
  return refused > 0 ? 3 : 0
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

/** The first of them on standard error, all of them into a file that can be put right and imported. */
function leftOf(file: string | null): Left {
  const stream: WriteStream | null = file === null ? null : createWriteStream(file)
  stream?.write(csvLine(['line', 'field', 'message', 'row']))
  let count = 0
  return {
    tell(line, field, message, cells) {
      if (count++ < TOLD) process.stderr.write(`line ${line}: ${field}: ${message}\n`)
      stream?.write(csvLine([String(line), field, message, ...cells]))
    },
    async end() {
      if (stream === null) return
      stream.end()
      await finished(stream)
    },
  }
}

interface Hand {
  readonly batch: readonly Row[]
  readonly left: Left
  readonly tally: Tally
}

async function handOver(admin: Admin, { account, dryRun }: Options, { batch, left, tally }: Hand) {
  const entries = batch.map((row) => row.draft)
  const put = await admin.suppressionPut({ account, entries, dry_run: dryRun === true })
  if (!put.ok) return put.error
  tally.added += put.value.added
  for (const { index, field, message } of put.value.faults) {
    tally.refused += 1
    const row = batch[index]
    left.tell(row?.line ?? 0, field, message, row?.cells ?? [])
  }
  return null
}

interface Reading {
  readonly read: NonNullable<ReturnType<typeof listReader>>
  readonly skipRows: number
  readonly left: Left
  readonly tally: Tally
}

async function* batchesOf(
  records: ReturnType<typeof readCsv>,
  { read, skipRows, left, tally }: Reading,
): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = []
  for await (const { line, cells } of records) {
    const row = read(cells)
    if (row === null) continue
    tally.rows += 1
    if (tally.rows <= skipRows) continue
    if ('skip' in row) {
      tally.skipped += 1
      left.tell(line, 'row', row.skip, cells)
      continue
    }
    batch.push({ line, cells, draft: row.draft })
    if (batch.length < AT_ONCE) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : error.message
}
