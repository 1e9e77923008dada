//
// Owns: the suppression list as the operator sees and changes it, for any account.

import { parseDomain, parseMailbox } from '../core/address.ts'
import type { Clock } from '../core/ports.ts'
import { fault, ok, type Result } from '../core/result.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import {
  entryView,
  pageMark,
  parseScope,
  REASONS,
  readEntry,
  readPageMark,
} from '../services/suppression/by-hand.ts'
import { type Suppression, suppressionKey } from '../services/suppression/suppression.ts'
import type { SuppressionListAsk, SuppressionStore } from '../store/suppression-store.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { accountNamed } from './directory.ts'
import { notFound, storeFault } from './faults.ts'
import type { SuppressionPageAsk } from './suppression-rows.ts'

export interface SuppressionActionParts {
  readonly accounts: Accounts
  readonly suppression: Pick<Suppression, 'put' | 'remove'>
  readonly store: { readonly suppressions: Pick<SuppressionStore, 'list' | 'entries'> }
  readonly clock: Clock
}

type SuppressionActions = Pick<AdminActions, `suppression${string}` & keyof AdminActions>

export function suppressionActions(parts: SuppressionActionParts): SuppressionActions {
  const { accounts, clock, store, suppression } = parts
  return {
    async suppressionPut({ account: name, entries: drafts, dry_run: dryRun }) {
      const account = await accountNamed(accounts, name)
      if (!account.ok) return account
      const facts = { account: account.value.id, now: clock.now(), reason: 'manual' } as const
      const read = drafts.map((draft) => readEntry(draft, facts))
      const entries = read.flatMap((one) => (one.ok ? [one.value] : []))
      const put = dryRun || entries.length === 0 ? ok(undefined) : await suppression.put(entries)
      if (!put.ok) return fault(storeFault(put.error))
      const faults = read.flatMap((one, index) =>
        one.ok ? [] : [{ index, field: one.error.path, message: one.error.message }],
      )
      return ok({ added: entries.length, faults })
    },
    async suppressionList(ask) {
      const account = await accountNamed(accounts, ask.account)
      if (!account.ok) return account
      const filter = readFilter(ask)
      if (!filter.ok) return filter
      const page = await store.suppressions.list({
        ...filter.value,
        account: account.value.id,
        limit: ask.limit,
        after: ask.after === null ? null : readPageMark(ask.after),
        now: ask.include_expired ? null : clock.now(),
      })
      const last = page.length === ask.limit ? page[page.length - 1] : undefined
      return ok({ entries: page.map(entryView), next: last ? pageMark(last) : null })
    },
    async suppressionShow({ account: name, address }) {
      const account = await accountNamed(accounts, name)
      if (!account.ok) return account
      const key = keyOf(address)
      const entries = key === null ? [] : await store.suppressions.entries(account.value.id, key)
      return entries.length === 0 ? fault(notListed(address)) : ok(entries.map(entryView))
    },
    async suppressionRemove({ account: name, address, scope: wanted }) {
      const account = await accountNamed(accounts, name)
      if (!account.ok) return account
      const scope = wanted === null ? null : parseScope(wanted)
      if (wanted !== null && scope === null) return fault(usage('--scope wants all, marketing, list:<id>'))
      const key = keyOf(address)
      const removed = key === null ? ok(0) : await suppression.remove(account.value.id, key, scope)
      if (!removed.ok) return fault(storeFault(removed.error))
      return removed.value === 0 ? fault(notListed(address)) : ok({ removed: removed.value })
    },
  }
}

function readFilter(
  ask: SuppressionPageAsk,
): Result<Pick<SuppressionListAsk, 'scope' | 'reason' | 'domain'>, AdminFault> {
  const scope = ask.scope === null ? null : parseScope(ask.scope)
  if (ask.scope !== null && scope === null) return fault(usage('--scope wants all, marketing, list:<id>'))
  const reason = REASONS.find((one) => one === ask.reason) ?? null
  if (ask.reason !== null && reason === null) return fault(usage(`--reason wants ${REASONS.join(', ')}`))
  // As entries have it: in A-labels. It goes into a pattern, where `_` would mean any letter.
  const domain = ask.domain === null ? null : parseDomain(ask.domain)
  if (domain !== null && !domain.ok) return fault(usage('--domain wants a name such as example.net'))
  return ok({ scope, reason, domain: domain === null ? null : domain.value })
}

const usage = (message: string): AdminFault => ({ code: 'usage', message })

const notListed = (address: string): AdminFault =>
  notFound(`entry for ${JSON.stringify(address)} on the suppression list`, 'mailwok suppression list')

/** As the list has it; what is no address is on no list. */
function keyOf(address: string): string | null {
  const parsed = parseMailbox(address.trim())
  return parsed.ok ? suppressionKey(parsed.value) : null
}
