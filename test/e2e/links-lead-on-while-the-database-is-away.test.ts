//
// A reader does not wait for our database: his link leads on while there is none, and what he did is told when it is back.

import { describe, expect, test } from 'bun:test'
import { simpleParser } from 'mailparser'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { startLab } from '../support/appliance.ts'
import { PostgresCluster, postgresSuite } from '../support/postgres-cluster.ts'
import { until } from '../support/until.ts'

const TARGET = 'https://shop.example.com/?a=1'

const suite = postgresSuite('links while PostgreSQL is away')
describe.skipIf(suite.skip)(suite.name, () => {
  test('lead on at once; the clicks are in the log when it is back, each once', async () => {
    const cluster = await PostgresCluster.start()
    try {
      await using lab = await startLab({ config: { 'store.url': cluster.url } })
      const id = await lab.sent({ html: `<a href="${TARGET}">x</a>` })
      await lab.ended(id)
      const { html } = await simpleParser(lab.mx.messages.at(-1)?.bytes ?? Buffer.alloc(0), {
        skipTextToHtml: true,
      })
      const path = /(\/c\/[\w-]+)"/.exec(html || '')?.[1] ?? ''
      await lab.advance(MINUTE)
      await cluster.crash()
      for (let click = 0; click < 5; click++) {
        const answer = await lab.fetch(path, { redirect: 'manual' })
        expect([answer.status, answer.headers.get('location')]).toEqual([302, TARGET])
      }
      await cluster.boot()
      const clicks = async (): Promise<number> => {
        lab.clock.advance(SECOND)
        const view = await lab.message(id).catch(() => null)
        return view?.events.filter(({ event }) => event === 'email.clicked').length ?? 0
      }
      await until('the clicks are told', async () => (await clicks()) >= 5)
      expect(await clicks()).toBe(5)
    } finally {
      await cluster.stop()
    }
  }, 60_000)
})
