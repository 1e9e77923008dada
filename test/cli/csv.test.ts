import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type CsvRecord, csvLine, readCsv } from '../../cli/csv.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, size = 7): Promise<readonly CsvRecord[]> {
  const records: CsvRecord[] = []
  for await (const record of readCsv(inPieces(text, size))) records.push(record)
  return records
}

test.each([
  ['a@b.example\n', [[1, ['a@b.example']]]],
  [
    'a,b\r\nc,d',
    [
      [1, ['a', 'b']],
      [2, ['c', 'd']],
    ],
  ],
  [
    'a,,c\n\n,x\n',
    [
      [1, ['a', '', 'c']],
      [3, ['', 'x']],
    ],
  ],
  ['"a ""quoted""",b\n', [[1, ['a "quoted"', 'b']]]],
  [
    '"two\nlines",b\nc\n',
    [
      [1, ['two\nlines', 'b']],
      [3, ['c']],
    ],
  ],
  [' a , "b" \n', [[1, ['a', 'b']]]],
  ['"a","",""\n', [[1, ['a', '', '']]]],
] as const)('%p', async (text, want) => {
  const got = (await read(text)).map(({ line, cells }) => [line, cells])
  expect(got).toEqual(want.map(([line, cells]) => [line, [...cells]]) as typeof got)
})

test('what is written is read back, however it is cut into pieces', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', 'ü', '"', ',', '\n', ' ', '@', '1'), maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(cell, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (cells, size) => {
        const plain = cells.map((one) => one.trim())
        if (plain.join('') === '') return
        const [record] = await read(csvLine(plain), size)
        const defused = plain.map((one) => (/^[=+\-@\t\r]/.test(one) ? `'${one}` : one))
        expect(record?.cells).toEqual(defused)
      },
    ),
  )
})

test('no cell is a formula to a spreadsheet', () => {
  expect(csvLine(['=1+1', '+49', '-a', '@x', 'a@b.example', null])).toBe(
    "'=1+1,'+49,'-a,'@x,a@b.example,\r\n",
  )
})

test('a quote that is never closed is no endless memory', async () => {
  expect(read(`"${'x'.repeat(200_000)}`, 65_536)).rejects.toThrow('line 1: a quote is never closed')
})
