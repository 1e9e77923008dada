//
// api.md B, issue 2 §7: until its records are seen, a domain may write to the operator and the sandbox.

import { expect, test } from 'bun:test'
import type { DnsRow } from '../../src/admin/domain-rows.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { story } from '../support/lab-answers.ts'

const STRICT = {
  config: { 'domains.require_verification': 'true' },
  dns: { 'operator.test': { MX: [[10, 'mx.example.net']] } },
} as const

/** Puts what the operator was told to publish into the DNS. */
function publish(lab: Lab, rows: readonly DnsRow[]): void {
  for (const name of new Set(rows.map((row) => row.name))) {
    const own = rows.filter((row) => row.name === name)
    const mx = own.filter((row) => row.type === 'MX').map((row) => row.value.split(' '))
    const cname = own.find((row) => row.type === 'CNAME')?.value
    lab.dns.set(name, {
      MX: mx.map(([preference = '', host = '']) => [Number(preference), host] as const),
      TXT: own.filter((row) => row.type === 'TXT').map((row) => row.strings),
      ...(cname === undefined ? {} : { CNAME: cname }),
    })
  }
}

test('an unverified domain is a 403 that lists the missing records, and nothing leaves', async () => {
  await using lab = await startLab(STRICT)
  const { status, body } = await lab.send()
  expect(status).toBe(403)
  expect(body.error.code).toBe('domain_not_verified')
  expect(body.error.fields.map((field) => field.message)).toEqual([
    'TXT mw1r._domainkey.example.com',
    'TXT mw1e._domainkey.example.com',
    'MX bounce.example.com',
    'TXT bounce.example.com',
  ])
  await expect(lab.submit({ text: 'by SMTP' })).rejects.toMatchObject({
    responseCode: 550,
    response: expect.stringContaining('5.7.1'),
  })
  expect(lab.mx.connections).toBe(0)
})

test('to the operator and to the sandbox it may send; with one stranger among them it may not', async () => {
  await using lab = await startLab(STRICT)
  const home = ['ops@operator.test', 'delivered@sandbox.mailwok.test']
  expect(story(await lab.ended(await lab.sent({ to: home })))).toEqual([
    'queued',
    'queued',
    'delivered',
    'delivered',
  ])
  expect(lab.mx.messages.map((message) => message.forwardPaths)).toEqual([['ops@operator.test']])
  expect((await lab.send({ to: home, bcc: 'rcpt@example.net' })).status).toBe(403)
  expect(lab.mx.messages).toHaveLength(1)
})

test('once the records are published and looked at, it may send, and bounces come to its own name', async () => {
  await using lab = await startLab(STRICT)
  const rows = must(await lab.admin.domainDns({ name: 'example.com' }))
  publish(
    lab,
    rows.filter((row) => row.type !== 'MX'),
  )
  expect(must(await lab.admin.domainVerify({ name: 'example.com' })).verified).toBe(false)
  expect((await lab.send()).body.error.fields.map((field) => field.message)).toEqual([
    'MX bounce.example.com',
  ])
  publish(lab, rows)
  expect(must(await lab.admin.domainVerify({ name: 'example.com' })).verified).toBe(true)
  await lab.ended(await lab.sent())
  expect(lab.mx.messages[0]?.reversePath).toMatch(/@bounce\.example\.com$/)
  // RFC 7489 §3.1.1: a subdomain is aligned with what its parent signs.
  await lab.ended(await lab.sent({ from: 'News <n@weekly.news.example.com>' }))
  const bytes = lab.mx.messages[1]?.bytes ?? Buffer.alloc(0)
  expect(await lab.dkim(bytes)).toEqual([
    { algorithm: 'ed25519-sha256', domain: 'example.com', result: 'pass' },
    { algorithm: 'rsa-sha256', domain: 'example.com', result: 'pass' },
  ])
})
