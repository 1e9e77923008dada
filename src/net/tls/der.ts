//
// Owns: the few structures of DER (X.690) that certificates and requests for them are made of, and reading them. Pure.

import ipaddr from 'ipaddr.js'

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

export const oid = (...octets: readonly number[]): Buffer => der(TAG.oid, Buffer.from(octets))

/** RFC 5758 §3.2: without parameters. */
export const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))

/** RFC 5280 §4.2.1.6: dNSName [2], iPAddress [7]. */
export const generalName = (name: string): Buffer =>
  ipaddr.isValid(name)
    ? der(0x87, Buffer.from(ipaddr.parse(name).toByteArray()))
    : der(0x82, Buffer.from(name, 'latin1'))

export const extension = (id: Buffer, value: Buffer): Buffer => sequence(id, der(TAG.octetString, value))

export const bitString = (bits: Buffer): Buffer => der(TAG.bitString, Buffer.from([0]), bits)

export function sequence(...parts: readonly Buffer[]): Buffer {
  return der(TAG.sequence, ...parts)
}

/** X.690 §8.1.3: short length below 128, else the number of octets that hold it. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body])
  if (length < 0x1_00) return Buffer.concat([Buffer.from([tag, 0x81, length]), body])
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), body])
}

export const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes
    .toString('base64')
    .replace(/.{64}/g, '$&\n')
    .trimEnd()}\n-----END ${label}-----\n`

/** One value, and where the next begins; null: it is cut off, or longer than this file reads. */
export interface DerValue {
  readonly tag: number
  readonly body: Buffer
  readonly end: number
}

export function readDer(bytes: Buffer, at = 0): DerValue | null {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) return null
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f
  // Certificates have no value of 16 MB, and the indefinite form is not DER.
  if (first === 0x80 || lengthOctets > 3) return null
  let length = first & 0x7f
  const from = at + 2 + lengthOctets
  if (lengthOctets > 0) {
    if (from > bytes.length) return null
    length = bytes.readUIntBE(at + 2, lengthOctets)
  }
  const end = from + length
  return end > bytes.length ? null : { tag, body: bytes.subarray(from, end), end }
}

/** The values inside a sequence or another constructed one; stops at what it cannot read. */
export function membersOf(body: Buffer): readonly DerValue[] {
  const members: DerValue[] = []
  for (let at = 0; at < body.length; ) {
    const member = readDer(body, at)
    if (member === null) break
    members.push(member)
    at = member.end
  }
  return members
}
