//
// Two nodes at one PostgreSQL database: one orders, the other answers the authority, both serve what came.

import { expect, setDefaultTimeout } from 'bun:test'
import { MINUTE } from '../../src/core/time.ts'
import { must, startLab } from '../support/appliance.ts'
import { handClock, WITH_FRACTIONS } from '../support/clock.ts'
import { startDns } from '../support/dns.ts'
import { HAS_PEBBLE, startPebble } from '../support/pebble.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'
import { testWith } from '../support/system-part.ts'
import { shown } from '../support/tls-shown.ts'
import { until } from '../support/until.ts'

// The first one waits for the cluster to start.
setDefaultTimeout(60_000)

const suite = postgresSuite('PostgreSQL')

testWith('pebble', HAS_PEBBLE && !suite.skip, 'one node orders, and another answers for it', async () => {
  const dns = await startDns({ 'mail.lab.test': { A: ['127.0.0.1'] } })
  await using pebble = await startPebble({ dns: dns.address })
  const config = {
    'store.url': await freshDatabase(),
    'dns.servers': dns.address,
    'tls.mode': 'acme',
    'tls.acme_terms_agreed': 'true',
    'tls.acme_directory': pebble.directory,
    'tls.acme_ca_file': pebble.caFile,
    'api.https': '127.0.0.1:0',
  }
  const now = Date.now()
  pebble.away = true
  await using answers = await startLab({
    clock: handClock(now, WITH_FRACTIONS),
    config: { ...config, 'tls.acme_http': `127.0.0.1:${pebble.httpPort}` },
  })
  const told = async () => must(await answers.admin.tlsList({}))[0]
  await until('the first one was told no', async () => (await told())?.error != null)
  await using orders = await startLab({
    beside: answers,
    clock: handClock(now, WITH_FRACTIONS),
    config: { ...config, 'server.node': '2', 'tls.acme_http': '' },
  })
  pebble.away = false
  // The clock of the first one stands: whatever is ordered now is ordered by the second.
  must(await orders.admin.tlsRenew({ name: null }))
  await orders.meanwhile(until('it came', async () => (await told())?.state === 'valid'))
  const own = await shown(orders.port('api.https'), 'mail.lab.test')
  expect(own.issuer).toMatch(/^Pebble/)
  expect((await shown(answers.port('api.https'), 'mail.lab.test')).issuer).toBe('mail.lab.test')
  await answers.advance(2 * MINUTE)
  await answers.meanwhile(
    until(
      'the other serves it',
      async () => (await shown(answers.port('api.https'), 'mail.lab.test')).serial === own.serial,
    ),
  )
  expect(pebble.seen.filter((one) => one === 'POST /order-plz')).toHaveLength(1)
  await dns.close()
})
