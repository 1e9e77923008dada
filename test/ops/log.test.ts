import { describe, expect, test } from 'bun:test'
import { gathered, type LogLevel, openLog } from '../../src/ops/log.ts'

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

describe.each(['json', 'logfmt'] as const)('%s for the journal', (format) => {
  test('each line begins with its priority', () => {
    const lines: string[] = []
    const log = openLog({
      level: 'debug',
      format,
      journal: true,
      now: () => 0,
      sink: { write: (line) => void lines.push(line) },
    })
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]('x')
    expect(lines.map((line) => line.slice(0, 3))).toEqual(['<7>', '<6>', '<4>', '<3>'])
    if (format === 'json') expect(JSON.parse(lines[2]?.slice(3) ?? '')).toMatchObject({ level: 'warn' })
  })
})

describe('lines of one turn', () => {
  function sink() {
    const written: string[] = []
    const waiting: (() => void)[] = []
    const gathering = gathered(
      (text) => void written.push(text),
      (then) => void waiting.push(then),
    )
    const turn = (): void => {
      for (const then of waiting.splice(0)) then()
    }
    return { gathering, turn, written }
  }

  test('leave together, and nothing is written where nothing was said', () => {
    const { gathering, turn, written } = sink()
    gathering.write('a\n', false)
    gathering.write('b\n', false)
    expect(written).toEqual([])
    turn()
    turn()
    expect(written).toEqual(['a\nb\n'])
    gathering.write('c\n', false)
    turn()
    expect(written).toEqual(['a\nb\n', 'c\n'])
  })

  test('an urgent one takes those before it along, at once', () => {
    const { gathering, turn, written } = sink()
    gathering.write('a\n', false)
    gathering.write('b\n', true)
    expect(written).toEqual(['a\nb\n'])
    turn()
    expect(written).toHaveLength(1)
  })

  test('many do not pile up', () => {
    const { gathering, written } = sink()
    for (let n = 0; n < 100; n += 1) gathering.write(`${'x'.repeat(999)}\n`, false)
    expect(written).toHaveLength(1)
  })
})
