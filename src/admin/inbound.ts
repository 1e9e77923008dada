//
// Owns: routes of incoming mail, and reports of others, as the operator sees them.

import { fault, ok } from '../core/result.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import {
  type InboundRoutes,
  MAX_ROUTES,
  type RouteDraft,
  type RouteFault,
} from '../services/inbound/routes.ts'
import type { InboundRoute, InboundStore, ReportId, ReportRow as StoredRow } from '../store/inbound-store.ts'
import type { AdminActions, AdminFault } from './admin.ts'
import { accountNamed, accountNames } from './directory.ts'
import { iso, notFound, storeFault } from './faults.ts'
import type { DmarcBody, InboundRouteRow, ReportRow, TlsBody } from './inbound-rows.ts'

export interface InboundAdminParts {
  readonly accounts: Accounts
  readonly routes: InboundRoutes
  readonly store: Pick<InboundStore, 'reports' | 'report'>
}

export type InboundActions = Pick<
  AdminActions,
  | 'inboundRouteAdd'
  | 'inboundRouteList'
  | 'inboundRouteOpen'
  | 'inboundRouteRemove'
  | 'reportList'
  | 'reportShow'
>

export function inboundActions({ accounts, routes, store }: InboundAdminParts): InboundActions {
  return {
    async inboundRouteAdd({ account, pattern, action, target }) {
      const owner = await accountNamed(accounts, account)
      if (!owner.ok) return owner
      const draft = { accountId: owner.value.id, pattern, action, target }
      const made = await routes.add(draft)
      if (!made.ok) return fault(routeFault(made.error, draft))
      return ok({ ...routeRow(made.value.route, account), secret: made.value.secret })
    },
    async inboundRouteList({ account }) {
      const owner = account === null ? null : await accountNamed(accounts, account)
      if (owner?.ok === false) return owner
      const nameOf = await accountNames(accounts)
      const found = await routes.list(owner?.ok ? owner.value.id : null)
      return ok(found.map((route) => routeRow(route, nameOf(route.accountId))))
    },
    async inboundRouteOpen({ pattern }) {
      const opened = await routes.open(pattern)
      if (!opened.ok) return fault(storeFault(opened.error))
      if (!opened.value)
        return fault(notFound(`closed inbound route ${pattern}`, 'mailwok inbound route list'))
      return ok({ pattern })
    },
    async inboundRouteRemove({ pattern }) {
      const removed = await routes.remove(pattern)
      if (!removed.ok) return fault(storeFault(removed.error))
      if (!removed.value) return fault(notFound(`inbound route ${pattern}`, 'mailwok inbound route list'))
      return ok({ pattern })
    },
    async reportList(ask) {
      return ok((await store.reports(ask)).map(reportRow))
    },
    async reportShow({ id }) {
      const found = await store.report(id as ReportId)
      if (!found) return fault(notFound(`report ${id}`, 'mailwok report list'))
      const { body, receivedAt, reportId } = found
      return ok({
        ...reportRow(found),
        report_id: reportId,
        received_at: iso(receivedAt),
        body: body as DmarcBody | TlsBody,
      })
    },
  }
}

const routeRow = (route: InboundRoute, account: string): InboundRouteRow => ({
  id: route.id,
  pattern: route.pattern,
  action: route.action,
  target: route.target,
  state: route.closed ? 'closed' : 'open',
  account,
  created_at: iso(route.createdAt),
})

const reportRow = (row: StoredRow): ReportRow => ({
  id: row.id,
  kind: row.kind,
  domain: row.domain,
  organization: row.organization,
  from: iso(row.beginAt),
  to: iso(row.endAt),
  passed: row.passed,
  failed: row.failed,
})

function routeFault(error: RouteFault, { pattern, target }: RouteDraft): AdminFault {
  const said = JSON.stringify(pattern)
  switch (error) {
    case 'exists':
      return { code: 'exists', message: `there is a route for ${said} already; remove it first` }
    case 'too-many':
      return { code: 'too_many', message: `an account has at most ${MAX_ROUTES} routes` }
    case 'bad-pattern':
      return {
        code: 'invalid_pattern',
        message: `${said} is no address; want support@example.com or *@example.com`,
      }
    case 'not-your-domain':
      return {
        code: 'not_your_domain',
        message: `${said}: the account has not added that domain; see mailwok domain add`,
      }
    case 'return-path':
      return { code: 'return_path', message: `${said}: that host is for bounces alone` }
    case 'bad-address':
      return { code: 'invalid_address', message: `${JSON.stringify(target)} is no address to forward to` }
    case 'bad-url':
      return {
        code: 'invalid_url',
        message: `${JSON.stringify(target)} is no URL that can be posted to; want https://host/path, without a password`,
      }
    case 'inside-url':
      return {
        code: 'inside_url',
        message: `${JSON.stringify(target)} is on the inside; name host and port in webhooks.allow if that is meant`,
      }
    case 'forward-to-route':
      return {
        code: 'forward_to_route',
        message: `${JSON.stringify(target)} has its mail here itself; forward to a mailbox elsewhere`,
      }
    case 'full':
    case 'busy':
    case 'unavailable':
      return storeFault(error)
    default:
      return error satisfies never
  }
}
