import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type CsvRecord, csvLine, fused, readCsv } from '../../src/core/csv.ts'

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
        const defused = plain.map((one) => (/^'*[=+\-@\t\r]/.test(one) ? `'${one}` : one))
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

test('what an apostrophe defuses comes back as it was, also where one stood before', () => {
  for (const cell of ['=1', "'=1", "''-x@a.example", "'plain", "o'hara@a.example", '+1@a.example', '\tx']) {
    const [written = ''] = [csvLine([cell]).replace(/\r\n$/, '')]
    expect(fused(written.replace(/^"|"$/g, ''))).toBe(cell)
  }
})

test('a quote that is never closed among 50,000 quoted lines is told at once', async () => {
  const begun = performance.now()
  const lines = Array.from({ length: 50_000 }, (_, at) => `"user${at}@example.org","import"`)
  await expect(read(`"open\n${lines.join('\n')}`, 2 ** 22)).rejects.toThrow('line 1: a quote is never closed')
  expect(performance.now() - begun).toBeLessThan(1000)
})

test('semicolons divide where the first line has no comma, as spreadsheets of half of Europe write', async () => {
  const got = await read('Email;Note\na@b.example;"x;y, z"\n;\n')
  expect(got.map(({ cells }) => cells)).toEqual([
    ['Email', 'Note'],
    ['a@b.example', 'x;y, z'],
    ['', ''],
  ])
})

test('tabs divide where the first line has neither, and a cell may be empty', async () => {
  const got = await read('email\treason\tnote\n"a\tb"\t\tx\nc\t"d ""e"""\t\n')
  expect(got.map(({ cells }) => cells)).toEqual([
    ['email', 'reason', 'note'],
    ['a\tb', '', 'x'],
    ['c', 'd "e"', ''],
  ])
})

const UTF16 = Buffer.from('\ufeffEmail\tNote\r\nä@b.example\t"two\nlines"\r\n', 'utf16le')
test.each([
  ['little', UTF16],
  ['big', Buffer.from(UTF16).swap16()],
])('UTF-16, the %s end first, is read where its mark stands, however it is cut', async (_, bytes) => {
  for (const size of [1, 2, 3, 1000]) {
    const pieces = (async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    })()
    const found: (readonly string[])[] = []
    for await (const { cells } of readCsv(pieces)) found.push(cells)
    expect(found).toEqual([
      ['Email', 'Note'],
      ['ä@b.example', 'two\nlines'],
    ])
  }
})

test.each([
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), 'no text'],
  ['JSON', Buffer.from('{"Suppressions":[{"EmailAddress":"a@b.example"}]}'), 'this is JSON'],
  ['a list of JSON', Buffer.from(' [\n  {"email": "a@b.example"}]'), 'this is JSON'],
  ['a workbook', Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 6, 0]), 'no text'],
])('%s is told for what it is', async (_, bytes, said) => {
  const all = async () => {
    for await (const _record of readCsv([bytes] as unknown as AsyncIterable<Uint8Array>));
  }
  await expect(all()).rejects.toThrow(said)
})

test('a quote that is never closed is no endless memory', async () => {
  expect(read(`"${'x'.repeat(200_000)}`, 65_536)).rejects.toThrow('line 1: a quote is never closed')
})
