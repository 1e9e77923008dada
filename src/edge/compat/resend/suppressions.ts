//
// Owns: /compat/resend/suppressions. An entry's id there is the mark that /v1/suppressions has for it.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import { type EntryView, readPageMark } from '../../../services/suppression/by-hand.ts'
import { added, entriesOf, type Kind, listed, markOf, taken } from '../suppressed.ts'
import { notAvailable, notHere, wrong } from '../trouble.ts'
import { listAt, objectAt, textAt } from '../values.ts'
import type { Answer, Ask, Route } from '../vendor.ts'

export const SUPPRESSIONS: readonly Route[] = [
  { method: 'GET', path: '/suppressions', answer: list },
  { method: 'POST', path: '/suppressions', answer: add },
  { method: 'POST', path: '/suppressions/batch/add', answer: addAll },
  { method: 'POST', path: '/suppressions/batch/remove', answer: removeAll },
  { method: 'GET', path: '/suppressions/:id', answer: get },
  { method: 'DELETE', path: '/suppressions/:id', answer: remove },
]

/** His word for a reason. */
const ORIGINS: Readonly<Record<string, Kind>> = {
  bounce: { reasons: ['hard_bounce'], scope: 'all' },
  complaint: { reasons: ['complaint'], scope: 'all' },
  manual: { reasons: ['manual', 'import', 'unsubscribe'], scope: 'all' },
}
const ALL: Kind = { reasons: [], scope: 'all' }
const MANUAL: Kind = { reasons: ['manual'], scope: 'all' }
const MOST_AT_ONCE = 100

const entryView = (entry: EntryView) => ({
  id: markOf(entry),
  email: entry.address,
  origin: entry.reason === 'hard_bounce' ? 'bounce' : entry.reason === 'complaint' ? 'complaint' : 'manual',
  source_id: null,
  created_at: entry.created_at,
})

async function list({ native, url }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const known = ['limit', 'after', 'origin']
  for (const name of url.searchParams.keys()) {
    if (known.includes(name)) continue
    faults.push(notAvailable(name, 'is not known here'))
  }
  const origin = url.searchParams.get('origin')
  const kind = origin === null ? ALL : ORIGINS[origin]
  const limit = Number(url.searchParams.get('limit') ?? 20)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    faults.push({ path: 'limit', code: 'invalid', message: 'wants a whole number from 1 to 100' })
  }
  if (kind === undefined) {
    faults.push({
      path: 'origin',
      code: 'invalid',
      message: `wants one of ${Object.keys(ORIGINS).join(', ')}`,
    })
  }
  if (faults.length > 0 || kind === undefined) return { trouble: wrong(faults) }
  const page = await listed(native, kind, { limit, after: url.searchParams.get('after') ?? '' })
  if (!page.ok) return { trouble: page.error }
  const { entries, next } = page.value
  return Response.json({ object: 'list', has_more: next !== null, data: entries.map(entryView) })
}

/** An address, or an id that we gave. */
const addressIn = (text: string): string =>
  text.includes('@') ? text : (readPageMark(text)?.recipient ?? text)

const unknown = notHere('There is no such suppression.')

async function get({ native, params }: Ask): Promise<Answer> {
  const found = await entriesOf(native, ALL, addressIn(params[0] ?? ''))
  if (!found.ok) return { trouble: found.error }
  const [first] = found.value
  return first ? Response.json({ object: 'suppression', ...entryView(first) }) : { trouble: unknown }
}

async function add({ body, native }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const { email, ...rest } = objectAt(body, 'the body', faults)
  const address = textAt(email, 'email', faults)
  if (address === undefined) faults.push({ path: 'email', code: 'required', message: 'is required' })
  for (const name of Object.keys(rest))
    faults.push({ path: name, code: 'unknown_field', message: 'is not a known field' })
  if (faults.length > 0 || address === undefined) return { trouble: wrong(faults) }
  const put = await added(native, MANUAL, { address })
  return put.ok ? Response.json({ object: 'suppression', id: markOf(put.value) }) : { trouble: put.error }
}

async function remove({ native, params }: Ask): Promise<Answer> {
  const [id = ''] = params
  const gone = await taken(native, ALL, addressIn(id))
  if (!gone.ok) return { trouble: gone.error }
  return gone.value ? Response.json({ object: 'suppression', id, deleted: true }) : { trouble: unknown }
}

function namesIn(body: unknown, names: readonly string[], faults: FieldFault[]): string[] {
  const fields = objectAt(body, 'the body', faults)
  const given = Object.keys(fields).filter((name) => fields[name] !== undefined)
  const [name = '', ...others] = given
  if (others.length > 0 || !names.includes(name)) {
    faults.push({ path: 'the body', code: 'invalid', message: `wants ${names.join(' or ')}` })
    return []
  }
  const list = listAt(fields[name], name, faults).map(
    (one, at) => textAt(one, `${name}[${at}]`, faults) ?? '',
  )
  if (list.length === 0 || list.length > MOST_AT_ONCE) {
    faults.push({ path: name, code: 'invalid', message: `wants a list of 1 to ${MOST_AT_ONCE}` })
  }
  return list
}

async function addAll({ body, native }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const addresses = namesIn(body, ['emails'], faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const data: object[] = []
  for (const address of addresses) {
    const put = await added(native, MANUAL, { address })
    if (!put.ok) return { trouble: put.error }
    data.push({ object: 'suppression', id: markOf(put.value) })
  }
  return Response.json({ data })
}

async function removeAll({ body, native }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const ids = namesIn(body, ['emails', 'ids'], faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const data: object[] = []
  for (const id of ids) {
    const gone = await taken(native, ALL, addressIn(id))
    if (!gone.ok) return { trouble: gone.error }
    data.push({ object: 'suppression', id, deleted: gone.value })
  }
  return Response.json({ data })
}
