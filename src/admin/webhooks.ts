//
// Owns: the operator's actions on webhooks of all accounts.

import { fault, ok } from '../core/result.ts'
import { WEBHOOK_FORMATS, type Webhook } from '../core/webhook.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import { MAX_WEBHOOKS, type WebhookFault } from '../services/webhooks/webhooks.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { accountNamed, accountNames } from './directory.ts'
import { iso, notFound, storeFault } from './faults.ts'
import { named, type WebhookPostParts, webhookPostActions } from './webhook-posts.ts'
import type { WebhookRow } from './webhook-rows.ts'

export interface WebhookAdminParts extends WebhookPostParts {
  readonly accounts: Accounts
}

export type WebhookActions = Pick<AdminActions, `webhook${string}` & keyof AdminActions>

export function webhookActions(parts: WebhookAdminParts): WebhookActions {
  const { accounts, webhooks } = parts
  const row = async (hook: Webhook): Promise<WebhookRow> => {
    const nameOf = await accountNames(accounts)
    return rowOf(hook, nameOf(hook.accountId))
  }
  return {
    ...webhookPostActions(parts),
    async webhookAdd({ account, url, events, note, format: named = 'mailwok' }) {
      const format = WEBHOOK_FORMATS.find((one) => one === named)
      if (format === undefined) {
        const message = `${JSON.stringify(named)} is no format; known: ${WEBHOOK_FORMATS.join(', ')}`
        return fault({ code: 'invalid_format', message })
      }
      const owner = await accountNamed(accounts, account)
      if (!owner.ok) return owner
      const made = await webhooks.add(owner.value.id, { url, events, note, format })
      if (!made.ok) return fault(faultOf(made.error))
      return ok({ ...rowOf(made.value.webhook, account), secret: made.value.secret })
    },
    async webhookList({ account }) {
      const owner = account === null ? null : await accountNamed(accounts, account)
      if (owner?.ok === false) return owner
      const hooks = await webhooks.list(owner?.ok ? owner.value.id : null)
      const nameOf = await accountNames(accounts)
      return ok(hooks.map((hook) => rowOf(hook, nameOf(hook.accountId))))
    },
    async webhookState({ id, state }) {
      const hook = await named(webhooks, id)
      if (!hook.ok) return hook
      const changed = await webhooks.change(hook.value, { state })
      return changed.ok ? ok(await row(changed.value)) : fault(faultOf(changed.error))
    },
    async webhookRotate({ id }) {
      const hook = await named(webhooks, id)
      if (!hook.ok) return hook
      const made = await webhooks.rotate(hook.value)
      if (!made.ok) return fault(faultOf(made.error))
      return ok({ ...(await row(made.value.webhook)), secret: made.value.secret })
    },
    async webhookRemove({ id }) {
      const hook = await named(webhooks, id)
      if (!hook.ok) return hook
      const removed = await webhooks.remove(hook.value.id)
      return removed.ok ? ok({ id }) : fault(storeFault(removed.error))
    },
  }
}

const rowOf = (hook: Webhook, account: string): WebhookRow => ({
  id: hook.id,
  url: hook.url,
  events: hook.events.join(' '),
  format: hook.format,
  state: hook.state,
  reason: hook.reason,
  account,
  note: hook.note,
  created_at: iso(hook.createdAt),
  failing_since: hook.failingSince === null ? null : iso(hook.failingSince),
})

function faultOf(error: WebhookFault): AdminFault {
  if (typeof error === 'object') {
    const known = error.known.join(', ')
    return {
      code: 'invalid_event',
      message: `${JSON.stringify(error.name)} is no event that it can be told; known: ${known}`,
    }
  }
  switch (error) {
    case 'bad-url':
      return {
        code: 'invalid_url',
        message: 'that is no URL that can be posted to; want https://host/path, without a password',
      }
    case 'inside-url':
      return {
        code: 'inside_url',
        message: 'that is on the inside; name host and port in webhooks.allow if that is meant',
      }
    case 'too-many':
      return { code: 'too_many', message: `an account has at most ${MAX_WEBHOOKS} webhooks` }
    case 'unknown':
      return notFound('webhook', 'mailwok webhook list')
    case 'full':
    case 'busy':
    case 'unavailable':
      return storeFault(error)
    default:
      return error satisfies never
  }
}
