import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { generateKeyPairSync } from 'node:crypto'
import { HOUR } from '../../../../src/core/time.ts'
import { AUTHORIZED, type Lab, startLab } from '../../../support/appliance.ts'
import { publish } from '../../../support/domains.ts'

type Json = Readonly<Record<string, unknown>>
interface Rec extends Json {
  readonly type: string
  readonly name: string
  readonly value: string
  readonly strings: readonly string[]
  readonly state: string
  readonly required: boolean
}
interface Answer extends Json {
  readonly domain: Json & { readonly name: string; readonly status: string }
  readonly records: readonly Rec[]
  readonly checks: readonly (Json & { readonly check: string; readonly state: string })[]
  readonly data: readonly (Json & { readonly name: string })[]
  readonly keys: readonly (Json & { readonly selector: string; readonly state: string })[]
  readonly waits_for: readonly Rec[]
  readonly error?: { readonly code: string; readonly message: string; readonly fields?: readonly Json[] }
}

let lab: Lab

const call = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = AUTHORIZED,
) => {
  const answer = await lab.fetch(`/v1/domains${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Answer }
}
const refusal = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = AUTHORIZED,
) => {
  const { status, body: said } = await call(method, path, body, headers)
  return [status, said.error?.code, said.error?.fields?.[0]?.['path']]
}
const add = async (name: string, more: Json = {}) => {
  const { status, body } = await call('POST', '', { name, ...more })
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}

beforeAll(async () => {
  lab = await startLab()
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
})

describe('keys', () => {
  test('change when the next ones were seen for an hour, and never before', async () => {
    const { records } = await add('turn.example')
    publish(lab.dns, records)
    await call('POST', '/turn.example/verify')
    const early = await call('POST', '/turn.example/dkim/rotate')
    expect(early.body).toMatchObject({ rotated: false })
    expect(early.body.waits_for.map(({ name }) => name)).toEqual([
      'mw2r._domainkey.turn.example',
      'mw2e._domainkey.turn.example',
    ])
    await lab.advance(HOUR)
    const { body } = await call('POST', '/turn.example/dkim/rotate')
    expect(body).toMatchObject({ rotated: true, waits_for: [] })
    expect(body.keys.map(({ selector, state }) => `${selector} ${state}`).sort()).toEqual([
      'mw1e retired',
      'mw1r retired',
      'mw2e active',
      'mw2r active',
      'mw3e next',
      'mw3r next',
    ])
    const { body: after } = await call('GET', '/turn.example/dns')
    // Mail on the way is proven by the key before: its record is still asked for.
    expect(after.records.filter(({ required }) => required).map(({ name }) => name)).toEqual([
      'mw2r._domainkey.turn.example',
      'mw2e._domainkey.turn.example',
      'bounce.turn.example',
      'bounce.turn.example',
    ])
    expect(after.domain.status).toBe('verified')
    expect((await call('GET', '/turn.example/dkim')).body.data).toHaveLength(6)
  })

  const pem = (bits = 2048, type: 'pkcs1' | 'pkcs8' = 'pkcs8') => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits })
    return {
      text: privateKey.export({ type, format: 'pem' }).toString(),
      p: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    }
  }
  const strings = (text: string) => text.match(/.{1,200}/g) ?? []

  test('that have signed elsewhere go on where their record is published', async () => {
    const old = pem(2048, 'pkcs1')
    lab.dns.set('s1._domainkey.moved.example', { TXT: [strings(`v=DKIM1; k=rsa; p=${old.p}`)] })
    const { records } = await add('moved.example', { dkim: [{ selector: 'S1', private_key: old.text }] })
    expect(records[0]?.name).toBe('s1._domainkey.moved.example')
    const { body } = await call('GET', '/moved.example/dkim')
    expect(body.data.map((key) => `${key['selector']} ${key['state']} ${key['origin']}`).sort()).toEqual([
      'mw1e active made',
      'mw1r next made',
      'mw2e next made',
      's1 active imported',
    ])
    expect(JSON.stringify(body)).not.toContain('PRIVATE')
  })

  test('that do not fit what is published, or are too short, are refused', async () => {
    await add('wrong.example')
    const other = pem()
    lab.dns.set('s1._domainkey.wrong.example', { TXT: [strings(`v=DKIM1; k=rsa; p=${other.p}`)] })
    const bring = (private_key: string, selector = 's1') =>
      call('POST', '/wrong.example/dkim/import', { selector, private_key })
    const mismatch = await bring(pem().text)
    expect([mismatch.status, mismatch.body.error?.message]).toEqual([
      422,
      expect.stringContaining('does not fit what is published'),
    ])
    const short = await bring(pem(1024).text, 's2')
    expect([short.status, short.body.error?.message]).toEqual([
      422,
      expect.stringContaining('less than 2048 bits'),
    ])
    expect((await bring(other.text)).status).toBe(200)
    expect(
      await refusal('POST', '/wrong.example/dkim/import', { selector: 's1', private_key: other.text }),
    ).toEqual([422, 'validation_failed', 'selector'])
    expect(
      await refusal('POST', '/wrong.example/dkim/import', { selector: 'a b', private_key: other.text }),
    ).toEqual([422, 'validation_failed', 'selector'])
  })

  test('that nobody has seen published wait for it in a domain that sends', async () => {
    const { records } = await add('wait.example')
    publish(lab.dns, records)
    await call('POST', '/wait.example/verify')
    const old = pem()
    const { body } = await call('POST', '/wait.example/dkim/import', {
      selector: 'old',
      private_key: old.text,
    })
    expect(body['key']).toMatchObject({ selector: 'old', state: 'next', origin: 'imported' })
    lab.dns.set('old._domainkey.wait.example', { TXT: [strings(`v=DKIM1; p=${old.p}`)] })
    await call('POST', '/wait.example/verify')
    await lab.advance(HOUR)
    await call('POST', '/wait.example/verify')
    const keys = (await call('GET', '/wait.example/dkim')).body.data
    expect(keys.find((key) => key['selector'] === 'old')).toMatchObject({ state: 'active' })
    expect(keys.find((key) => key['selector'] === 'mw1r')).toMatchObject({ state: 'retired' })
  })
})
