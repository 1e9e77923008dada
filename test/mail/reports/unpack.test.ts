import { expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { MAX_UNPACKED_OCTETS, unpack } from '../../../src/mail/reports/unpack.ts'
import { zipOf } from '../../support/reports.ts'

const TEXT = Buffer.from('<feedback/>'.repeat(50))

test.each([
  ['plain', TEXT],
  ['gzip', gzipSync(TEXT)],
  ['zip, deflated', zipOf('r.xml', TEXT)],
  ['zip, stored', zipOf('r.xml', TEXT, true)],
])('%s', (_, packed) => {
  const unpacked = unpack(packed)
  expect(unpacked.ok && unpacked.value.toString()).toBe(TEXT.toString())
})

const bomb = Buffer.alloc(MAX_UNPACKED_OCTETS + 1)
test.each([
  ['a gzip bomb', gzipSync(bomb), 'too-large'],
  ['a zip bomb', zipOf('r.xml', bomb), 'too-large'],
  ['below the size and beyond the ratio', gzipSync(Buffer.alloc(MAX_UNPACKED_OCTETS - 1)), 'too-large'],
  ['a plain giant', Buffer.alloc(MAX_UNPACKED_OCTETS + 1, 65), 'too-large'],
  ['half a gzip', gzipSync(TEXT).subarray(0, 20), 'damaged'],
  ['half a zip', zipOf('r.xml', TEXT).subarray(0, 40), 'damaged'],
  ['a folder alone', zipOf('r/', Buffer.alloc(0)), 'no-file'],
])('%s is %s', (_, packed, want) => {
  const unpacked = unpack(packed)
  expect(unpacked.ok ? 'unpacked' : unpacked.error).toBe(want as never)
})

test('an archive with any octet changed is read or refused, and never throws', () => {
  const archive = zipOf('r.xml', TEXT)
  for (let at = 0; at < archive.length; at++) {
    const damaged = Buffer.from(archive)
    damaged[at] = (damaged[at] ?? 0) ^ 0xff
    expect(typeof unpack(damaged).ok).toBe('boolean')
  }
})
