//
// Owns: Mailgun's lists of whom nobody writes to: bounces, complaints and unsubscribes. The list is that of the account, for
// all its domains.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import type { EntryView } from '../../../services/suppression/by-hand.ts'
import type { Form } from '../body.ts'
import { added, entriesOf, type Kind, listed, markOf, type NewEntry, taken } from '../suppressed.ts'
import { notAvailable, notHere, wrong } from '../trouble.ts'
import { type Json, listAt, objectAt, textAt } from '../values.ts'
import type { Answer, Ask, Route } from '../vendor.ts'

interface Family extends Kind {
  readonly name: string
  /** Of one entry that is added: what he may say beside the address. */
  readonly known: readonly string[]
  readonly view: (entry: EntryView) => object
}

const base = (entry: EntryView) => ({
  address: entry.address,
  created_at: new Date(entry.created_at).toUTCString(),
})

const FAMILIES: readonly Family[] = [
  {
    name: 'bounces',
    reasons: ['hard_bounce'],
    scope: 'all',
    known: ['code', 'error', 'created_at'],
    view: (entry) => ({ ...base(entry), code: '550', error: entry.note }),
  },
  { name: 'complaints', reasons: ['complaint'], scope: 'all', known: ['created_at'], view: base },
  {
    name: 'unsubscribes',
    reasons: ['unsubscribe', 'manual', 'import'],
    scope: 'all',
    known: ['created_at'],
    view: (entry) => ({ ...base(entry), tags: ['*'] }),
  },
]

export const SUPPRESSIONS: readonly Route[] = FAMILIES.flatMap((family) => {
  const path = `/v3/:domain/${family.name}`
  return [
    { method: 'GET', path, answer: (ask: Ask) => list(ask, family) },
    { method: 'POST', path, answer: (ask: Ask) => add(ask, family) },
    { method: 'GET', path: `${path}/:address`, answer: (ask: Ask) => get(ask, family) },
    { method: 'DELETE', path: `${path}/:address`, answer: (ask: Ask) => remove(ask, family) },
  ]
})

async function list({ native, params, url }: Ask, family: Family): Promise<Answer> {
  const faults: FieldFault[] = []
  const { searchParams: query } = url
  // `page` and `address` stand in links of ours.
  for (const name of query.keys()) {
    if (['limit', 'page', 'address'].includes(name)) continue
    const message = 'is not known here; GET /v1/suppressions lists page by page'
    faults.push(notAvailable(name, message))
  }
  const limit = Number(query.get('limit') ?? 100)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    faults.push({ path: 'limit', code: 'invalid', message: 'wants a whole number from 1 to 1000' })
  }
  if (faults.length > 0) return { trouble: wrong(faults) }
  const page = await listed(native, family, { limit, after: query.get('address') ?? '' })
  if (!page.ok) return { trouble: page.error }
  const { entries, next } = page.value
  const link = (address: string): string => {
    const asked = new URLSearchParams({ page: 'next', address, limit: String(limit) })
    return `${url.origin}/compat/mailgun/v3/${encodeURIComponent(params[0] ?? '')}/${family.name}?${asked}`
  }
  const first = link('')
  // His clients go on until a page is empty: behind the last entry.
  const last = entries.at(-1)
  const rest = link(next ?? (last ? markOf(last) : (query.get('address') ?? '')))
  const paging = { first, previous: first, next: rest, last: rest }
  return Response.json({ items: entries.map(family.view), paging })
}

const unknown = notHere('Address not found in the list.')

async function get({ native, params }: Ask, family: Family): Promise<Answer> {
  const found = await entriesOf(native, family, params[1] ?? '')
  if (!found.ok) return { trouble: found.error }
  const [first] = found.value
  return first ? Response.json(family.view(first)) : { trouble: unknown }
}

async function remove({ native, params }: Ask, family: Family): Promise<Answer> {
  const address = params[1] ?? ''
  const gone = await taken(native, family, address)
  if (!gone.ok) return { trouble: gone.error }
  return gone.value
    ? Response.json({ message: 'It is on the list no more.', address, value: address })
    : { trouble: unknown }
}

/** One in a form, or several as JSON. */
async function add({ body, native }: Ask, family: Family): Promise<Answer> {
  const faults: FieldFault[] = []
  const list = body instanceof Map ? [asObject(body as Form)] : listAt(body, 'the body', faults)
  if (list.length === 0 || list.length > 1000) {
    faults.push({ path: 'the body', code: 'invalid', message: 'wants 1 to 1000 entries' })
  }
  const entries = list.map((one, at) =>
    entryIn(one, { path: body instanceof Map ? '' : `[${at}].`, family }, faults),
  )
  if (faults.length > 0) return { trouble: wrong(faults) }
  for (const entry of entries) {
    const put = await added(native, family, entry)
    if (!put.ok) return { trouble: put.error }
  }
  return Response.json({
    message: `${entries.length} ${entries.length === 1 ? 'address has' : 'addresses have'} been added.`,
  })
}

const asObject = (form: Form): Json => Object.fromEntries([...form].map(([name, [value]]) => [name, value]))

function entryIn(
  one: unknown,
  { family, path }: { readonly path: string; readonly family: Family },
  faults: FieldFault[],
): NewEntry {
  const fields = objectAt(one, path === '' ? 'the body' : path.slice(0, -1), faults)
  for (const [name, value] of Object.entries(fields)) {
    const isAll = /^tags?$/.test(name) && String(value) === '*'
    if (name === 'address' || family.known.includes(name) || isAll) continue
    const message =
      'is not known here; a list of its own is left by "list_unsubscribe" in POST /v1/email/send'
    faults.push({ path: `${path}${name}`, code: 'not_available', message })
  }
  const address = textAt(fields['address'], `${path}address`, faults)
  if (address === undefined) faults.push({ path: `${path}address`, code: 'required', message: 'is required' })
  return { address: address ?? '', note: noteOf(fields) }
}

/** What has no place of its own stands there for people. */
const noteOf = ({ code, created_at, error }: Json): string =>
  [code, error, created_at ? `(since ${created_at})` : ''].filter(Boolean).join(' ').slice(0, 500)
