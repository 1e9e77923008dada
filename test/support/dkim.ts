//
// Owns: keys, messages and an independent verifier for tests of signatures.

import { dkimVerify } from 'mailauth/lib/dkim/verify'
import type { DkimAlgorithm } from '../../src/core/account.ts'
import { type Domain, parseDomain } from '../../src/core/address.ts'
import { generateKey, type PreparedKey, type PrivateKeyText, prepareKey } from '../../src/mail/dkim/key.ts'
import { signMessage } from '../../src/mail/dkim/sign.ts'

export const domain = (name: string): Domain => {
  const parsed = parseDomain(name)
  if (!parsed.ok) throw new Error(`${name}: ${parsed.error}`)
  return parsed.value
}

export interface PublishedKey {
  readonly text: PrivateKeyText
  readonly prepared: PreparedKey
  /** The TXT record as verifiers find it. */
  readonly name: string
  readonly record: string
}

export async function publishedKey(
  algorithm: DkimAlgorithm,
  selector: string,
  at = 'example.com',
): Promise<PublishedKey> {
  const { privateKey, publicKey } = await generateKey(algorithm)
  const text = { domain: domain(at), selector, algorithm, privateKey }
  const kind = algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'
  return {
    text,
    prepared: prepareKey(text),
    name: `${selector}._domainkey.${at}`,
    record: `v=DKIM1; k=${kind}; p=${publicKey}`,
  }
}

export const bothKeys = (): Promise<readonly PublishedKey[]> =>
  Promise.all([publishedKey('rsa-sha256', 'mw1r'), publishedKey('ed25519-sha256', 'mw1e')])

/** 2026-01-02T03:04:05Z */
export const SIGNED_AT = 1_767_323_045_000

/** The fields of a usual message, and some that are not covered. */
export const HEADER: readonly string[] = [
  'Received: from a (b [192.0.2.1]) by mail.example.com; Fri, 2 Jan 2026 03:04:05 +0000',
  'From: Ann <ann@example.com>',
  'To: Bob <bob@example.net>,',
  '\tCarl <carl@example.net>',
  'Cc: d@example.net',
  'Subject:   A   subject \t with  space  ',
  'Date: Fri, 2 Jan 2026 03:04:05 +0000',
  'Reply-To: help@example.com',
  'Message-ID: <1@example.com>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  'List-Unsubscribe: <https://example.com/u>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  'Feedback-ID: 1:2:3:mailwok',
  'X-Other: not covered',
]

export interface Parts {
  readonly header: Buffer
  readonly body: Buffer
}

export const parts = (header: string | readonly string[], body: string | Uint8Array): Parts => ({
  header: Buffer.from(typeof header === 'string' ? header : header.map((line) => `${line}\r\n`).join('')),
  body: Buffer.from(body),
})

export const signed = (message: Parts, keys: readonly PublishedKey[], at = SIGNED_AT): Buffer =>
  Buffer.concat([
    Buffer.from(signMessage({ ...message, keys: keys.map((key) => key.prepared), at }), 'latin1'),
    message.header,
    Buffer.from('\r\n'),
    message.body,
  ])

/** What mailauth says of each signature, in the order of the header: `pass`, `fail`, … */
export async function verdicts(
  message: Buffer,
  keys: readonly PublishedKey[],
  at = SIGNED_AT + 60_000,
): Promise<readonly string[]> {
  const resolver = async (name: string): Promise<string[][]> => {
    const key = keys.find((each) => each.name === name)
    if (key) return [[key.record]]
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  }
  const { results } = await dkimVerify(message, { resolver, curTime: new Date(at) })
  return results.map((each) => each.status.result)
}
