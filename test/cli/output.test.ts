import { describe, expect, test } from 'bun:test'
import { Writable } from 'node:stream'
import { listing, openOutput } from '../../cli/output.ts'

function streams(isTTY: boolean) {
  const texts = { out: '', err: '' }
  const stream = (name: 'out' | 'err') =>
    Object.assign(
      new Writable({
        write(chunk, _, done) {
          texts[name] += chunk
          done()
        },
      }),
      { isTTY },
    )
  return { texts, stdout: stream('out'), stderr: stream('err') }
}

const ROWS = [
  { id: 'a', note: null, verified: true, missing: ['x', 'y'] },
  { id: 'bb', note: 'two\nlines\u001b[2J', verified: false, missing: [] },
]

describe('a list', () => {
  test('is a table on a terminal, and what strangers wrote does not steer it', async () => {
    const to = streams(true)
    const out = openOutput(to, false)
    out.rows(ROWS, ['id', 'note', 'verified', 'missing'])
    await out.flush()
    expect(to.texts.out).toBe(
      'ID  NOTE           VERIFIED  MISSING\na   –              yes       x, y\nbb  two lines\ufffd[2J  no        –\n',
    )
  })

  test.each([
    ['with --json', true, true],
    ['without a terminal', false, false],
  ])('is JSON %s', async (_, isTTY, wantsJson) => {
    const to = streams(isTTY)
    const out = openOutput(to, wantsJson)
    out.rows(ROWS, ['id'])
    await out.flush()
    expect(JSON.parse(to.texts.out)).toEqual(ROWS)
  })

  test('that is empty says so', async () => {
    const to = streams(true)
    const out = openOutput(to, false)
    out.rows([] as { id: string }[], ['id'])
    await out.flush()
    expect(to.texts.out).toBe('(none)\n')
  })
})

test.each([
  ['exists', 1],
  ['not_found', 1],
  ['storage_full', 1],
  ['usage', 2],
  ['invalid_id', 2],
  ['invalid_domain', 2],
  ['invalid_stream', 2],
  ['validation_failed', 2],
] as const)('%s ends with %i', (code, exit) => {
  expect(openOutput(streams(false), false).fail({ code, message: 'no' })).toBe(exit)
})

test('a fault is a sentence, or one object with --json, always on stderr', async () => {
  const plain = streams(false)
  expect(openOutput(plain, false).fail({ code: 'exists', message: 'it is there' })).toBe(1)
  expect(plain.texts).toEqual({ out: '', err: 'mailwok: it is there\n' })
  const json = streams(true)
  expect(openOutput(json, true).fail({ code: 'exists', message: 'it is there' }, 3)).toBe(3)
  expect(JSON.parse(json.texts.err)).toEqual({ error: { code: 'exists', message: 'it is there' } })
})

test('notes are for people alone', async () => {
  for (const [isTTY, wantsJson, want] of [
    [true, false, 'keep it\n'],
    [true, true, ''],
    [false, false, ''],
  ] as const) {
    const to = streams(isTTY)
    openOutput(to, wantsJson).note('keep it')
    expect(to.texts.err).toBe(want)
  }
})

test('a listing lines its values up', () => {
  expect(
    listing([
      ['id', 'x'],
      ['longer', null],
    ]),
  ).toBe('id      x\nlonger  –')
})

test('octets of others reach a file as they are, and do not steer a terminal', async () => {
  const octets = Buffer.from('Subject: x\u001b[2J\r\n\r\n\tGr\u00fc\u00dfe \u202eevil\r\n', 'utf8')
  const [file, terminal] = [streams(false), streams(true)]
  for (const to of [file, terminal]) {
    const out = openOutput(to, false)
    out.source(octets)
    await out.flush()
  }
  expect(file.texts.out).toBe(octets.toString('utf8'))
  expect(terminal.texts.out).toBe('Subject: x\ufffd[2J\n\n\tGr\u00fc\u00dfe \ufffdevil\n')
})
