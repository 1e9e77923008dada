//
// Owns: SendGrid's lists of whom nobody writes to: bounces, spam reports and the global unsubscribes.

import type { FieldFault } from '../../../services/submission/refusal.ts'
import type { EntryView } from '../../../services/suppression/by-hand.ts'
import { added, entriesOf, type Kind, listed, taken } from '../suppressed.ts'
import { notAvailable, notHere, notKnown, wrong } from '../trouble.ts'
import { listAt, objectAt, textAt } from '../values.ts'
import type { Answer, Ask, Route } from '../vendor.ts'

const BOUNCES: Kind = { reasons: ['hard_bounce'], scope: 'all' }
const REPORTS: Kind = { reasons: ['complaint'], scope: 'all' }
/** What people and operators asked for. */
const GLOBAL: Kind = { reasons: ['unsubscribe', 'manual', 'import'], scope: 'all' }

const routesOf = (path: string, kind: Kind, view: (entry: EntryView) => object): Route[] => [
  { method: 'GET', path, answer: (ask) => list(ask, kind, view) },
  { method: 'GET', path: `${path}/:email`, answer: (ask) => get(ask, kind, view) },
  { method: 'DELETE', path, answer: (ask) => removeAll(ask, kind) },
  { method: 'DELETE', path: `${path}/:email`, answer: (ask) => remove(ask, kind) },
]

const NOT_ON_IT = notHere('That address is not on this list.')

const secondsOf = ({ created_at }: EntryView): number => Math.floor(Date.parse(created_at) / 1000)

export const SUPPRESSIONS: readonly Route[] = [
  ...routesOf('/v3/suppression/bounces', BOUNCES, (entry) => ({
    created: secondsOf(entry),
    email: entry.address,
    reason: entry.note,
    status: '',
  })),
  ...routesOf('/v3/suppression/spam_reports', REPORTS, (entry) => ({
    created: secondsOf(entry),
    email: entry.address,
    ip: '',
  })),
  // What he tells apart by them stops no mail here, or is a bounce: nobody is on these lists.
  ...['/v3/suppression/blocks', '/v3/suppression/invalid_emails'].flatMap((path): Route[] => [
    { method: 'GET', path, answer: () => Response.json([]) },
    { method: 'GET', path: `${path}/:email`, answer: () => Response.json([]) },
    { method: 'DELETE', path: `${path}/:email`, answer: () => ({ trouble: NOT_ON_IT }) },
  ]),
  {
    method: 'GET',
    path: '/v3/suppression/unsubscribes',
    answer: (ask) => list(ask, GLOBAL, (entry) => ({ created: secondsOf(entry), email: entry.address })),
  },
  { method: 'POST', path: '/v3/asm/suppressions/global', answer: add },
  {
    method: 'GET',
    path: '/v3/asm/suppressions/global/:email',
    answer: async ({ native, params }) => {
      const found = await entriesOf(native, GLOBAL, params[0] ?? '')
      if (!found.ok) return { trouble: found.error }
      const [first] = found.value
      return Response.json(first ? { recipient_email: first.address } : {})
    },
  },
  { method: 'DELETE', path: '/v3/asm/suppressions/global/:email', answer: (ask) => remove(ask, GLOBAL) },
]

async function list(ask: Ask, kind: Kind, view: (entry: EntryView) => object): Promise<Answer> {
  const { native, url } = ask
  const faults: FieldFault[] = []
  for (const [name, value] of url.searchParams) {
    if (name === 'limit' || name === 'email' || (name === 'offset' && value === '0')) continue
    if (['start_time', 'end_time'].includes(name)) {
      if (/^\d{1,11}$/.test(value)) continue
      faults.push({ path: name, code: 'invalid', message: 'wants seconds since 1970' })
      continue
    }
    const message = 'is not known here; GET /v1/suppressions lists page by page'
    faults.push(notAvailable(name, message))
  }
  const limit = Number(url.searchParams.get('limit') ?? 500)
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) {
    faults.push({ path: 'limit', code: 'invalid', message: 'wants a whole number from 1 to 500' })
  }
  if (faults.length > 0) return { trouble: wrong(faults) }
  const email = url.searchParams.get('email')
  if (email !== null) return get({ ...ask, params: [email] }, kind, view)
  const page = await listed(native, kind, { limit, after: '', ...withinOf(url.searchParams) })
  return page.ok ? Response.json(page.value.entries.map(view)) : { trouble: page.error }
}

/** Both ends are of it. */
function withinOf(params: URLSearchParams): { within?: (entry: EntryView) => boolean } {
  const from = params.get('start_time')
  const to = params.get('end_time')
  if (from === null && to === null) return {}
  return {
    within: (entry) =>
      secondsOf(entry) >= Number(from ?? 0) && secondsOf(entry) <= Number(to ?? Number.POSITIVE_INFINITY),
  }
}

async function get({ native, params }: Ask, kind: Kind, view: (entry: EntryView) => object): Promise<Answer> {
  const found = await entriesOf(native, kind, params[0] ?? '')
  return found.ok ? Response.json(found.value.map(view)) : { trouble: found.error }
}

async function remove({ native, params }: Ask, kind: Kind): Promise<Answer> {
  const gone = await taken(native, kind, params[0] ?? '')
  if (!gone.ok) return { trouble: gone.error }
  return gone.value ? new Response(null, { status: 204 }) : { trouble: NOT_ON_IT }
}

/** Those that the body names; all at once is more than one request should be able to do by mistake. */
async function removeAll({ body, native }: Ask, kind: Kind): Promise<Answer> {
  const faults: FieldFault[] = []
  const { delete_all, emails, ...rest } = objectAt(body, 'the body', faults)
  if (delete_all === true) {
    const message = 'is not done here; name the addresses in emails'
    faults.push({ path: 'delete_all', code: 'not_available', message })
  }
  for (const name of Object.keys(rest)) {
    faults.push(notKnown(name))
  }
  const list = listAt(emails, 'emails', faults).map((one, at) => textAt(one, `emails[${at}]`, faults) ?? '')
  if (faults.length === 0 && (list.length === 0 || list.length > 100)) {
    faults.push({ path: 'emails', code: 'invalid', message: 'wants a list of 1 to 100 addresses' })
  }
  if (faults.length > 0) return { trouble: wrong(faults) }
  for (const email of list) {
    const gone = await taken(native, kind, email)
    if (!gone.ok) return { trouble: gone.error }
  }
  return new Response(null, { status: 204 })
}

async function add({ body, native }: Ask): Promise<Answer> {
  const faults: FieldFault[] = []
  const fields = objectAt(body, 'the body', faults)
  for (const name of Object.keys(fields)) {
    if (name !== 'recipient_emails')
      faults.push({ path: name, code: 'unknown_field', message: 'is not a known field' })
  }
  const emails = listAt(fields['recipient_emails'], 'recipient_emails', faults).map(
    (one, at) => textAt(one, `recipient_emails[${at}]`, faults) ?? '',
  )
  if (emails.length === 0 || emails.length > 100) {
    faults.push({ path: 'recipient_emails', code: 'invalid', message: 'wants a list of 1 to 100 addresses' })
  }
  if (faults.length > 0) return { trouble: wrong(faults) }
  for (const email of emails) {
    const put = await added(native, GLOBAL, { address: email })
    if (!put.ok) return { trouble: put.error }
  }
  return Response.json({ recipient_emails: emails }, { status: 201 })
}
