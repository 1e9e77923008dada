import { expect, test } from 'bun:test'
import { progressLine, progressOn } from '../../cli/progress.ts'

test.each([
  [
    { rows: 450_000, octets: 45, size: 100, elapsed: 60_000 },
    '[##########--------------]  45 %  450,000 rows, 7,500 a second',
  ],
  [
    { rows: 10, octets: 200, size: 100, elapsed: 1000 },
    '[########################] 100 %  10 rows, 10 a second',
  ],
  [{ rows: 10, octets: 200, size: null, elapsed: 2000 }, '10 rows, 5 a second'],
  [{ rows: 0, octets: 0, size: 0, elapsed: 0 }, '0 rows'],
  [
    { at: 'mailwok.db', rows: null, octets: 500_000_000, size: 2_000_000_000, elapsed: 2000 },
    '[######------------------]  25 %  mailwok.db: 500.0 MB, 250.0 MB a second',
  ],
  [{ at: 'the database', rows: null, octets: 0, size: 0, elapsed: 2000 }, 'the database: …'],
])('%p', (progress, line) => expect(progressLine(progress)).toBe(line))

test('a terminal is told five times a second, a file never', () => {
  const written: string[] = []
  const stream = (isTTY: boolean) =>
    ({ isTTY, write: (text: string) => written.push(text) }) as unknown as NodeJS.WriteStream
  let at = 0
  const told = progressOn(stream(true), () => at)
  for (; at < 1000; at += 10) told.show({ rows: at, octets: at, size: 1000 })
  expect(written.length).toBe(5)
  told.show({ rows: null, at: 'the database', octets: 0, size: 0 })
  expect(written.at(-1)).toBe('\r\x1b[Kthe database: …')
  told.end()
  expect(written.at(-1)).toBe('\r\x1b[K')
  written.length = 0
  const silent = progressOn(stream(false), () => at)
  silent.show({ rows: 1, octets: 1, size: 1 })
  silent.end()
  expect(written).toEqual([])
})
