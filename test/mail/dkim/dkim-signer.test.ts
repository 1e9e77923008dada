import { describe, expect, test } from 'bun:test'
import { DKIMSign } from 'dkim-signer'
import { bothKeys, type Parts, signed, verdicts } from '../../support/dkim.ts'
import { HARD, PLAIN } from '../../support/dkim-corpus.ts'

// docs/decisions/0001-own-dkim-signer.md in the form of a test: ours beside the npm package dkim-signer.

const keys = await bothKeys()
const rsa = keys.filter((key) => key.text.algorithm === 'rsa-sha256')

/** The package takes the message whole; bytes become text inside it, which is one of its troubles. */
function byPackage(message: Parts): Buffer {
  const whole = Buffer.concat([message.header, Buffer.from('\r\n'), message.body])
  const [key] = rsa
  if (!key) throw new Error('no RSA key')
  const { selector, privateKey, domain } = key.text
  const field = DKIMSign(whole, { domainName: domain, keySelector: selector, privateKey })
  return Buffer.concat([Buffer.from(`${field}\r\n`), whole])
}

describe('what both can sign', () => {
  test.each(PLAIN.map(({ name, message }) => [name, message] as const))('%s', async (_name, message) => {
    expect(await verdicts(byPackage(message), keys)).toEqual(['pass'])
    expect(await verdicts(signed(message, keys), keys)).toEqual(['pass', 'pass'])
  })
})

describe('what only ours can sign', () => {
  test.each(HARD.map(({ name, message }) => [name, message] as const))('%s', async (_name, message) => {
    expect(await verdicts(byPackage(message), keys)).not.toContain('pass')
    expect(await verdicts(signed(message, keys), keys)).toEqual(['pass', 'pass'])
  })
})

describe('what the package’s signature leaves open and ours does not', () => {
  const message = PLAIN[0]?.message
  if (!message) throw new Error('no sample')
  test.each([
    ['Date changed', (text: string) => text.replace('\r\nDate: Fri', '\r\nDate: Sat')],
    ['Message-ID changed', (text: string) => text.replace('\r\nMessage-ID: <1', '\r\nMessage-ID: <2')],
    ['one-click changed', (text: string) => text.replace('Post: List-Uns', 'Post: List-uns')],
    ['a second Subject in front', (text: string) => `Subject: Urgent\r\n${text}`],
  ])('%s', async (_name, change) => {
    const after = (whole: Buffer): Buffer => Buffer.from(change(whole.toString('latin1')), 'latin1')
    expect(await verdicts(after(byPackage(message)), keys)).toEqual(['pass'])
    expect(await verdicts(after(signed(message, keys)), keys)).not.toContain('pass')
  })
})
