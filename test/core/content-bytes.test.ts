import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { ComposedParts, MergedParts } from '../../src/core/content.ts'
import { bytesOfParts, partsOfBytes } from '../../src/core/content-bytes.ts'

const text = fc.string({ unit: 'grapheme' })
const attachment = fc.record({
  filename: text,
  contentType: text,
  contentId: fc.option(text),
  base64: fc.base64String(),
})
const composed: fc.Arbitrary<ComposedParts> = fc.record({
  header: text,
  text: fc.option(text),
  html: fc.option(text),
  attachments: fc.array(attachment, { maxLength: 3 }),
})
const merged: fc.Arbitrary<MergedParts> = fc
  .tuple(composed, fc.option(text))
  .map(([parts, wayOut]) => ({ ...parts, wayOut }))

test('what was written is read again, whatever it holds', () => {
  fc.assert(
    fc.property(composed, (parts) => expect(partsOfBytes<ComposedParts>(bytesOfParts(parts))).toEqual(parts)),
  )
  fc.assert(
    fc.property(merged, (parts) => expect(partsOfBytes<MergedParts>(bytesOfParts(parts))).toEqual(parts)),
  )
})

test('an empty part is another thing than none', () => {
  const parts: ComposedParts = { header: '', text: '', html: null, attachments: [] }
  expect(partsOfBytes<ComposedParts>(bytesOfParts(parts))).toEqual(parts)
  const other: ComposedParts = { ...parts, text: null, html: '' }
  expect(partsOfBytes<ComposedParts>(bytesOfParts(other))).toEqual(other)
})

test('bytes may lie anywhere in memory', () => {
  const parts: ComposedParts = { header: 'Subject: é\r\n', text: 'Grüße', html: '<p>😀</p>', attachments: [] }
  const bytes = bytesOfParts(parts)
  const memory = new Uint8Array(bytes.length + 7)
  memory.set(bytes, 5)
  expect(partsOfBytes<ComposedParts>(memory.subarray(5, 5 + bytes.length))).toEqual(parts)
})

test('contents that an earlier build has written are still read', () => {
  const parts: ComposedParts = { header: 'Subject: a\r\n', text: 'Grüße', html: null, attachments: [] }
  expect(partsOfBytes<ComposedParts>(Buffer.from(JSON.stringify(parts)))).toEqual(parts)
})
