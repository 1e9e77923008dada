//
// Owns: /v1/account: what an account sees of itself and sets for itself.

import { Elysia } from 'elysia'
import type { AccountSettings } from '../../../core/account.ts'
import { parseMailbox } from '../../../core/address.ts'
import { fault, ok, type Result } from '../../../core/result.ts'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import { CHANGE_OWN, GET_OWN } from '../operations/accounts.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { fromRefusal, LIVE_KEY_REQUIRED, noSuch, type Problem } from '../problem.ts'
import { invalid } from '../query.ts'
import { NO_QUERY, readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { SettingsBody } from '../schema/accounts.ts'

export function accountRoutes(parts: ApiParts, callerOf: (request: Request) => Caller) {
  const { accountDesk, ids } = parts
  return new Elysia({ prefix: '/v1/account', name: 'account', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const asked = readQuery(request, NO_QUERY)
        if (!asked.ok) return say(asked.error, set, ids)
        const { accountId } = callerOf(request).key
        return (await ownView(parts, accountId)) ?? say(noSuch('account', accountId), set, ids)
      },
      { ...GET_OWN },
    )
    .patch(
      '',
      async ({ body, request, set }) => {
        const { key } = callerOf(request)
        if (key.mode === 'test') return say(LIVE_KEY_REQUIRED, set, ids)
        const account = await accountDesk.get(key.accountId)
        if (!account) return say(noSuch('account', key.accountId), set, ids)
        const settings = readSettings(body, account.settings)
        if (!settings.ok) return say(settings.error, set, ids)
        const saved = await accountDesk.saveSettings(account, settings.value)
        if (!saved.ok) return say(fromRefusal(storeRefusal(saved.error)), set, ids)
        return (await ownView(parts, account.id)) ?? say(noSuch('account', account.id), set, ids)
      },
      { body: SettingsBody, ...CHANGE_OWN },
    )
}

async function ownView({ accountDesk, sending }: ApiParts, id: Caller['key']['accountId']) {
  const account = await accountDesk.get(id)
  if (!account) return null
  const states = await sending.list(id)
  return {
    success: true,
    account: await accountDesk.view(account),
    sending: states.map(({ kind, name, reason, since, state }) => ({
      ...{ kind, name, state, reason },
      since: new Date(since).toISOString(),
    })),
  } as const
}

function readSettings(
  { contact, time_zone: timeZone }: typeof SettingsBody.static,
  before: AccountSettings,
): Result<AccountSettings, Problem> {
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    return fault(invalid('time_zone', 'is no time zone such as Europe/Paris'))
  }
  if (contact != null && !parseMailbox(contact).ok) {
    return fault(invalid('contact', 'is no address such as ops@shop.example'))
  }
  const { contact: known, ...others } = before
  const next = contact === undefined ? known : (contact ?? undefined)
  return ok({
    ...others,
    ...(next === undefined ? {} : { contact: next }),
    ...(timeZone === undefined ? {} : { timeZone }),
  })
}

/** Names alone: an offset such as +02:00 knows no summer. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
