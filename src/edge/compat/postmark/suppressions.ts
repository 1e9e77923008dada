//
// Owns: /compat/postmark/message-streams/{stream}/suppressions: the list of whom nobody writes to, as Postmark has it.
// There is one list for all transactional mail; that of broadcast is the scope "marketing".

import { DAY } from '../../../core/time.ts'
import type { FieldFault } from '../../../services/submission/refusal.ts'
import type { EntryView } from '../../../services/suppression/by-hand.ts'
import type { NativeEntries } from '../message.ts'
import { notAvailable, notHere, type Trouble, wrong } from '../trouble.ts'
import { listAt, objectAt, textAt } from '../values.ts'
import type { Answer, Ask, Route } from '../vendor.ts'
import { entryView, refusal } from './answers.ts'

const SCOPES: Readonly<Record<string, string>> = { outbound: 'all', broadcast: 'marketing' }
/** Of a dump. */
const MOST = 20_000
const PAGE = 1000
const TOO_MANY: Trouble = {
  status: 422,
  code: 'validation_failed',
  message: `There are more than ${MOST} entries; GET /v1/suppressions lists them page by page.`,
  fields: [],
}

export const SUPPRESSIONS: readonly Route[] = [
  { method: 'GET', path: '/message-streams/:stream/suppressions/dump', answer: dump },
  { method: 'POST', path: '/message-streams/:stream/suppressions', answer: (ask) => each(ask, 'add') },
  {
    method: 'POST',
    path: '/message-streams/:stream/suppressions/delete',
    answer: (ask) => each(ask, 'remove'),
  },
]

const scopeOf = ({ params }: Ask): string | undefined => SCOPES[params[0] ?? '']
const NO_STREAM = notHere('There are the streams outbound and broadcast.')

async function dump(ask: Ask): Promise<Answer> {
  const scope = scopeOf(ask)
  if (scope === undefined) return { trouble: NO_STREAM }
  const faults: FieldFault[] = []
  const sieve = sieveOf(ask.url.searchParams, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const entries: EntryView[] = []
  let after: string | null = ''
  while (after !== null) {
    const query = new URLSearchParams({ scope, limit: String(PAGE), ...(after === '' ? {} : { after }) })
    const page = await ask.native.ask<NativeEntries>({ method: 'GET', path: `/v1/suppressions?${query}` })
    if (!page.ok) return { trouble: page.error }
    entries.push(...page.value.data)
    after = page.value.next
    if (after !== null && entries.length >= MOST) return { trouble: TOO_MANY }
  }
  return Response.json({ Suppressions: entries.map(entryView).filter(sieve) })
}

type Shown = ReturnType<typeof entryView>

/** His conditions, each of which an entry has to meet. A day is whole, and UTC. */
function sieveOf(params: URLSearchParams, faults: FieldFault[]): (entry: Shown) => boolean {
  const sieves: ((entry: Shown) => boolean)[] = []
  const timeIn = (path: string, value: string): number => {
    const at = Date.parse(/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value) ? `${value}Z` : value)
    if (Number.isNaN(at)) faults.push({ path, code: 'invalid', message: 'wants a day such as 2027-01-15' })
    return at
  }
  for (const [name, value] of params) {
    const small = value.toLowerCase()
    if (isHarmless(name, value)) continue
    switch (name.toLowerCase()) {
      case 'suppressionreason':
        sieves.push((entry) => entry.SuppressionReason.toLowerCase() === small)
        break
      case 'origin':
        sieves.push((entry) => entry.Origin.toLowerCase() === small)
        break
      case 'emailaddress':
        sieves.push((entry) => entry.EmailAddress.toLowerCase() === small)
        break
      case 'fromdate': {
        const from = timeIn(name, value)
        sieves.push((entry) => Date.parse(entry.CreatedAt) >= from)
        break
      }
      case 'todate': {
        const to = timeIn(name, value) + (value.includes('T') ? 0 : DAY - 1)
        sieves.push((entry) => Date.parse(entry.CreatedAt) <= to)
        break
      }
      default: {
        const message = 'is not looked for here; use GET /v1/suppressions'
        faults.push(notAvailable(name, message))
      }
    }
  }
  return (entry) => sieves.every((meets) => meets(entry))
}

/** His client says them wherever there are lists; a dump is whole. */
const isHarmless = (name: string, value: string): boolean =>
  name === 'count' || (name === 'offset' && value === '0')

async function each(ask: Ask, what: 'add' | 'remove'): Promise<Answer> {
  const scope = scopeOf(ask)
  if (scope === undefined) return { trouble: NO_STREAM }
  const faults: FieldFault[] = []
  const list = listAt(objectAt(ask.body, 'the body', faults)['Suppressions'], 'Suppressions', faults)
  const addresses = list.map((one, place) => {
    const path = `Suppressions[${place}].EmailAddress`
    return textAt(objectAt(one, path, faults)['EmailAddress'], path, faults) ?? ''
  })
  // As many as he takes at once.
  if (addresses.length === 0 || addresses.length > 50) {
    faults.push({ path: 'Suppressions', code: 'invalid', message: 'wants a list of 1 to 50 addresses' })
  }
  if (faults.length > 0) return { trouble: wrong(faults) }
  const told: object[] = []
  for (const address of addresses) told.push(await one(ask, { what, scope, address }))
  return Response.json({ Suppressions: told })
}

interface Wish {
  readonly what: 'add' | 'remove'
  readonly scope: string
  readonly address: string
}

async function one({ native }: Ask, { address, scope, what }: Wish): Promise<object> {
  const path = `/v1/suppressions/${encodeURIComponent(address)}?scope=${encodeURIComponent(scope)}`
  const done = await native.ask(
    what === 'add'
      ? { method: 'POST', path: '/v1/suppressions', body: { address, scope } }
      : { method: 'DELETE', path },
  )
  const Status = what === 'add' ? 'Suppressed' : 'Deleted'
  // Who is not on the list is off it.
  const isDone = done.ok || (what === 'remove' && done.error.code === 'not_found')
  if (isDone) return { EmailAddress: address, Status, Message: null }
  return { EmailAddress: address, Status: 'Failed', Message: done.ok ? null : refusal(done.error).Message }
}
