//
// Every operation of the OpenAPI document, tried by the document alone: what it calls right is not refused for its form,
// what it calls wrong is refused, and whatever is asked gets a documented answer. New routes are tried as they come.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { SECOND } from '../../src/core/time.ts'
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
import { type Lab, must } from '../support/appliance.ts'
import { OWNER, PeopleLab } from '../support/people-lab.ts'
import { TEXTS } from '../support/schema-values.ts'

const RUNS = 25
const document = await apiDocument()
const probes = probesOf(document)
const asks = new ApiAsks(document)
const prober = new Prober(document)

/** What the store has to know first, and no example brings about. */
const LACKING = new RegExp(
  [
    // A second one of its name, another confirmation, a key file, a moment that is not past in the lab.
    '^POST /v1/domains$',
    '^DELETE /v1/accounts/',
    'dkim/import$',
    '^PATCH /v1/email/',
    // Everything has its end already.
    '^POST /v1/email/\\{id\\}/(?:cancel|retry)$',
    // Tokens of letters, passwords, codes, another account, a second owner.
    'invitations/accept$',
    '^POST /v1/(?:me/(?:account|password|totp.*)|password-resets/confirm|sessions)$',
    '^DELETE /v1/users/',
    // No JSON.
    'suppressions/import$',
    // A route that forwards, as the example has it.
    'inbound/\\{id\\}/test$',
  ].join('|'),
)

/** What removes and stops comes last. */
const ENDS = /^DELETE|\/suspend$|\/sessions$/
const groups = Object.entries(Object.groupBy(probes, ({ operation }) => operation.tags[0] ?? '')).map(
  ([name, of = []]) =>
    [name, of.toSorted((one, other) => Number(ENDS.test(one.name)) - Number(ENDS.test(other.name)))] as const,
)

let people: PeopleLab
let lab: Lab
let theirs = ''

/** Each part of the API has a lab of its own. */
async function begin(): Promise<void> {
  people = await PeopleLab.start()
  lab = people.lab
  mine = ''
  must(await lab.admin.accountAdd({ name: 'other', plan: 'unlimited' }))
  theirs = await freshKey('other')
  for (const to of ['rcpt@example.net', 'bounce-hard@sandbox.mailwok.test', 'defer@sandbox.mailwok.test']) {
    await lab.sent({ to })
  }
}

/** Of what the path names there is one again: by its example, and by its list. Who is on a small plan may ask again. */
async function renew(probe: Probe): Promise<void> {
  lab.clock.advance(10 * SECOND)
  const list = probe.path.replace(/\/\{.*$/, '')
  if (list === probe.path) return
  const made = probes.find(
    ({ method, path }) => method === 'POST' && (path === list || path === `${list}/send`),
  )
  const example = made === undefined ? undefined : bodyOf(made)?.example
  asks.forget(list)
  if (made !== undefined && example !== undefined) await tell(made, { body: JSON.stringify(example) })
  const listed = probes.find(({ method, path }) => method === 'GET' && path === list)
  if (listed !== undefined) asks.remember(listed, await tell(listed, {}))
}

/** Where an operation has no body or no path to be wrong, there is nothing to try: no test, rather than one passed over. */
const testWhere =
  (applies: boolean) =>
  (claim: string, run: () => Promise<void>): void => {
    if (applies) test(claim, run)
  }

describe.each(groups)('%s:', (_, of) => {
  beforeAll(begin, 60_000)
  afterAll(() => people[Symbol.asyncDispose]())

  describe.each(of.map((probe) => [probe.name, probe] as const))('%s', (_name, probe) => {
    beforeEach(() => renew(probe))
    const isOpen = probe.operation.security?.length === 0
    const body = bodyOf(probe)

    test('takes what is right', async () => {
      const faults = new Set<string>()
      const refusals = new Set<string>()
      let taken = 0
      await fc.assert(
        fc.asyncProperty(asks.right(probe), async (ask) => {
          const told = await tell(probe, ask)
          asks.remember(probe, told)
          if (told.status < 400) taken += 1
          else refusals.add(told.code ?? '')
          for (const fault of [...told.faults, ...asks.refusedThoughRight(probe, told)])
            faults.add(`${fault} ← ${show(ask)}`)
        }),
        { numRuns: RUNS, seed: 1 },
      )
      expect([...faults].slice(0, 5)).toEqual([])
      // Or nothing was learned of its answers.
      if (!LACKING.test(probe.name)) expect([taken > 0, ...refusals]).toEqual([true, ...refusals])
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
        const told = await tell(probe, {
          params: { ...asks.paramsOf(probe), ...params },
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
      for (const [what, sent, headers] of hostileBodies()) {
        const told = await tell(probe, {
          params: asks.paramsOf(probe),
          body: sent,
          ...(headers ? { headers } : {}),
        })
        faults.push(...told.faults.map((fault) => `${what}: ${fault}`))
        if (told.status < 400 && body?.schema['required'] !== undefined) faults.push(`${what}: taken`)
      }
      expect(faults.slice(0, 8)).toEqual([])
    })

    testWhere(probe.path.includes('{'))('answers whatever stands in its path', async () => {
      const faults: string[] = []
      for (const value of PLACES) {
        const params = Object.fromEntries(parametersIn(probe, 'path').map(({ name }) => [name, value]))
        const sent = body?.example === undefined ? {} : { body: JSON.stringify(body.example) }
        const told = await tell(probe, { params, ...sent })
        faults.push(...told.faults.map((fault) => `${value.slice(0, 60)}: ${fault}`))
      }
      expect(faults.slice(0, 8)).toEqual([])
    })

    testWhere(!isOpen)('knows nobody without a key', async () => {
      for (const authorization of ['', 'Bearer', 'Basic bWFpbDp3b2s=']) {
        const told = await prober.ask(lab, probe, {
          params: asks.paramsOf(probe),
          headers: { authorization },
        })
        expect([told.status, told.code, told.faults]).toEqual([401, 'unauthorized', []])
      }
    })

    testWhere(probe.path.includes('{'))('shows nothing of another account', async () => {
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
})

// ── Asking ──────────────────────────────────────────────────────────────────────────────────────

let mine = ''
let keys = 0

async function freshKey(account: string, mode: 'live' | 'test' = 'live'): Promise<string> {
  keys += 1
  const scopes = account === 'default' && mode === 'live' ? { scopes: ['all', 'operator'] } : {}
  return must(await lab.admin.keyCreate({ account, name: `probe-${keys}`, mode, ...scopes })).key
}

/** People for what is theirs, keys for all else. */
const OF_PEOPLE = /^\/v1\/(?:me|sessions|password-resets|invitations|users)\b/

/** Who tries passwords waits longer with each: by the clock of the lab. */
const asked = async (probe: Probe, ask: Ask): Promise<Told> => {
  const told = prober.ask(lab, probe, ask)
  if (!OF_PEOPLE.test(probe.path)) return told
  const first = await Promise.race([told, Bun.sleep(600)])
  return first ?? lab.meanwhile(told)
}

/** Who guessed before may have to wait. */
const loggedIn = (): Promise<string> =>
  people.loggedIn(OWNER).catch(() => people.forgiven().then(() => people.loggedIn(OWNER)))

/** With a key that works, or a person who is logged in: what removes keys has removed ours. */
async function tell(probe: Probe, ask: Ask, again = true): Promise<Told> {
  const isOfPeople = OF_PEOPLE.test(probe.path)
  if (!isOfPeople && mine === '') mine = await freshKey('default')
  const told = await asked(probe, {
    ...ask,
    headers: {
      authorization: `Bearer ${isOfPeople ? people.owner : mine}`,
      ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...ask.headers,
    },
  })
  if (told.code !== 'unauthorized' || !again) return told
  if (isOfPeople) people.owner = await loggedIn()
  else mine = await freshKey('default')
  return tell(probe, ask, false)
}

/** A batch is taken, and says of each message what is wrong with it. */
const refusesInside = ({ body }: Told): boolean =>
  typeof body === 'object' && body !== null && 'refused' in body && Number(body.refused) > 0

const latin = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').trim()

const show = (ask: Ask): string =>
  JSON.stringify({ ...ask, body: String(ask.body ?? '').slice(0, 400) }).slice(0, 700)
