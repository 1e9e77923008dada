//
// Every operation of the OpenAPI document, tried by the document alone: what it calls right is not refused for its form,
// what it calls wrong is refused, and whatever is asked gets a documented answer. New routes are tried as they come.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { exampleTwice, hostileBodies, PLACES } from '../support/api-asks.ts'
import { apiDocument } from '../support/api-document.ts'
import { KNOWN } from '../support/api-known.ts'
import { ApiLab } from '../support/api-lab.ts'
import { type Ask, bodyOf, parametersIn, probesOf, type Told } from '../support/api-prober.ts'
import { TEXTS } from '../support/schema-values.ts'

const RUNS = 25
const document = await apiDocument()
const probes = probesOf(document)

/** No example brings these about: what-examples-cannot-ask-is-answered-as-documented.test.ts does. */
const isLacking = (name: string): boolean => name in KNOWN

/** What removes and stops comes last. */
const ENDS = /^DELETE|\/suspend$|\/sessions$/
const groups = Object.entries(Object.groupBy(probes, ({ operation }) => operation.tags[0] ?? '')).map(
  ([name, of = []]) =>
    [name, of.toSorted((one, other) => Number(ENDS.test(one.name)) - Number(ENDS.test(other.name)))] as const,
)

let api: ApiLab

/** Where an operation has no body or no path to be wrong, there is nothing to try: no test, rather than one passed over. */
const testWhere =
  (applies: boolean) =>
  (claim: string, run: () => Promise<void>): void => {
    if (applies) test(claim, run)
  }

describe.each(groups)('%s:', (_, of) => {
  beforeAll(async () => {
    api = await ApiLab.start(document)
  }, 60_000)
  afterAll(() => api[Symbol.asyncDispose]())

  describe.each(of.map((probe) => [probe.name, probe] as const))('%s', (_name, probe) => {
    beforeEach(() => api.renew(probe))
    const isOpen = probe.operation.security?.length === 0
    const body = bodyOf(probe)

    test('takes what is right', async () => {
      const faults = new Set<string>()
      const refusals = new Set<string>()
      let taken = 0
      await fc.assert(
        fc.asyncProperty(api.asks.right(probe), async (ask) => {
          const told = await api.tell(probe, ask)
          api.asks.remember(probe, told)
          if (told.status < 400) taken += 1
          else refusals.add(told.code ?? '')
          for (const fault of [...told.faults, ...api.asks.refusedThoughRight(probe, told)])
            faults.add(`${fault} ← ${show(ask)}`)
        }),
        { numRuns: RUNS, seed: 1 },
      )
      expect([...faults].slice(0, 5)).toEqual([])
      // Or nothing was learned of its answers.
      if (!isLacking(probe.name)) expect([taken > 0, ...refusals]).toEqual([true, ...refusals])
    })

    test('takes a test key at its word', async () => {
      const faults = new Set<string>()
      const key = await api.freshKey('default', 'test')
      for (const ask of fc.sample(api.asks.right(probe), { numRuns: 5, seed: 2 })) {
        const type = ask.body === undefined ? {} : { 'content-type': 'application/json' }
        const told = await api.asked(probe, { ...ask, headers: { authorization: `Bearer ${key}`, ...type } })
        for (const fault of told.faults) faults.add(`${fault} ← ${show(ask)}`)
      }
      expect([...faults].slice(0, 5)).toEqual([])
    })

    test('refuses what is wrong', async () => {
      const wrong = [...api.asks.wrongBodies(probe), ...api.asks.wrongQueries(probe)]
      const faults: string[] = []
      for (const [what, ask] of wrong) {
        const told = await api.tell(probe, { params: api.asks.paramsOf(probe), ...ask })
        const taken = told.status < 400 && !refusesInside(told) ? [`taken: ${what}`] : []
        faults.push(...[...told.faults, ...taken].map((fault) => `${what}: ${fault}`))
      }
      expect(faults.slice(0, 8)).toEqual([])
    })

    test('answers whoever is hostile', async () => {
      const faults: string[] = []
      const odd = fc.sample(TEXTS, { numRuns: 20, seed: 7 })
      for (const text of odd) {
        const params = Object.fromEntries(
          parametersIn(probe, 'path').map(({ name }) => [
            name,
            encodeURIComponent(text).replace(/^\.\.?$/, 'x') || '%20',
          ]),
        )
        const query = Object.fromEntries(parametersIn(probe, 'query').map(({ name }) => [name, text]))
        const headers = {
          'idempotency-key': latin(text),
          'last-event-id': latin(text),
          accept: latin(text),
          range: 'bytes=0-',
        }
        const sent = body?.example === undefined ? {} : { body: JSON.stringify(body.example) }
        const told = await api.tell(probe, {
          params: { ...api.asks.paramsOf(probe), ...params },
          query,
          headers,
          ...sent,
        })
        faults.push(...told.faults.map((fault) => `${JSON.stringify(text)}: ${fault}`))
      }
      expect(faults.slice(0, 8)).toEqual([])
    })

    testWhere(body !== null)('answers whatever its body is', async () => {
      const faults: string[] = []
      for (const [what, sent, headers] of [...hostileBodies(), ...exampleTwice(body?.example)]) {
        const told = await api.tell(probe, {
          params: api.asks.paramsOf(probe),
          body: sent,
          ...(headers ? { headers } : {}),
        })
        faults.push(...told.faults.map((fault) => `${what}: ${fault}`))
        const isWrong = body?.schema['required'] !== undefined || what.startsWith('an example')
        if (told.status < 400 && isWrong && !what.startsWith('a key twice, as')) faults.push(`${what}: taken`)
      }
      expect(faults.slice(0, 8)).toEqual([])
    })

    testWhere(probe.path.includes('{'))('answers whatever stands in its path', async () => {
      const faults: string[] = []
      for (const value of PLACES) {
        const params = Object.fromEntries(parametersIn(probe, 'path').map(({ name }) => [name, value]))
        const sent = body?.example === undefined ? {} : { body: JSON.stringify(body.example) }
        const told = await api.tell(probe, { params, ...sent })
        faults.push(...told.faults.map((fault) => `${value.slice(0, 60)}: ${fault}`))
      }
      expect(faults.slice(0, 8)).toEqual([])
    })

    testWhere(!isOpen)('knows nobody without a key', async () => {
      for (const authorization of ['', 'Bearer', 'Basic bWFpbDp3b2s=']) {
        const told = await api.prober.ask(api.lab, probe, {
          params: api.asks.paramsOf(probe),
          headers: { authorization },
        })
        expect([told.status, told.code, told.faults]).toEqual([401, 'unauthorized', []])
      }
    })

    testWhere(probe.path.includes('{'))('shows nothing of another account', async () => {
      const faults: string[] = []
      const things = api.asks.thingsOf(probe).slice(0, 5)
      for (const params of things.length === 0 ? [] : things) {
        const sent = body?.example === undefined ? {} : { body: JSON.stringify(body.example) }
        const headers = {
          authorization: `Bearer ${api.theirs}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        }
        const told = await api.prober.ask(api.lab, probe, { params, headers, ...sent })
        if (told.status < 400) faults.push(`${JSON.stringify(params)}: ${told.status}`)
        faults.push(...told.faults)
      }
      expect(faults).toEqual([])
    })
  })
})

/** A batch is taken, and says of each message what is wrong with it. */
const refusesInside = ({ body }: Told): boolean =>
  typeof body === 'object' && body !== null && 'refused' in body && Number(body.refused) > 0

const latin = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').trim()

const show = (ask: Ask): string =>
  JSON.stringify({ ...ask, body: String(ask.body ?? '').slice(0, 400) }).slice(0, 700)
