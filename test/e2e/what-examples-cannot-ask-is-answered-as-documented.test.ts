//
// Every operation on both engines: those that no example brings about get what they need first and are taken, and a short
// round over all others gives documented answers. The long round, on SQLite: the-api-answers-as-documented-….test.ts.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { apiDocument } from '../support/api-document.ts'
import { KNOWN } from '../support/api-known.ts'
import { ApiLab } from '../support/api-lab.ts'
import { type Probe, probesOf } from '../support/api-prober.ts'
import { hook } from '../support/hook.ts'
import { freshDatabase, postgresSuite } from '../support/postgres-cluster.ts'

setDefaultTimeout(120_000)

const document = await apiDocument()
const probes = probesOf(document)
const suite = postgresSuite('PostgreSQL')
const ENGINES = [
  ['SQLite', false, async () => ({})],
  [suite.name, suite.skip, async () => ({ 'store.url': await freshDatabase() })],
] as const

test('what is known is in the document', () => {
  const names = probes.map(({ name }) => name)
  expect(Object.keys(KNOWN).filter((name) => !names.includes(name))).toEqual([])
})

for (const [engine, skip, config] of ENGINES) {
  describe.skipIf(skip)(`${engine}:`, () => {
    const program = hook()
    let api: ApiLab
    beforeAll(async () => {
      api = await ApiLab.start(document, {
        config: { 'webhooks.allow': program.place, ...(await config()) },
        mx: {
          at: (moment, { line }) =>
            moment === 'RCPT' && line.includes('wait@') ? '450 4.2.0 not now' : undefined,
        },
      })
    })
    afterAll(async () => {
      await api[Symbol.asyncDispose]()
      await program[Symbol.asyncDispose]()
    })

    test.each(Object.entries(KNOWN))('%s is taken', async (name, made) => {
      const probe = probes.find((one) => one.name === name) as Probe
      const told = await api.tell(probe, await made(api, program.url))
      const said = told.status < 400 ? '' : JSON.stringify(told.body)
      expect([told.status, said, told.faults]).toEqual([200, '', []])
    })

    if (engine === 'SQLite') return
    const others = probes
      .filter(({ name }) => !/^DELETE|\/suspend$|\/sessions$/.test(name))
      .map((probe) => [probe.name, probe] as const)
    test.each(others)('%s answers as documented', async (_, probe) => {
      await api.renew(probe)
      const faults: string[] = []
      for (const ask of fc.sample(api.asks.right(probe), { numRuns: 4, seed: 5 })) {
        const told = await api.tell(probe, ask)
        api.asks.remember(probe, told)
        faults.push(...told.faults.map((fault) => `${fault} ← ${JSON.stringify(ask).slice(0, 400)}`))
      }
      expect(faults).toEqual([])
    })
  })
}
