//
// Values put into a TOML text, and everything around them as it was.

import { describe, expect, test } from 'bun:test'
import { parse } from 'smol-toml'
import { type Setting, setIn, valueIn } from '../../src/config/edit.ts'
import { exampleToml } from '../../src/config/example.ts'
import { SCHEMA } from '../../src/config/schema.ts'

const put = (toml: string, ...settings: readonly (readonly [string, Setting['value']])[]) =>
  setIn(
    toml,
    settings.map(([key, value]) => ({ key, value })),
  )

describe('values are put in and the rest stays', () => {
  test.each([
    ['an empty one', 'server.a', '[server]\na = ""   # why\n', '[server]\na = "x"   # why\n'],
    ['a literal string', 'server.a', "[server]\na = '#'\n", '[server]\na = "x"\n'],
    ['a hash within', 'server.a', '[server]\na = "b # c" # d\n', '[server]\na = "x" # d\n'],
    ['dotted', 'server.a', 'server.a = 1\n', 'server.a = "x"\n'],
    ['a key more', 'server.a', '[server]\nb = 1\n\n[api]\n', '[server]\nb = 1\na = "x"\n\n[api]\n'],
    ['behind a list', 'server.a', '[server]\nb = [\n1]\n', '[server]\na = "x"\nb = [\n1]\n'],
    ['no table', 'server.a', '# hello\n', '# hello\n\n[server]\na = "x"\n'],
    ['nothing', 'server.a', '', '[server]\na = "x"\n'],
    ['no table of a list', 'relay.0.host', '', '[[relay]]\nhost = "x"\n'],
    [
      'a table of a list',
      'relay.1.a',
      '[[relay]]\na = 1\n[[relay]]\na = 1\n',
      '[[relay]]\na = 1\n[[relay]]\na = "x"\n',
    ],
  ])('%s', (_name, key, before, after) => {
    expect(put(before, [key, 'x'])).toEqual({ ok: true, value: after })
  })
})

test('several keys of one table stand in their order', () => {
  const done = put(
    '',
    ['relay.0.host', 'h'],
    ['relay.0.port', 587],
    ['tls.mode', 'acme'],
    ['tls.agreed', true],
  )
  expect(done.ok && done.value).toBe(
    '[[relay]]\nhost = "h"\nport = 587\n\n[tls]\nmode = "acme"\nagreed = true\n',
  )
})

test('whatever a value holds comes back from the file', () => {
  for (const value of ['"', '\\', "it's", 'a#b', '\u007f', 'tab\t', 'ü🐟', '$&', '$1']) {
    const done = put('[relay]\npassword = "old"  # kept\n', ['relay.password', value])
    expect(done.ok && valueIn(done.value, 'relay.password')).toBe(value)
    expect(done.ok && done.value).toEndWith('  # kept\n')
  }
})

test('the same again is the same text', () => {
  const once = put('# c\n', ['server.a', 'x'])
  expect(once.ok && put(once.value, ['server.a', 'x'])).toEqual(once)
})

test('what a person alone can change is named: an inline table, a list, a string of several lines', () => {
  expect(put('server = { a = "b" }\n', ['server.a', 'x'])).toEqual({ ok: false, error: 'server.a' })
  expect(put('[server]\na = ["b"]\n', ['server.a', 'x'])).toEqual({ ok: false, error: 'server.a' })
  expect(put('[server]\na = """\nb"""\n', ['server.a', 'x'])).toEqual({ ok: false, error: 'server.a' })
})

test('of the whole configuration with its defaults one line changes for one value', () => {
  const before = exampleToml(SCHEMA)
  const done = put(before, ['server.hostname', 'mail.example.com'], ['backup.every', '24h'])
  if (!done.ok) throw new Error(done.error)
  const lines = before.split('\n')
  const changed = done.value.split('\n').filter((line, at) => line !== lines[at])
  expect(changed.map((line) => line.split(/\s{2,}#/)[0])).toEqual([
    'hostname = "mail.example.com"',
    'every = "24h"',
  ])
  expect(parse(done.value)).toMatchObject({
    server: { hostname: 'mail.example.com' },
    backup: { every: '24h' },
  })
})
