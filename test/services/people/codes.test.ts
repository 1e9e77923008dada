import { describe, expect, test } from 'bun:test'
import {
  codeUri,
  inBase32,
  newCodeSecret,
  newRecoveryCodes,
  recoveryHash,
  stepOf,
} from '../../../src/services/people/codes.ts'

/** RFC 6238 appendix B, SHA-1, cut to six digits. */
const SECRET = Buffer.from('12345678901234567890')

describe('codes', () => {
  test.each([
    [59, '287082', 1],
    [1_111_111_109, '081804', 37_037_036],
    [1_111_111_111, '050471', 37_037_037],
    [1_234_567_890, '005924', 41_152_263],
    [2_000_000_000, '279037', 66_666_666],
  ])('at %d s it is %s', (seconds, code, step) => {
    expect(stepOf(SECRET, code, seconds * 1000)).toBe(step)
  })

  test.each([
    [0, '287082', 1],
    [29_999, '287082', 1],
    [89_999, '287082', 1],
    [90_000, '287082', null],
    [59_000, '28708', null],
    [59_000, '2870820', null],
    [59_000, '287 082', 1],
    [59_000, '２８７０８２', null],
    [59_000, '-87082', null],
    [59_000, '', null],
  ])('at %d ms %p is of step %p', (now, code, step) => {
    expect(stepOf(SECRET, code, now)).toBe(step)
  })

  test('a secret has 160 bits and is told as programs read it', () => {
    const secret = newCodeSecret()
    expect(secret.length).toBe(20)
    const uri = new URL(codeUri(secret, { label: 'a+b@example.com', issuer: 'MailWok mail.example.com' }))
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp'])
    expect(decodeURIComponent(uri.pathname)).toBe('/MailWok mail.example.com:a+b@example.com')
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'MailWok mail.example.com',
      secret: inBase32(secret),
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
  })

  test('codes that work once differ, and are the same however they are typed', () => {
    const codes = newRecoveryCodes()
    expect(new Set(codes).size).toBe(10)
    const [code = ''] = codes
    expect(code).toMatch(/^[a-z2-9]{5}-[a-z2-9]{5}$/)
    expect(recoveryHash(` ${code.toUpperCase().replace('-', ' ')} `)).toBe(recoveryHash(code))
  })
})
