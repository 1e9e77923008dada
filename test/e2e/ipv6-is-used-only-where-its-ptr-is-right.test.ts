//
// An IPv6 address of ours without a right PTR costs mail at every large receiver: it is not used, and IPv4 is.

import { expect, test } from 'bun:test'
import { HOUR } from '../../src/core/time.ts'
import { must, startLab } from '../support/appliance.ts'
import { until } from '../support/until.ts'

/** Not of this machine: what tries to leave from it fails, and its evidence shows that it was tried. */
const V6 = '2a01:4f8::25'
const REVERSE = '5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.f.4.0.1.0.a.2.ip6.arpa'

test('mail falls back to IPv4, and waits where only IPv6 leads, until the PTR is right', async () => {
  await using lab = await startLab({
    config: { 'delivery.source_ips': `127.0.0.2, ${V6}` },
    dns: {
      'example.net': { MX: [[10, 'mx.example.net']] },
      'mx.example.net': { A: ['127.0.0.1'], AAAA: ['::1'] },
      'six.example': { MX: [[10, 'mx.six.example']] },
      'mx.six.example': { AAAA: ['::1'] },
    },
  })
  const ptr = async (): Promise<string | null | undefined> =>
    must(await lab.admin.sourceList({ provider: null })).find(({ address }) => address === V6)?.ptr
  await until('the PTR was looked for', async () => (await ptr()) === 'missing')
  const { deliveries } = await lab.ended(await lab.sent())
  expect(deliveries[0]).toMatchObject({ status: 'delivered', attempts: [{ source_ip: '127.0.0.2' }] })

  const waiting = await lab.sent({ to: 'a@six.example' })
  const tried = await lab.tried(waiting, 1)
  expect(tried.deliveries[0]).toMatchObject({
    status: 'queued',
    attempts: [{ source_ip: null, response: expect.stringContaining('no right PTR') }],
  })

  lab.dns.set(REVERSE, { PTR: ['mx6.lab.test'] })
  lab.dns.set('mx6.lab.test', { AAAA: [V6] })
  await lab.advance(HOUR)
  await until('it was looked at again', async () => (await ptr()) === 'ok')
  const before = (await lab.message(waiting)).deliveries[0]?.attempts.length ?? 0
  must(
    await lab.admin.queueCommand({
      command: 'retry',
      message: waiting,
      destination: null,
      account: null,
      key: null,
    }),
  )
  const after = await lab.tried(waiting, before + 1)
  expect(after.deliveries[0]?.attempts.at(-1)).toMatchObject({ ip: '::1' })
})
