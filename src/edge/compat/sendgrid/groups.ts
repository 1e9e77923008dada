//
// Owns: /v3/asm/groups/{id}/suppressions: who left a group. The group 17 is the list `asm-17` (send.ts).

import type { FieldFault } from '../../../services/submission/refusal.ts'
import type { EntryView } from '../../../services/suppression/by-hand.ts'
import type { Native, NativeAnswer } from '../native.ts'
import { notHere, notKnown, wrong } from '../trouble.ts'
import { listAt, objectAt, textAt } from '../values.ts'
import type { Answer, Ask, Route } from '../vendor.ts'

const PATH = '/v3/asm/groups/:group/suppressions'

export const GROUPS: readonly Route[] = [
  { method: 'GET', path: PATH, answer: list },
  { method: 'POST', path: PATH, answer: add },
  { method: 'POST', path: `${PATH}/search`, answer: search },
  { method: 'DELETE', path: `${PATH}/:email`, answer: remove },
]

interface Page {
  readonly data: readonly EntryView[]
  readonly next: string | null
}

const PAGE = 1000
const MOST = 20_000

const scopeOf = ({ params }: Ask): string | null =>
  /^\d{1,15}$/.test(params[0] ?? '') ? `list:asm-${Number(params[0])}` : null
const NO_GROUP = notHere('A group is a number.')

async function addressesIn(native: Native, scope: string): Promise<NativeAnswer<string[]>> {
  const addresses: string[] = []
  let after: string | null = ''
  while (after !== null) {
    const query = new URLSearchParams({ scope, limit: String(PAGE), ...(after === '' ? {} : { after }) })
    const page: NativeAnswer<Page> = await native.ask<Page>({
      method: 'GET',
      path: `/v1/suppressions?${query}`,
    })
    if (!page.ok) return page
    addresses.push(...page.value.data.map(({ address }) => address))
    after = page.value.next
    if (after === null || addresses.length < MOST) continue
    const message = `There are more than ${MOST} addresses; GET /v1/suppressions lists them page by page.`
    return { ok: false, error: { status: 422, code: 'validation_failed', message, fields: [] } }
  }
  return { ok: true, value: addresses }
}

async function list(ask: Ask): Promise<Answer> {
  const scope = scopeOf(ask)
  if (scope === null) return { trouble: NO_GROUP }
  const found = await addressesIn(ask.native, scope)
  return found.ok ? Response.json(found.value) : { trouble: found.error }
}

function emailsIn(body: unknown, faults: FieldFault[]): string[] {
  const fields = objectAt(body, 'the body', faults)
  for (const name of Object.keys(fields)) {
    if (name === 'recipient_emails') continue
    faults.push(notKnown(name))
  }
  const emails = listAt(fields['recipient_emails'], 'recipient_emails', faults).map(
    (one, at) => textAt(one, `recipient_emails[${at}]`, faults) ?? '',
  )
  if (emails.length === 0 || emails.length > 1000) {
    faults.push({ path: 'recipient_emails', code: 'invalid', message: 'wants a list of 1 to 1000 addresses' })
  }
  return emails
}

async function add(ask: Ask): Promise<Answer> {
  const scope = scopeOf(ask)
  if (scope === null) return { trouble: NO_GROUP }
  const faults: FieldFault[] = []
  const emails = emailsIn(ask.body, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const entries = emails.map((address) => ({ address, scope, reason: 'unsubscribe' }))
  const put = await ask.native.ask<{
    readonly failed: readonly { readonly index: number; readonly message: string }[]
  }>({ method: 'POST', path: '/v1/suppressions/bulk', body: { entries } })
  if (!put.ok) return { trouble: put.error }
  const bad = put.value.failed.map(({ index, message }) => ({
    path: `recipient_emails[${index}]`,
    code: 'invalid' as const,
    message,
  }))
  if (bad.length > 0) return { trouble: wrong(bad) }
  return Response.json({ recipient_emails: emails }, { status: 201 })
}

/** Which of these have left it. */
async function search(ask: Ask): Promise<Answer> {
  const scope = scopeOf(ask)
  if (scope === null) return { trouble: NO_GROUP }
  const faults: FieldFault[] = []
  const emails = emailsIn(ask.body, faults)
  if (faults.length > 0) return { trouble: wrong(faults) }
  const found = await addressesIn(ask.native, scope)
  if (!found.ok) return { trouble: found.error }
  const left = new Set(found.value.map((address) => address.toLowerCase()))
  return Response.json(emails.filter((email) => left.has(email.toLowerCase())))
}

async function remove(ask: Ask): Promise<Answer> {
  const scope = scopeOf(ask)
  if (scope === null) return { trouble: NO_GROUP }
  const path = `/v1/suppressions/${encodeURIComponent(ask.params[1] ?? '')}?scope=${encodeURIComponent(scope)}`
  const gone = await ask.native.ask({ method: 'DELETE', path })
  if (gone.ok) return new Response(null, { status: 204 })
  return {
    trouble: gone.error.code === 'not_found' ? notHere('That address has not left this group.') : gone.error,
  }
}
