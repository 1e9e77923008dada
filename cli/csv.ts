//
// Owns: CSV (RFC 4180) in both directions: reading it piece by piece, writing what no spreadsheet runs as a formula.
// Never: knows what the columns mean.

/** A cell of a list is a name or an address; a longer one is no list. */
const MAX_RECORD = 100_000

export interface CsvRecord {
  /** Where it begins, counted from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** Empty lines are left out. Throws a sentence when a quote is never closed. */
export async function* readCsv(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord> {
  const decoder = new TextDecoder('utf-8')
  let rest = ''
  let line = 1
  const drain = function* (isEnd: boolean): Generator<CsvRecord> {
    for (let end = endOfRecord(rest, isEnd); end !== -1; end = endOfRecord(rest, isEnd)) {
      const text = rest.slice(0, end)
      rest = rest.slice(end)
      const bare = text.replace(/\r?\n$/, '')
      if (bare !== '') yield { line, cells: cellsOf(bare) }
      line += text.split('\n').length - 1
    }
    if (rest.length > MAX_RECORD) throw new Error(`line ${line}: a quote is never closed, or this is no CSV`)
  }
  for await (const piece of pieces) {
    rest += decoder.decode(piece, { stream: true })
    yield* drain(false)
  }
  rest += decoder.decode()
  yield* drain(true)
}

/** Behind the line end that closes the first record, -1 when more has to come. Line ends in quotes belong to a cell. */
function endOfRecord(text: string, isEnd: boolean): number {
  let from = 0
  for (;;) {
    const lf = text.indexOf('\n', from)
    if (lf === -1) return isEnd && text.length > 0 ? text.length : -1
    if (quotesIn(text, lf) % 2 === 0) return lf + 1
    from = lf + 1
  }
}

function quotesIn(text: string, end: number): number {
  let count = 0
  for (let at = text.indexOf('"'); at !== -1 && at < end; at = text.indexOf('"', at + 1)) count += 1
  return count
}

function cellsOf(record: string): readonly string[] {
  if (!record.includes('"')) return record.split(',').map((cell) => cell.trim())
  const cells: string[] = []
  // A quoted cell, or a plain one; then a comma or the end.
  const pattern = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(,|$)/gy
  for (let match = pattern.exec(record); match !== null; match = pattern.exec(record)) {
    cells.push(match[1] === undefined ? (match[2] ?? '').trim() : match[1].replaceAll('""', '"'))
    if (match[3] === '') break
  }
  return cells
}

/** T22: spreadsheets run what begins like this; an apostrophe in front makes it text. */
const FORMULA = /^[=+\-@\t\r]/

export const csvLine = (cells: readonly (string | null)[]): string =>
  `${cells.map((cell) => csvCell(cell ?? '')).join(',')}\r\n`

function csvCell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
