//
// Owns: throw-away certification authorities for tests and what they issue: good, expired, for other names, in chains.
// DER by hand (RFC 5280), ECDSA P-256.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { TestCertificate } from './certificate.ts'

export interface Issued extends TestCertificate {
  /** The end entity alone; `cert` holds what a server presents, the chain without its root. */
  readonly der: Buffer
  readonly publicKey: Buffer
}

export interface Wanted {
  readonly names: readonly string[]
  readonly expired?: boolean
  /** UTCTime, such as 270101000000Z. */
  readonly until?: string
}

export interface Authority {
  /** PEM, as a client that trusts it is given. */
  readonly cert: string
  readonly der: Buffer
  readonly publicKey: Buffer
  issue(wanted: Wanted): Issued
  /** A further authority below this one. */
  below(name: string): Authority
}

export const authority = (name: string): Authority => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return made(name, pair, { name, key: pair.privateKey, presented: [] })
}

interface Issuer {
  readonly name: string
  readonly key: KeyObject
  /** What stands between it and the root, itself included. */
  readonly presented: readonly Buffer[]
}

function made(name: string, pair: KeyPair, issuer: Issuer): Authority {
  const root = issuer.presented.length === 0 && issuer.name === name
  const der = certificate({ subject: name, pair, issuer, until: FAR, extensions: [IS_CA] })
  const self: Issuer = { name, key: pair.privateKey, presented: root ? [] : [der, ...issuer.presented] }
  return {
    cert: pem(der),
    der,
    publicKey: spki(pair),
    issue({ names, expired, until: wanted }) {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const until = wanted ?? (expired ? PAST : FAR)
      const extensions = [alternativeNames(names)]
      const leaf = certificate({ subject: names[0] ?? 'x', pair: own, issuer: self, until, extensions })
      return {
        key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }),
        cert: [leaf, ...self.presented].map(pem).join(''),
        der: leaf,
        publicKey: spki(own),
      }
    },
    below: (lower) => made(lower, generateKeyPairSync('ec', { namedCurve: 'P-256' }), self),
  }
}

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const FAR = '491231235959Z'
const PAST = '210101000000Z'
const spki = (pair: KeyPair): Buffer => pair.publicKey.export({ type: 'spki', format: 'der' })

let serial = 1

function certificate(of: {
  readonly subject: string
  readonly pair: KeyPair
  readonly issuer: Issuer
  readonly until: string
  readonly extensions: readonly Buffer[]
}): Buffer {
  serial += 1
  const ecdsaWithSha256 = der(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, serial >> 8, serial & 255])),
    ecdsaWithSha256,
    commonName(of.issuer.name),
    der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from(of.until))),
    commonName(of.subject),
    spki(of.pair),
    der(0xa3, der(0x30, ...of.extensions)),
  )
  const signature = sign('sha256', toBeSigned, of.issuer.key)
  return der(0x30, toBeSigned, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
}

const commonName = (name: string): Buffer =>
  der(0x30, der(0x31, der(0x30, oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(name)))))

/** Basic constraints, critical: an authority (RFC 5280 §4.2.1.9). */
const IS_CA = der(
  0x30,
  oid(0x55, 0x1d, 0x13),
  der(0x01, Buffer.from([255])),
  der(0x04, der(0x30, der(0x01, Buffer.from([255])))),
)

const alternativeNames = (names: readonly string[]): Buffer =>
  der(0x30, oid(0x55, 0x1d, 0x11), der(0x04, der(0x30, ...names.map((name) => der(0x82, Buffer.from(name))))))

const pem = (certificate: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`

function oid(...octets: number[]): Buffer {
  return der(0x06, Buffer.from(octets))
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const head =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), body])
}
