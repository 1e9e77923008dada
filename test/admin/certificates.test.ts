import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { certificateActions } from '../../src/admin/certificates.ts'
import { DAY } from '../../src/core/time.ts'
import { selfSigned } from '../../src/net/tls/x509.ts'
import { secretsOf } from '../../src/services/domains/secret.ts'
import { openStore } from '../../src/store/open.ts'
import { must } from '../support/appliance.ts'
import { handClock } from '../support/clock.ts'
import { readConfig, type Settings } from '../support/lab-folder.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mailwok-certificates-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function actionsFor(settings: Settings, at = Date.now()) {
  const config = readConfig(folder, settings)
  const clock = handClock(at)
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const meter = { count: () => {}, observe: () => {}, gauge: () => {} }
  const store = await openStore(`sqlite:${folder}/x.db`, { clock, log: quiet, meter, inboxBytes: 1e6 })
  const actions = certificateActions({
    store: store.certificates,
    seals: secretsOf([new Uint8Array(32)]),
    clock,
    directory: 'https://acme.test/dir',
    config,
    wake: () => {},
  })
  return { ...actions, close: () => store.close() }
}

test('self-signed: what lies in the data folder, and nothing to order', async () => {
  mkdirSync(join(folder, 'data/tls'), { recursive: true })
  const { close, tlsList, tlsRenew } = await actionsFor({})
  expect(must(await tlsList({}))).toMatchObject([{ state: 'waits', source: 'self-signed', expires_at: null }])
  const { cert } = selfSigned({ names: ['mail.lab.test'], now: Date.now() })
  writeFileSync(join(folder, 'data/tls/self-signed.crt'), cert)
  expect(must(await tlsList({}))).toMatchObject([
    { host: 'mail.lab.test', state: 'valid', source: 'self-signed', issuer: 'mail.lab.test', error: null },
  ])
  expect(await tlsRenew({ name: null })).toMatchObject({ ok: false, error: { code: 'not_acme' } })
  await close()
})

test.each([
  [0, 'valid', null],
  [355, 'expires', 'renew the files of tls.cert and tls.key'],
  [366, 'expired', 'renew the files of tls.cert and tls.key'],
])('files, on day %p of 365: %s', async (day, state, fix) => {
  const { cert, key } = selfSigned({ names: ['mail.lab.test'], now: Date.now() })
  writeFileSync(join(folder, 'c.pem'), cert)
  writeFileSync(join(folder, 'k.pem'), key)
  const files = { 'tls.mode': 'files', 'tls.cert': join(folder, 'c.pem'), 'tls.key': join(folder, 'k.pem') }
  const { close, tlsList } = await actionsFor(files, Date.now() + day * DAY)
  expect(must(await tlsList({}))).toMatchObject([{ state, source: 'files', fix }])
  await close()
})

test('acme: none before a node has started once', async () => {
  const { close, tlsList, tlsRenew } = await actionsFor({
    'tls.mode': 'acme',
    'tls.acme_terms_agreed': 'true',
  })
  expect(must(await tlsList({}))).toEqual([])
  expect(await tlsRenew({ name: null })).toMatchObject({ ok: false, error: { code: 'not_found' } })
  await close()
})
