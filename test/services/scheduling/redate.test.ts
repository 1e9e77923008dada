import { expect, test } from 'bun:test'
import type { ComposedParts, Fill } from '../../../src/core/content.ts'
import { partsOfBytes } from '../../../src/core/content-bytes.ts'
import { idsFor } from '../../../src/core/ids.ts'
import { redated } from '../../../src/services/scheduling/redate.ts'
import { encodeContent } from '../../../src/services/submission/content.ts'

const ids = idsFor('0', () => 0)
const AT = Date.UTC(2027, 0, 15, 9)
const DATED = 'Date: Fri, 15 Jan 2027 09:00:00 +0000'
const OLD = 'Date: Mon, 23 Nov 2026 05:07:27 +0000'
const facts = { fill: undefined, at: AT, contentId: () => ids.content() }
const linesOf = (text: string) => text.split('\r\n')

test('of what we compose one line changes', () => {
  const parts: ComposedParts = {
    header: `From: a@b.cc\r\nSubject: =?utf-8?q?=E2=9C=93?=\r\n ${OLD}\r\n${OLD}\r\nX-Note: ${OLD}\r\n`,
    text: `${OLD}\r\n`,
    html: null,
    attachments: [{ filename: 'a', contentType: 'text/plain', contentId: null, base64: 'YQ==' }],
  }
  const content = encodeContent({ kind: 'composed', parts }, ids.content())
  const { content: made, fill } = redated(content, facts)
  expect(fill).toBeNull()
  expect(made?.id).not.toBe(content.id)
  const kept = partsOfBytes<ComposedParts>(made?.bytes ?? new Uint8Array())
  expect({ ...kept, header: '' }).toEqual({ ...parts, header: '' })
  expect(linesOf(kept.header)).toEqual(linesOf(parts.header).map((line, at) => (at === 3 ? DATED : line)))
})

test('of mail that shares a content its own fields change', () => {
  const parts = { header: 'X: y\r\n', html: null, text: 'x', wayOut: null, attachments: [] }
  const content = encodeContent({ kind: 'merged', parts }, ids.content())
  const own: Fill = { header: `To: a@b.cc\r\n${OLD}\r\n`, data: { date: OLD } }
  const made = redated(content, { ...facts, fill: JSON.stringify(own) })
  expect(made.content).toBeNull()
  expect(JSON.parse(made.fill ?? '')).toEqual({ ...own, header: `To: a@b.cc\r\n${DATED}\r\n` })
  expect(redated(content, facts)).toEqual({ content: null, fill: null })
})

test('of submitted octets the field alone changes, and nothing that is signed', () => {
  const body = `${OLD}\r\n\x80\xff\r\n`
  const bytes = Buffer.from(`From: a@b.cc\r\n${OLD}\r\nSubject: x\r\n\r\n${body}`, 'latin1')
  const content = encodeContent({ kind: 'submitted', bytes }, ids.content())
  const made = redated(content, facts).content
  expect(Buffer.from(made?.bytes ?? []).toString('latin1')).toBe(
    `${DATED}\r\nFrom: a@b.cc\r\nSubject: x\r\n\r\n${body}`,
  )
  const signed = Buffer.concat([Buffer.from('DKIM-Signature: v=1\r\n'), bytes])
  const kept = encodeContent({ kind: 'submitted', bytes: signed }, ids.content())
  expect(redated(kept, facts)).toEqual({ content: null, fill: null })
})
