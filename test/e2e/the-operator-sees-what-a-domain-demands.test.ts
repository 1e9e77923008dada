//
// `mailwok tls show`: what applies to mail for a domain, by whose word, and until when.

import { expect, test } from 'bun:test'
import { must } from '../support/appliance.ts'
import { policyText, startTlsLab } from '../support/tls-lab.ts'

const show = async ({ lab }: Awaited<ReturnType<typeof startTlsLab>>) =>
  must(await lab.admin.tlsShow({ domain: 'example.net' }))

test('nothing is demanded by those who say nothing', async () => {
  await using house = await startTlsLab()
  expect(await show(house)).toMatchObject({
    domain: 'example.net',
    demand: 'opportunistic',
    override: null,
    hosts: [{ mx: 'mx.example.net', preference: 10, demand: 'opportunistic', tlsa: [] }],
    mta_sts: null,
    reports_to: [],
  })
})

test('a policy, and where reports are wanted', async () => {
  await using house = await startTlsLab()
  house.announce(policyText('enforce'), 'id7')
  house.lab.dns.set('_smtp._tls.example.net', { TXT: ['v=TLSRPTv1; rua=mailto:tls@example.net'] })
  expect(await show(house)).toMatchObject({
    demand: 'verified',
    why: 'MTA-STS',
    mta_sts: {
      mode: 'enforce',
      id: 'id7',
      mx: ['mx.example.net'],
      fetched_at: '2026-01-02T00:00:00.000Z',
      expires_at: '2026-01-03T00:00:00.000Z',
    },
    reports_to: ['mailto:tls@example.net'],
  })
})

test('TLSA records, host by host', async () => {
  await using house = await startTlsLab()
  house.tlsa([3, 1, 1, 'ab'.repeat(32)])
  expect(await show(house)).toMatchObject({
    demand: 'dane',
    hosts: [{ demand: 'dane', tlsa: [`3 1 1 ${'ab'.repeat(32)}`] }],
  })
})

test('why mail waits', async () => {
  await using house = await startTlsLab()
  house.announce(policyText('enforce', 'other.example.net'))
  expect(await show(house)).toMatchObject({
    demand: 'waits',
    why: 'its MTA-STS policy names none of its MX hosts',
    hosts: [],
    mta_sts: { mode: 'enforce' },
  })
})

test("the operator's own word", async () => {
  const toml = '[[tls_policy]]\ndomain = "Example.net"\npolicy = "required"\n'
  await using house = await startTlsLab({ toml })
  expect(await show(house)).toMatchObject({
    demand: 'required',
    why: 'tls_policy of example.net',
    override: 'required',
  })
})

test('what is no domain is told so', async () => {
  await using house = await startTlsLab()
  expect(await house.lab.admin.tlsShow({ domain: 'no domain' })).toMatchObject({
    ok: false,
    error: { code: 'invalid_domain' },
  })
})
