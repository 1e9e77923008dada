import { describe, expect, test } from 'bun:test'
import { type LogLevel, openLog } from '../../src/ops/log.ts'

function logInto(format: 'json' | 'logfmt', level: LogLevel = 'debug') {
  const lines: string[] = []
  const log = openLog({
    level,
    format,
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    sink: { write: (line) => void lines.push(line) },
  })
  return { log, lines }
}

test('JSON: one object a line, with level, time and fields', () => {
  const { log, lines } = logInto('json')
  log.warn('peer hung up', { mx: 'mx.example', tries: 3, last: null })
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'warn',
      time: '2026-01-02T03:04:05.006Z',
      mx: 'mx.example',
      tries: 3,
      last: null,
      what: 'peer hung up',
    },
  ])
  expect(lines[0]).toEndWith('\n')
})

test('logfmt: what a person reads', () => {
  const { log, lines } = logInto('logfmt')
  log.info('accepted', { id: 'msg_1', note: 'two words', empty: '', left: undefined, ok: true })
  expect(lines).toEqual([
    '2026-01-02T03:04:05.006Z info  accepted id=msg_1 note="two words" empty="" ok=true\n',
  ])
})

describe.each(['json', 'logfmt'] as const)('%s', (format) => {
  test('what a stranger wrote stays on its line', () => {
    const { log, lines } = logInto(format)
    log.error('refused', { said: 'a\r\nlevel=info forged\u001b[2J\u0085\u2028b' })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028]/u)
  })

  test.each([
    ['debug', 4],
    ['info', 3],
    ['warn', 2],
    ['error', 1],
  ] as const)('at level %s %i of four lines are written', (level, count) => {
    const { log, lines } = logInto(format, level)
    log.debug('a')
    log.info('b')
    log.warn('c')
    log.error('d')
    expect(lines).toHaveLength(count)
  })
})
