//
// Whoever asks while PostgreSQL is away is told to come again, not that something of ours broke.

import { describe, expect, test } from 'bun:test'
import { AUTHORIZED, startLab } from '../support/appliance.ts'
import { PostgresCluster, postgresSuite } from '../support/postgres-cluster.ts'

const suite = postgresSuite('the API while PostgreSQL is away')
describe.skipIf(suite.skip)(suite.name, () => {
  test('a question and a send get 503 with Retry-After', async () => {
    const cluster = await PostgresCluster.start()
    try {
      await using lab = await startLab({ config: { 'store.url': cluster.url } })
      const id = await lab.sent()
      await lab.ended(id)
      await cluster.stop()
      const ask = await lab.fetch(`/v1/email/${id}`, { headers: AUTHORIZED })
      const send = await lab.send({ to: 'later@example.net' })
      for (const answer of [ask, send]) {
        expect(answer.status).toBe(503)
        expect(answer.headers.get('retry-after')).toBe('5')
      }
      expect(await ask.json()).toMatchObject({ error: { code: 'storage_unavailable' } })
    } finally {
      await cluster.stop()
    }
  }, 60_000)
})
