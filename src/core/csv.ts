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

type Separator = ',' | ';' | '\t'

/** Empty lines are left out. Throws a sentence for what is no CSV, and when a quote is never closed. */
export async function* readCsv(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord> {
  let decoder: TextDecoder | null = null
  const records = new Records()
  // A mark may be cut in two.
  let start: Uint8Array = new Uint8Array()
  for await (const piece of pieces) {
    if (decoder !== null) {
      yield* records.from(decoder.decode(piece, { stream: true }))
      continue
    }
    start = Buffer.concat([start, piece])
    if (start.length < 2) continue
    decoder = decoderFor(start)
    yield* records.from(decoder.decode(start, { stream: true }))
  }
  yield* records.from(decoder === null ? decoderFor(start).decode(start) : decoder.decode())
  yield* records.end()
}

class Records {
  #rest = ''
  /** How far `rest` was looked through in vain, and whether a quote was open there: nothing is looked at twice. */
  #scan: Scan = { at: 0, isQuoted: false }
  #line = 1
  #separator: Separator | null = null

  #endless(): Error {
    return new Error(`line ${this.#line}: a quote is never closed, or this is no CSV`)
  }

  *from(text: string): Generator<CsvRecord> {
    this.#rest += text
    let from = 0
    for (;;) {
      const { end, scan } = endOfRecord(this.#rest, this.#scan)
      this.#scan = scan
      if (end === -1) break
      yield* this.#record(this.#rest.slice(from, end))
      from = end
    }
    this.#rest = this.#rest.slice(from)
    this.#scan = { ...this.#scan, at: this.#rest.length }
    if (this.#rest.length > MAX_RECORD) throw this.#endless()
  }

  /** The last line need not be closed. */
  *end(): Generator<CsvRecord> {
    if (this.#scan.isQuoted) throw this.#endless()
    yield* this.#record(this.#rest)
  }

  *#record(text: string): Generator<CsvRecord> {
    const bare = text.replace(/\r?\n$/, '')
    if (bare !== '') {
      this.#separator ??= separatorOf(bare)
      yield { line: this.#line, cells: cellsOf(bare, this.#separator) }
    }
    this.#line += linesIn(text)
  }
}

/** UTF-8, or UTF-16 where its mark says so: as spreadsheets write "Unicode text". */
function decoderFor(start: Uint8Array): TextDecoder {
  const [one, two] = start
  if (one === 0xff && two === 0xfe) return new TextDecoder('utf-16le')
  if (one === 0xfe && two === 0xff) return new TextDecoder('utf-16be')
  refuseOthers(start)
  return new TextDecoder('utf-8')
}

/** Spreadsheets save as several things that are not this, and each would be refused line by line, a million times. */
function refuseOthers(first: Uint8Array): void {
  // No list has these octets, and pictures, archives and workbooks have one among their first.
  const control = first.subarray(0, 512).some((octet) => octet < 9 || (octet > 13 && octet < 32))
  if (control) throw new Error('this is no text; save it as CSV in UTF-8')
  const start = new TextDecoder().decode(first.subarray(0, 512))
  if (/^\s*(?:\{\s*"|\[\s*[{"])/.test(start)) throw new Error('this is JSON; want CSV')
}

interface Scan {
  readonly at: number
  readonly isQuoted: boolean
}

/** Behind the line end that closes the first record, -1 when more has to come. Line ends in quotes belong to a cell. */
function endOfRecord(
  text: string,
  { at: from, isQuoted: wasQuoted }: Scan,
): { readonly end: number; readonly scan: Scan } {
  let isQuoted = wasQuoted
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 34) isQuoted = !isQuoted
    else if (code === 10 && !isQuoted) return { end: at + 1, scan: { at: at + 1, isQuoted: false } }
  }
  return { end: -1, scan: { at: text.length, isQuoted } }
}

function linesIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Spreadsheets of countries with a decimal comma divide by semicolons, others by tabs, and all say CSV to it. */
function separatorOf(head: string): Separator {
  if (head.includes(',')) return ','
  if (head.includes(';')) return ';'
  return head.includes('\t') ? '\t' : ','
}

/** A quoted cell, or a plain one; then a separator or the end. */
const CELL: Readonly<Record<Separator, RegExp>> = {
  ',': /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(,|$)/gy,
  ';': /\s*(?:"((?:[^"]|"")*)"\s*|([^;]*))(;|$)/gy,
  '\t': / *(?:"((?:[^"]|"")*)" *|([^\t]*))(\t|$)/gy,
}

function cellsOf(record: string, separator: Separator): readonly string[] {
  if (!record.includes('"')) return record.split(separator).map((cell) => cell.trim())
  const cells: string[] = []
  const pattern = CELL[separator]
  pattern.lastIndex = 0
  for (let match = pattern.exec(record); match !== null; match = pattern.exec(record)) {
    cells.push(match[1] === undefined ? (match[2] ?? '').trim() : match[1].replaceAll('""', '"'))
    if (match[3] === '') break
  }
  return cells
}

/** T22: spreadsheets run what begins like this; an apostrophe in front makes it text. One that stood there stays apart. */
const FORMULA = /^'*[=+\-@\t\r]/

export const csvLine = (cells: readonly (string | null)[]): string =>
  `${cells.map((cell) => csvCell(cell ?? '')).join(',')}\r\n`

function csvCell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A cell as it was before it was defused. */
export const fused = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell
