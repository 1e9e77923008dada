import { describe, expect, test } from 'bun:test'
import { DAY, HOUR } from '../../../src/core/time.ts'
import {
  readStatsAsk,
  STATS_WORDS,
  type StatsWord,
  type StatsWords,
} from '../../../src/services/stats/ask.ts'

const NOW = Date.parse('2027-03-04T10:20:30.400Z')
const wordsOf = (of: Partial<StatsWords>): StatsWords =>
  ({ ...Object.fromEntries(STATS_WORDS.map((word) => [word, null])), ...of }) as StatsWords
const read = (of: Partial<StatsWords>) => {
  const asked = readStatsAsk(wordsOf(of), NOW)
  if (!asked.ok) throw new Error(`${asked.error.path} ${asked.error.message}`)
  const { from, to, ...rest } = asked.value
  return { ...rest, from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

test('without a word: thirty days, today included', () => {
  expect(read({})).toEqual({
    kind: 'series',
    by: 'day',
    dimension: 'all',
    name: '',
    from: '2027-02-03T00:00:00.000Z',
    to: '2027-03-05T00:00:00.000Z',
  })
})

test('by hour: two days, this hour included', () => {
  expect(read({ by: 'hour' })).toMatchObject({
    from: '2027-03-02T11:00:00.000Z',
    to: '2027-03-04T11:00:00.000Z',
  })
})

test('at midnight the day that has just begun is included', () => {
  const asked = readStatsAsk(wordsOf({}), Date.parse('2027-03-04T00:00:00Z'))
  expect(asked).toMatchObject({ ok: true, value: { to: Date.parse('2027-03-05T00:00:00Z') } })
})

test('what lies within an hour or a day is widened to it; the end of one is not the next', () => {
  expect(read({ from: '2027-03-01T00:59Z', to: '2027-03-01T02:00:01Z', by: 'hour' })).toMatchObject({
    from: '2027-03-01T00:00:00.000Z',
    to: '2027-03-01T03:00:00.000Z',
  })
  expect(read({ from: '2027-01-01', to: '2027-01-03' })).toMatchObject({
    from: '2027-01-01T00:00:00.000Z',
    to: '2027-01-03T00:00:00.000Z',
  })
})

test('a dimension without a name asks for its names', () => {
  expect(read({ dimension: 'tag', limit: '7' })).toMatchObject({ kind: 'names', dimension: 'tag', limit: 7 })
  expect(read({ dimension: 'tag' })).toMatchObject({ kind: 'names', limit: 100 })
  expect(read({ dimension: 'tag', name: '' })).toMatchObject({ kind: 'series', name: '' })
})

describe('refused, with what was wanted', () => {
  const long = (span: number) => ({ from: new Date(NOW - span).toISOString() })
  test.each([
    [{ dimension: 'country' }, 'dimension', 'all, domain, tag'],
    [{ by: 'week' }, 'by', 'neither hour nor day'],
    [{ name: 'x' }, 'name', 'other than all'],
    [{ dimension: 'tag', by: 'hour' }, 'by', 'with a name'],
    [{ limit: '5' }, 'limit', 'names of a dimension'],
    [{ dimension: 'tag', limit: '0' }, 'limit', '1 to 1000'],
    [{ dimension: 'tag', limit: '1001' }, 'limit', '1 to 1000'],
    [{ dimension: 'tag', limit: 'x' }, 'limit', '1 to 1000'],
    [{ from: 'yesterday' }, 'from', '2027-01-15'],
    [{ from: '2027-02-31' }, 'from', '2027-01-15'],
    [{ to: '2027-01-01T10:00:00+01:00' }, 'to', '2027-01-15'],
    [{ to: '1969-01-01' }, 'to', '2027-01-15'],
    [{ from: '2027-01-02', to: '2027-01-02' }, 'to', 'behind from'],
    [{ from: '2028-01-02' }, 'to', 'behind from'],
    [{ by: 'hour', ...long(31 * DAY + HOUR) }, 'from', '31 days'],
    [long(367 * DAY), 'from', '366 days'],
    [{ by: 'hour', to: '2027-02-01', ...long(36 * DAY) }, 'from', 'kept for 35 days'],
  ] as [Partial<StatsWords>, StatsWord, string][])('%p: %s', (words, path, says) => {
    const asked = readStatsAsk(wordsOf(words), NOW)
    expect(asked.ok ? null : asked.error.path).toBe(path)
    expect(asked.ok ? '' : asked.error.message).toContain(says)
  })
})
