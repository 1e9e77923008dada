//
// Owns: one-time codes (TOTP, RFC 6238) and codes for when the telephone is lost. Pure but for chance.
// Decision 0018 says why it is so.

import { hash, randomInt } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { Milliseconds } from '../../core/time.ts'

const PERIOD_SECONDS = 30
const DIGITS = 6
/** RFC 6238 §5.2: a telephone's clock may be one step off, and people need time to type. */
const STEPS_OFF = 1
const SECRET_OCTETS = 20
const RECOVERY_CODES = 10
/** Without letters that look like digits. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

export const newCodeSecret = (): Uint8Array => new Secret({ size: SECRET_OCTETS }).bytes

export interface CodeLabel {
  /** Whose it is, such as the address. */
  readonly label: string
  /** Where it is for. */
  readonly issuer: string
}

const totp = (secret: Uint8Array, { label, issuer }: CodeLabel = { label: '', issuer: '' }): TOTP =>
  new TOTP({
    secret: new Secret({ buffer: Uint8Array.from(secret).buffer }),
    algorithm: 'SHA1',
    digits: DIGITS,
    period: PERIOD_SECONDS,
    label,
    issuer,
  })

/** What authenticator programs read, also as a QR code. */
export const codeUri = (secret: Uint8Array, label: CodeLabel): string => totp(secret, label).toString()

export const inBase32 = (secret: Uint8Array): string =>
  new Secret({ buffer: Uint8Array.from(secret).buffer }).base32

/** The step that the code is of, where it is one of the three that are good now. */
export function stepOf(secret: Uint8Array, code: string, now: Milliseconds): number | null {
  const digits = code.replaceAll(/\s/g, '')
  if (!/^\d{6}$/.test(digits)) return null
  const off = totp(secret).validate({ token: digits, timestamp: now, window: STEPS_OFF })
  return off === null ? null : Math.floor(now / 1000 / PERIOD_SECONDS) + off
}

/** Each works once, in place of a code. */
export const newRecoveryCodes = (): readonly string[] =>
  Array.from({ length: RECOVERY_CODES }, () => `${letters(5)}-${letters(5)}`)

const letters = (count: number): string =>
  Array.from({ length: count }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('')

/** 49 bits of chance, guessed under the brake of logins: SHA-256 is enough. */
export const recoveryHash = (code: string): string =>
  hash('sha256', `recovery ${code.toLowerCase().replaceAll(/[^a-z0-9]/g, '')}`, 'hex')
