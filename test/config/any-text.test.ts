//
// Whatever stands in a file or a variable, reading it ends in a configuration or in faults, never in an exception.

import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { parse } from 'smol-toml'
import { formatFault } from '../../src/config/faults.ts'
import { loadConfig } from '../../src/config/load.ts'
import { findPlaces } from '../../src/config/places.ts'
import { parseDuration, parseListener, parseNetwork, parseSize } from '../../src/config/units.ts'

const folder = mkdtempSync(join(tmpdir(), 'mailwok-any-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Pieces that TOML is made of: random letters alone would never get past the first line. */
const piece = fc.constantFrom(
  ...[
    '[server]',
    '[[relay]]',
    '[plans.x]',
    'hostname',
    'port',
    '=',
    '"a"',
    "'b'",
    '"""',
    "'''",
    '\n',
    ' ',
    '.',
    '#',
    '1',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    ',',
    'true',
    '\\',
    '"',
    '__FILE',
    '[api]',
    'http',
    '"127.0.0.1:1"',
    '\r\n',
    '\u0000',
    'é',
  ],
)
const anyToml = fc.oneof(
  fc.string(),
  fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
)

test('any text is a configuration or has faults that can be told', () => {
  const file = join(folder, 'mailwok.toml')
  fc.assert(
    fc.property(anyToml, (text) => {
      writeFileSync(file, text)
      const loaded = loadConfig({ file, flags: new Map() }, {})
      if (!loaded.ok) expect(loaded.error.map(formatFault).join('\n')).toContain('mailwok.toml')
    }),
    { numRuns: 400 },
  )
})

test('every key of a table that TOML understands has a place', () => {
  fc.assert(
    fc.property(anyToml, (text) => {
      const places = findPlaces(text)
      let table: Record<string, unknown>
      try {
        table = parse(text)
      } catch {
        return
      }
      for (const key of Object.keys(table)) {
        if (/^[A-Za-z0-9_-]+$/.test(key))
          expect([...places.keys()].some((it) => it.split('.')[0] === key)).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
})

test('any value of a variable is taken or refused', () => {
  const names = [
    'API__HTTP',
    'DELIVERY__WORKERS',
    'SERVER__ROLES',
    'PLANS__FREE__MAIL_PER_SECOND',
    'TLS__HOSTS',
  ]
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.string(), (name, text) => {
      loadConfig({ file: '/dev/null', flags: new Map() }, { [`MAILWOK_${name}`]: text })
    }),
    { numRuns: 400 },
  )
})

test('any text is a unit or null', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (text) => {
      for (const read of [parseDuration, parseSize, parseListener, parseNetwork]) read(text)
    }),
  )
})
