//
// Owns: submitted messages for tests of tracking, octet by octet, and what must be true of each that comes out.

import { expect } from 'bun:test'
import { readLetter } from '../../src/mail/mime/letter.ts'
import { scanMessage } from '../../src/mail/mime/scan.ts'
import { compileSubmitted, fillMessage } from '../../src/mail/tracking/submitted.ts'
import { DELIVERY, EVERYTHING, TRACKING_KEY } from './tracked.ts'

export const LINK = 'https://example.com/?a=1'
export const CLICKS = { ...EVERYTHING, opens: false }

export const lines = (...text: string[]): string => text.map((line) => `${line}\r\n`).join('')
export const octets = (text: string): Buffer => Buffer.from(text, 'latin1')

/** `body` in latin1: each character is an octet. */
export function page(charset: string, encoding: string, body: string): Buffer {
  const type = charset === '' ? 'text/html' : `text/html; charset=${charset}`
  const fields = ['From: a@example.com', 'MIME-Version: 1.0', `Content-Type: ${type}`]
  if (encoding !== '') fields.push(`Content-Transfer-Encoding: ${encoding}`)
  return octets(`${lines(...fields)}\r\n${body}`)
}

export function track(message: Buffer, wish = EVERYTHING): Buffer {
  const compiled = compileSubmitted(message, wish)
  if (!compiled.ok) throw new Error(compiled.error)
  const filled = fillMessage(compiled.value, DELIVERY, TRACKING_KEY)
  expect(scanMessage(filled).ok).toBe(true)
  return filled
}

export const refusalOf = (message: Buffer, wish = EVERYTHING): string => {
  const compiled = compileSubmitted(message, wish)
  return compiled.ok ? 'tracked' : compiled.error
}

/** What a program for reading mail makes of it; the second opinion on charsets and encodings. */
export const htmlOf = async (message: Buffer): Promise<string> => (await readLetter(message)).html ?? ''

/** All that stands before and after the one link is octet for octet what it was. */
export function expectOnlyLinkChanged(before: Buffer, after: Buffer, rawLink: string): void {
  const text = before.toString('latin1')
  const at = text.indexOf(rawLink)
  expect(at).toBeGreaterThan(0)
  const got = after.toString('latin1')
  expect(got.slice(0, at)).toBe(text.slice(0, at))
  const rest = text.slice(at + rawLink.length)
  expect(got.slice(-rest.length)).toBe(rest)
}
