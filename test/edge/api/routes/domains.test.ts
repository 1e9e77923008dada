import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { AUTHORIZED, type Lab, must, startLab } from '../../../support/appliance.ts'
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
let theirs: Readonly<Record<string, string>>
let testing: Readonly<Record<string, string>>

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
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  const { key } = must(await lab.admin.keyCreate({ account: 'other', name: 'k', mode: 'live' }))
  theirs = { authorization: `Bearer ${key}` }
  const tried = must(await lab.admin.keyCreate({ account: 'default', name: 't', mode: 'test' }))
  testing = { authorization: `Bearer ${tried.key}` }
})
afterAll(async () => {
  await lab[Symbol.asyncDispose]()
})

test('a domain is added with two keys of each algorithm to publish, and nobody has looked yet', async () => {
  const { domain, records, checks } = await add('One.Example')
  expect(domain).toEqual({
    name: 'one.example',
    status: 'pending',
    verified: false,
    verified_at: null,
    failing_since: null,
    checked_at: null,
    next_check_at: expect.stringMatching(/^20/),
    created_at: expect.stringMatching(/^20/),
    missing: expect.arrayContaining(['MX bounce.one.example']),
    return_path: 'bounce.one.example',
    track_opens: true,
    track_clicks: true,
    tracking_host: 'track.one.example',
    dkim_rotation: true,
  })
  expect(records.map(({ name, required, state }) => [name, required, state])).toEqual([
    ['mw1r._domainkey.one.example', true, 'unchecked'],
    ['mw1e._domainkey.one.example', true, 'unchecked'],
    ['mw2r._domainkey.one.example', false, 'unchecked'],
    ['mw2e._domainkey.one.example', false, 'unchecked'],
    ['bounce.one.example', true, 'unchecked'],
    ['bounce.one.example', true, 'unchecked'],
    ['_dmarc.one.example', false, 'unchecked'],
    ['track.one.example', false, 'unchecked'],
  ])
  expect(checks).toEqual([])
})

test('what was published is seen, said of each record, and verifies the domain', async () => {
  const { records } = await add('two.example')
  const before = await call('POST', '/two.example/verify')
  expect(before.body.records[0]).toMatchObject({
    state: 'missing',
    fix: expect.stringContaining('Publish at'),
  })
  expect(before.body.domain.status).toBe('pending')
  publish(lab.dns, records)
  const { body } = await call('POST', '/two.example/verify')
  expect(body.domain).toMatchObject({ status: 'verified', verified: true, missing: [] })
  // The lab's hosts have no addresses in its DNS; nothing else is to be said.
  expect(body.records.filter(({ state }) => state !== 'ok' && state !== 'warning')).toEqual([])
  expect(body.checks.map(({ check }) => check)).toEqual([
    'dkim',
    'dkim',
    'dkim',
    'dkim',
    'return_path_mx',
    'return_path_spf',
    'dmarc',
    'tracking',
    'spf',
    'mx',
    'mta_sts',
    'bimi',
  ])
  expect((await call('GET', '/two.example/dns')).body).toEqual(body)
})

test('records come as a zone file', async () => {
  await add('zone.example')
  const answer = await lab.fetch('/v1/domains/zone.example/dns?format=bind', { headers: AUTHORIZED })
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  const text = await answer.text()
  expect(text).toContain('bounce.zone.example. 3600 IN MX 10 ')
  expect(text).toMatch(
    /^mw1r\._domainkey\.zone\.example\. 3600 IN TXT "v=DKIM1; k=rsa; p=[^"]{200,}" "[^"]+"$/m,
  )
})

describe('a domain', () => {
  test('is changed, field by field', async () => {
    await add('three.example')
    const { body } = await call('PATCH', '/three.example', { track_opens: false, dkim_rotation: false })
    expect(body.domain).toMatchObject({ track_opens: false, track_clicks: true, dkim_rotation: false })
    const own = await call('PATCH', '/three.example', { tracking_host: 'Links.three.example' })
    expect(own.body.domain).toMatchObject({ track_opens: false, tracking_host: 'links.three.example' })
    const records = (await call('GET', '/three.example/dns')).body.records
    expect(records.map(({ name }) => name)).toContain('links.three.example')
    const usual = await call('PATCH', '/three.example', { tracking_host: null })
    expect(usual.body.domain).toMatchObject({ tracking_host: 'track.three.example' })
  })

  test('is given up, and may be added by another account with other keys', async () => {
    const { records } = await add('four.example')
    publish(lab.dns, records)
    await call('POST', '/four.example/verify')
    const { body } = await call('DELETE', '/four.example')
    expect(body).toEqual({
      success: true,
      removed: 1,
      queued_mail: expect.stringContaining('leave the DKIM records of four.example until'),
      publish_until: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    } as never)
    expect(await refusal('GET', '/four.example')).toEqual([404, 'not_found', undefined])
    expect(await refusal('DELETE', '/four.example')).toEqual([404, 'not_found', undefined])
    const again = await call('POST', '', { name: 'four.example' }, theirs)
    expect(again.status).toBe(200)
    const seen = await call('POST', '/four.example/verify', undefined, theirs)
    // The records that the account before has published are no proof for this one.
    expect(seen.body.domain.status).toBe('pending')
    expect(seen.body.records[0]?.state).toBe('wrong')
  })

  test('of another account does not exist, on any way', async () => {
    await add('five.example')
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { track_opens: false }],
      ['DELETE', '', undefined],
      ['GET', '/dns', undefined],
      ['POST', '/verify', undefined],
      ['GET', '/dkim', undefined],
      ['POST', '/dkim/rotate', undefined],
      ['POST', '/dkim/import', { selector: 's1', private_key: 'x' }],
    ] as const) {
      expect(await refusal(method, `/five.example${path}`, body, theirs)).toEqual([
        404,
        'not_found',
        undefined,
      ])
    }
    const { body } = await call('GET', '', undefined, theirs)
    expect(body.data.map(({ name }) => name)).not.toContain('five.example')
    expect(await refusal('POST', '', { name: 'five.example' }, theirs)).toEqual([
      409,
      'name_taken',
      undefined,
    ])
  })

  test('is not touched by a test key', async () => {
    await add('six.example')
    for (const [method, path, body] of [
      ['POST', '', { name: 'sixth.example' }],
      ['PATCH', '/six.example', { track_opens: false }],
      ['DELETE', '/six.example', undefined],
      ['POST', '/six.example/verify', undefined],
      ['POST', '/six.example/dkim/rotate', undefined],
    ] as const) {
      expect(await refusal(method, path, body, testing)).toEqual([403, 'live_key_required', undefined])
    }
    expect((await call('GET', '/six.example', undefined, testing)).status).toBe(200)
  })
})

test.each([
  [{ name: 'co.uk' }, 422, 'validation_failed', 'name'],
  [{ name: 'not a domain' }, 422, 'validation_failed', 'name'],
  [{ name: '' }, 422, 'validation_failed', 'name'],
  [{}, 422, 'validation_failed', 'name'],
  [{ name: 'bad.example', track_open: true }, 422, 'validation_failed', 'track_open'],
  [{ name: 'bad.example', tracking_host: 'links.other.example' }, 422, 'validation_failed', 'tracking_host'],
  [{ name: 'bad.example', tracking_host: 'bad.example' }, 422, 'validation_failed', 'tracking_host'],
  [{ name: 'bad.example', tracking_host: 'bounce.bad.example' }, 422, 'validation_failed', 'tracking_host'],
  [
    { name: 'bad.example', dkim: [{ selector: 's1', private_key: 'x' }] },
    422,
    'validation_failed',
    'dkim[0].private_key',
  ],
] as const)('adding %j is refused with %d', async (body, ...wanted) => {
  expect(await refusal('POST', '', body)).toEqual([...wanted])
})

test('a name beyond ASCII is added and found in both forms', async () => {
  const { domain } = await add('bücher.example')
  expect(domain.name).toBe('xn--bcher-kva.example')
  expect((await call('GET', `/${encodeURIComponent('bücher.example')}`)).status).toBe(200)
  expect(await refusal('GET', '/%ff')).toEqual([404, 'not_found', undefined])
})

test('lists are read page by page, forward and back', async () => {
  const all = (await call('GET', '')).body.data.map(({ name }) => name)
  expect(all.length).toBeGreaterThan(4)
  const seen: string[] = []
  for (let after = ''; ; ) {
    const { body } = await call('GET', `?limit=2${after}`)
    seen.push(...body.data.map(({ name }) => name))
    if (body['has_more'] !== true) break
    after = `&after=${seen.at(-1)}`
  }
  expect(seen).toEqual(all)
  const { body } = await call('GET', `?limit=2&before=${all[3]}`)
  expect(body.data.map(({ name }) => name)).toEqual(all.slice(1, 3))
  expect(body['has_more']).toBe(true)
  expect(await refusal('GET', '?after=nowhere.example')).toEqual([422, 'validation_failed', 'after'])
  expect(await refusal('GET', '?limit=0')).toEqual([422, 'validation_failed', 'limit'])
  const verified = (await call('GET', '?status=verified')).body.data
  expect(verified.map(({ name }) => name)).toContain('two.example')
  expect(verified.every((one) => one['status'] === 'verified')).toBe(true)
})
