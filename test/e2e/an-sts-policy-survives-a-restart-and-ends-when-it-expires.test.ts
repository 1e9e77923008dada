//
// RFC 8461 §5.1, §10.2: who takes the web server or the record away gets no mail in clear before max_age is over; who
// lets the policy expire does.

import { expect, test } from 'bun:test'
import { SECOND } from '../../src/core/time.ts'
import { must } from '../support/appliance.ts'
import { policyText, startTlsLab } from '../support/tls-lab.ts'
import { until } from '../support/until.ts'

test('a policy is kept without its web server, its record, and our memory; then it is over', async () => {
  await using house = await startTlsLab({ mx: { starttls: false } })
  const { lab, web } = house
  house.announce(policyText('enforce', 'mx.example.net', 300))
  const first = await lab.sent()
  await lab.tried(first, 1)

  await web.close()
  lab.dns.set('_mta-sts.example.net', null)
  await lab.stop()
  await lab.start()
  const second = await lab.sent()
  await lab.tried(second, 1)
  expect(lab.mx.messages).toEqual([])

  await lab.advance(310 * SECOND)
  // A route whose time is just over may serve one more message while it is looked up anew.
  await until('nothing is demanded any more', async () => {
    return must(await lab.admin.tlsShow({ domain: 'example.net' })).demand === 'opportunistic'
  })
  const view = await lab.ended(await lab.sent())
  expect(view.deliveries[0]?.status).toBe('delivered')
  expect(view.deliveries[0]?.attempts[0]?.tls).toBeNull()
})
