//
// Whoever asks while PostgreSQL is away is told to come again, not that something of ours broke.

import { describe, expect, test } from 'bun:test'
import { AUTHORIZED, startLab } from '../support/appliance.ts'
import { MARKETING, oneClick, sendAndSee, waysOut } from '../support/leaving.ts'
import { PostgresCluster, postgresSuite } from '../support/postgres-cluster.ts'

const suite = postgresSuite('the API while PostgreSQL is away')
describe.skipIf(suite.skip)(suite.name, () => {
  test('so do pages for who wants to leave, and a click of a provider', async () => {
    const cluster = await PostgresCluster.start()
    try {
      await using lab = await startLab({ config: { 'store.url': cluster.url } })
      await sendAndSee(lab, MARKETING)
      const { path } = waysOut(lab)
      await cluster.stop()
      const answers = [await lab.fetch(path), await lab.fetch(`${path}?choose`), await oneClick(lab, path)]
      for (const answer of answers) {
        expect(answer.status).toBe(503)
        expect(answer.headers.get('retry-after')).toBe('60')
        expect(await answer.text()).toContain('Please try again in a minute')
      }
    } finally {
      await cluster.stop()
    }
  }, 60_000)

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
