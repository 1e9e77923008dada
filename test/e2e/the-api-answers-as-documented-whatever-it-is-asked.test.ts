//
// Every operation of the OpenAPI document, tried by the document alone: what it calls right is not refused for its form,
// what it calls wrong is refused, and whatever is asked gets a documented answer. New routes are tried as they come.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { ApiAsks, hostileBodies, PLACES } from '../support/api-asks.ts'
import { apiDocument } from '../support/api-document.ts'
import {
  type Ask,
  bodyOf,
  type Probe,
  Prober,
  parametersIn,
  probesOf,
  type Told,
} from '../support/api-prober.ts'
import { type Lab, must, startLab } from '../support/appliance.ts'
import { TEXTS } from '../support/schema-values.ts'

const RUNS = 25
const document = await apiDocument()
const probes = probesOf(document)
const asks = new ApiAsks(document)
const prober = new Prober(document)

let lab: Lab
let theirs = ''

beforeAll(async () => {
  lab = await startLab({ config: { 'webhooks.allow': '' } })
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  theirs = await freshKey('other')
  for (const to of ['rcpt@example.net', 'bounce-hard@sandbox.mailwok.test', 'defer@sandbox.mailwok.test']) {
    await lab.sent({ to })
  }
  for (const probe of probes.filter(({ method, path }) => method === 'POST' && !path.includes('{'))) {
    const example = bodyOf(probe)?.example
    if (example !== undefined) asks.remember(probe, await tell(probe, { body: JSON.stringify(example) }))
  }
  for (const probe of probes.filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
    asks.remember(probe, await tell(probe, {}))
  }
})
afterAll(() => lab[Symbol.asyncDispose]())

describe.each(probes.map((probe) => [probe.name, probe] as const))('%s', (_, probe) => {
  const isOpen = probe.operation.security?.length === 0
  const body = bodyOf(probe)

  test('takes what is right', async () => {
    const faults = new Set<string>()
    await fc.assert(
      fc.asyncProperty(asks.right(probe), async (ask) => {
        const told = await tell(probe, ask)
        asks.remember(probe, told)
        for (const fault of [...told.faults, ...asks.refusedThoughRight(probe, told)])
          faults.add(`${fault} ← ${show(ask)}`)
      }),
      { numRuns: RUNS, seed: 1 },
    )
    expect([...faults].slice(0, 5)).toEqual([])
  })

  test('takes a test key at its word', async () => {
    const faults = new Set<string>()
    const key = await freshKey('default', 'test')
    for (const ask of fc.sample(asks.right(probe), { numRuns: 5, seed: 2 })) {
      const type = ask.body === undefined ? {} : { 'content-type': 'application/json' }
      const told = await asked(probe, { ...ask, headers: { authorization: `Bearer ${key}`, ...type } })
      for (const fault of told.faults) faults.add(`${fault} ← ${show(ask)}`)
    }
    expect([...faults].slice(0, 5)).toEqual([])
  })

  test('refuses what is wrong', async () => {
    const wrong = [...asks.wrongBodies(probe), ...asks.wrongQueries(probe)]
    const faults: string[] = []
    for (const [what, ask] of wrong) {
      const told = await tell(probe, { params: asks.paramsOf(probe), ...ask })
      const taken = told.status < 400 ? [`taken: ${what}`] : []
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
      const told = await tell(probe, {
        params: { ...asks.paramsOf(probe), ...params },
        query,
        headers,
        ...sent,
      })
      faults.push(...told.faults.map((fault) => `${JSON.stringify(text)}: ${fault}`))
    }
    if (body !== null) {
      for (const [what, sent, headers] of hostileBodies()) {
        const told = await tell(probe, {
          params: asks.paramsOf(probe),
          body: sent,
          ...(headers ? { headers } : {}),
        })
        faults.push(...told.faults.map((fault) => `${what}: ${fault}`))
        if (told.status < 400 && body.schema['required'] !== undefined) faults.push(`${what}: taken`)
      }
    }
    expect(faults.slice(0, 8)).toEqual([])
  })

  test.skipIf(!probe.path.includes('{'))('answers whatever stands in its path', async () => {
    const faults: string[] = []
    for (const value of PLACES) {
      const params = Object.fromEntries(parametersIn(probe, 'path').map(({ name }) => [name, value]))
      const sent = body?.example === undefined ? {} : { body: JSON.stringify(body.example) }
      const told = await tell(probe, { params, ...sent })
      faults.push(...told.faults.map((fault) => `${value.slice(0, 60)}: ${fault}`))
    }
    expect(faults.slice(0, 8)).toEqual([])
  })

  test.skipIf(isOpen)('knows nobody without a key', async () => {
    for (const authorization of ['', 'Bearer', 'Basic bWFpbDp3b2s=']) {
      const told = await prober.ask(lab, probe, { params: asks.paramsOf(probe), headers: { authorization } })
      expect([told.status, told.code, told.faults]).toEqual([401, 'unauthorized', []])
    }
  })

  test.skipIf(!probe.path.includes('{'))('shows nothing of another account', async () => {
    const faults: string[] = []
    const things = asks.thingsOf(probe).slice(0, 5)
    for (const params of things.length === 0 ? [] : things) {
      const sent = body?.example === undefined ? {} : { body: JSON.stringify(body.example) }
      const headers = {
        authorization: `Bearer ${theirs}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      }
      const told = await prober.ask(lab, probe, { params, headers, ...sent })
      if (told.status < 400) faults.push(`${JSON.stringify(params)}: ${told.status}`)
      faults.push(...told.faults)
    }
    expect(faults).toEqual([])
  })
})

// ── Asking ──────────────────────────────────────────────────────────────────────────────────────

let mine = ''
let keys = 0

async function freshKey(account: string, mode: 'live' | 'test' = 'live'): Promise<string> {
  keys += 1
  return must(await lab.admin.keyCreate({ account, name: `probe-${keys}`, mode })).key
}

/** Who tries passwords waits longer with each: by the clock of the lab. */
const asked = (probe: Probe, ask: Ask): Promise<Told> =>
  /^\/v1\/(?:sessions|invitations)/.test(probe.path) && probe.method === 'POST'
    ? lab.meanwhile(prober.ask(lab, probe, ask))
    : prober.ask(lab, probe, ask)

/** With a key that works: what removes keys has removed ours. */
async function tell(probe: Probe, ask: Ask): Promise<Told> {
  if (mine === '') mine = await freshKey('default')
  const told = await asked(probe, {
    ...ask,
    headers: {
      authorization: `Bearer ${mine}`,
      ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...ask.headers,
    },
  })
  if (told.status !== 401 || ask.headers?.['authorization'] !== undefined) return told
  mine = await freshKey('default')
  return tell(probe, { ...ask, headers: { ...ask.headers, authorization: `Bearer ${mine}` } })
}

const latin = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').trim()

const show = (ask: Ask): string =>
  JSON.stringify({ ...ask, body: String(ask.body ?? '').slice(0, 400) }).slice(0, 700)
