//
// RFC 8461 §5: under `enforce` a message goes over proven TLS to a host that the policy names, or it waits.

import { expect, test } from 'bun:test'
import { policyText, startTlsLab } from '../support/tls-lab.ts'

test('a host that is named and proves its name gets the message', async () => {
  await using house = await startTlsLab()
  house.announce(policyText('enforce', '*.example.net'))
  const view = await house.lab.ended(await house.lab.sent())
  expect(view.deliveries[0]?.status).toBe('delivered')
  expect(view.deliveries[0]?.attempts[0]?.tls).toMatchObject({ verified: true })
  expect(house.web.seen).toHaveLength(1)
})

test.each([
  ['offers no STARTTLS', { mx: { starttls: false } }],
  ['breaks the handshake', { mx: { at: { TLS: { drop: true } } } as const }],
  ['shows a certificate that nobody we know signed', { certified: null }],
  ['shows a certificate of another host', { certified: 'mx.elsewhere.test' }],
])('a host that %s gets nothing, and the message waits', async (_what, options) => {
  await using house = await startTlsLab(options)
  house.announce(policyText('enforce'))
  const view = await house.lab.tried(await house.lab.sent(), 1)
  expect(view.deliveries[0]).toMatchObject({ status: 'queued', attempts: [{ outcome: 'deferred' }] })
  expect(house.lab.mx.messages).toEqual([])
})

test('hosts that the policy does not name are not spoken to', async () => {
  await using house = await startTlsLab()
  house.announce(policyText('enforce', 'other.example.net'))
  const view = await house.lab.tried(await house.lab.sent(), 1)
  expect(view.deliveries[0]).toMatchObject({
    status: 'queued',
    attempts: [{ outcome: 'deferred', mx: null }],
  })
  expect(house.lab.mx.commands).toEqual([])
})

test('while it is tested only, mail goes as before', async () => {
  await using house = await startTlsLab({ mx: { starttls: false } })
  house.announce(policyText('testing', 'other.example.net'))
  const view = await house.lab.ended(await house.lab.sent())
  expect(view.deliveries[0]?.status).toBe('delivered')
})
