import { expect, test } from 'bun:test'
import { findPlaces, placeOf } from '../../src/config/places.ts'

const TOML = `# a comment with [brackets] = 1
top = 1
[server] # [not.this]
hostname = "a" # hostname = 2
  roles = [ "api", # one
    "delivery" ]
text = """
[no.table]
no_key = 1
"""
'quoted key' = 'it''s'
after.dotted = true

[delivery.timeouts]
connect = "1s"

[[relay]]
host = "one"
[[relay]]
host = "two"
  [relay.inner]
  deep = 1
`

test.each([
  ['top', 2, 1],
  ['server', 3, 2],
  ['server.hostname', 4, 1],
  ['server.roles', 5, 3],
  ['server.text', 7, 1],
  ['server.quoted key', 11, 1],
  ['server.after.dotted', 12, 1],
  ['delivery.timeouts', 14, 2],
  ['delivery.timeouts.connect', 15, 1],
  ['relay.0.host', 18, 1],
  ['relay.1', 19, 3],
  ['relay.1.host', 20, 1],
  ['relay.1.inner.deep', 22, 3],
] as const)('%s stands on line %i, column %i', (key, line, column) => {
  expect(findPlaces(TOML).get(key)).toMatchObject({ line, column })
})

test('what stands in strings and comments is no key', () => {
  const places = findPlaces(TOML)
  for (const key of ['no.table', 'server.no_key', 'not.this']) expect(places.has(key)).toBe(false)
})

test('a key without a place of its own is looked for at its table', () => {
  const places = findPlaces('[server]\nhostname = "a"\n')
  expect(placeOf(places, 'server.data_dir')).toMatchObject({ line: 1 })
  expect(placeOf(places, 'nowhere.at.all')).toBeNull()
})

test('Windows line ends count as one', () => {
  expect(findPlaces('[a]\r\nb = 1\r\nc = 2\r\n').get('a.c')).toMatchObject({ line: 3, column: 1 })
})

test.each(['', '[', '[[', '"', "'''", 'a', 'a = [', 'a = """', '= 1', ']'])('broken text %p ends', (text) => {
  expect(findPlaces(text)).toBeInstanceOf(Map)
})
