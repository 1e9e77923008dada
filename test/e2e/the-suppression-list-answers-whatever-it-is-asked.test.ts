//
// On both engines: what one of them takes for text the other may not.

import { expect, setDefaultTimeout, test } from 'bun:test'
import { AUTHORIZED, type Lab, type LabOptions, must, startLab } from '../support/appliance.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'

// The first one waits for the cluster to start.
setDefaultTimeout(60_000)

const ask = async (lab: Lab, path: string, method = 'GET', headers: Record<string, string> = AUTHORIZED) => {
  const answer = await lab.fetch(`/v1/suppressions${path}`, { method, headers })
  return { status: answer.status, body: (await answer.json()) as Answer }
}
interface Answer {
  readonly removed?: number
  readonly data: readonly { readonly address: string }[]
  readonly next: string | null
}
const mark = (text: string): string => Buffer.from(text).toString('base64url')

const postgres = postgresSuite('PostgreSQL')
const ENGINES: readonly (readonly [string, boolean, () => Promise<LabOptions>])[] = [
  ['SQLite', false, async () => ({})],
  [postgres.name, postgres.skip, async () => ({ config: { 'store.url': await freshDatabase() } })],
]

for (const [engine, skip, optionsOn] of ENGINES) {
  test.skipIf(skip)(
    `${engine}: addresses that are none are on no list, and marks that are none no page`,
    async () => {
      await using lab = await startLab(await optionsOn())
      for (const path of [
        '/%00',
        '/a%00@example.net',
        '/%ff',
        '/%ed%a0%80@x.example',
        '/nobody',
        `/${'x'.repeat(5000)}`,
      ]) {
        expect((await ask(lab, path)).status).toBe(404)
        expect((await ask(lab, path, 'DELETE')).status).toBe(404)
      }
      for (const text of ['', 'x', ' ', ' \0', 'all \0@a.example', 'nonsense a@b.example']) {
        const { status, body } = await ask(lab, `?after=${mark(text) || 'e'}`)
        expect([text, status, body]).toMatchObject([text, 422, { error: { code: 'validation_failed' } }])
      }
      expect(
        (await lab.post('/v1/suppressions', { address: 'a@example.net', note: 'half \ud83d' })).status,
      ).toBe(422)
      expect((await lab.post('/v1/suppressions', { address: 'a@example.net', note: 'a\0b' })).status).toBe(
        200,
      )
      expect((await ask(lab, '/a@example.net')).body).toMatchObject({ data: [{ note: 'a b' }] })
    },
  )

  test.skipIf(skip)(`${engine}: one address has many spellings and one entry`, async () => {
    await using lab = await startLab(await optionsOn())
    const spellings = [
      'Jürgen@Bücher.example',
      'ju\u0308rgen@xn--bcher-kva.example',
      '"JÜRGEN"@BÜCHER.example',
    ]
    for (const address of spellings) await lab.post('/v1/suppressions', { address, reason: 'manual' })
    expect((await ask(lab, '')).body).toMatchObject({
      data: [{ address: 'jürgen@xn--bcher-kva.example' }],
      next: null,
    })
    for (const domain of ['bücher.example', 'XN--BCHER-KVA.example']) {
      expect((await ask(lab, `?domain=${encodeURIComponent(domain)}`)).body).toMatchObject({
        data: [{ scope: 'all' }],
      })
    }
    expect((await ask(lab, '?domain=b_cher.example')).body).toMatchObject({ data: [] })
    const { body } = await lab.send({ to: 'JÜRGEN@bücher.example' })
    expect(body).toMatchObject({ status: 'suppressed' })
    expect((await ask(lab, `/${encodeURIComponent('"jürgen"@bücher.example')}`, 'DELETE')).body.removed).toBe(
      1,
    )
  })

  test.skipIf(skip)(`${engine}: a list belongs to its account alone`, async () => {
    await using lab = await startLab(await optionsOn())
    must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
    const { key } = must(await lab.admin.keyCreate({ account: 'other', name: 'k', mode: 'live' }))
    const other = { authorization: `Bearer ${key}` }
    await lab.post('/v1/suppressions', { address: 'a@example.net' })
    expect((await ask(lab, '', 'GET', other)).body).toMatchObject({ data: [], next: null })
    expect((await ask(lab, '/a@example.net', 'GET', other)).status).toBe(404)
    expect((await ask(lab, '/a@example.net', 'DELETE', other)).status).toBe(404)
    await lab.post('/v1/suppressions', { address: 'b@example.net' }, other)
    expect((await ask(lab, `?after=${mark(' a@example.net')}`)).body).toMatchObject({ data: [] })
    expect((await ask(lab, '/a@example.net')).status).toBe(200)
  })

  test.skipIf(skip)(
    `${engine}: pages hold what was there when they began, whatever is added meanwhile`,
    async () => {
      await using lab = await startLab(await optionsOn())
      const addresses = Array.from({ length: 40 }, (_, at) => `u${String(at).padStart(3, '0')}@example.net`)
      await lab.post('/v1/suppressions/bulk', { entries: addresses.map((address) => ({ address })) })
      const seen: string[] = []
      let after = ''
      for (let page = 0; page < 20; page++) {
        const { body } = await ask(lab, `?limit=7${after}`)
        seen.push(...body.data.map(({ address }) => address))
        const scopes = ['all', 'marketing', 'list:x'].map((scope) => ({
          address: `u00${page}x@example.net`,
          scope,
        }))
        await lab.post('/v1/suppressions/bulk', { entries: scopes })
        if (body.next === null) break
        after = `&after=${body.next}`
      }
      expect(addresses.filter((address) => !seen.includes(address))).toEqual([])
      expect(seen.filter((address) => !address.includes('x@')).length).toBe(40)
    },
  )
}
