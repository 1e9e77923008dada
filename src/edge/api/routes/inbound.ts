//
// Owns: /v1/inbound: where mail for addresses of an account's domains goes.

import { Elysia } from 'elysia'
import { fault, ok, type Result } from '../../../core/result.ts'
import type { InboundRoutes, RouteFault } from '../../../services/inbound/routes.ts'
import { MAX_ROUTES } from '../../../services/inbound/routes.ts'
import { storeRefusal } from '../../../services/submission/store-refusal.ts'
import type { InboundRoute } from '../../../store/inbound-store.ts'
import {
  ADD_ROUTE,
  CHANGE_ROUTE,
  GET_ROUTE,
  LIST_ROUTES,
  REMOVE_ROUTE,
  TEST_ROUTE,
} from '../operations/inbound.ts'
import { pageOf } from '../page.ts'
import type { ApiParts, Caller } from '../parts.ts'
import { fromRefusal, LIVE_KEY_REQUIRED, noSuch, type Problem } from '../problem.ts'
import { invalid } from '../query.ts'
import { readQuery } from '../read-query.ts'
import { say } from '../say.ts'
import { NewRouteBody, RouteChangeBody, RoutesQuery } from '../schema/inbound.ts'

type Parts = Pick<ApiParts, 'inbound' | 'testRoute' | 'ids'>
type CallerOf = (request: Request) => Caller

export function inboundRoutes(parts: Parts, callerOf: CallerOf) {
  return new Elysia({ prefix: '/v1/inbound', name: 'inbound', normalize: false })
    .use(lookRoutes(parts, callerOf))
    .use(changeRoutes(parts, callerOf))
}

function lookRoutes(parts: Parts, callerOf: CallerOf) {
  return new Elysia({ name: 'inbound-look', normalize: false })
    .get(
      '',
      async ({ request, set }) => {
        const query = readQuery(request, RoutesQuery)
        if (!query.ok) return say(query.error, set, parts.ids)
        const all = await parts.inbound.list(callerOf(request).key.accountId)
        const page = pageOf(all, { limit: 50, ...query.value })
        return { success: true, data: page.data.map(routeView), has_more: page.has_more } as const
      },
      { ...LIST_ROUTES },
    )
    .get(
      '/:id',
      async ({ params, request, set }) => {
        const route = await find(parts.inbound, params.id, callerOf(request))
        return route.ok
          ? ({ success: true, route: routeView(route.value) } as const)
          : say(route.error, set, parts.ids)
      },
      { ...GET_ROUTE },
    )
    .post(
      '/:id/test',
      async ({ params, request, set }) => {
        const route = await find(parts.inbound, params.id, callerOf(request))
        if (!route.ok) return say(route.error, set, parts.ids)
        if (route.value.action !== 'webhook') return say(NO_WEBHOOK, set, parts.ids)
        const { fault: why, postId, status, taken, took } = await parts.testRoute(route.value)
        return {
          success: true,
          post_id: postId,
          taken,
          status,
          error: why,
          took_ms: Math.round(took),
        } as const
      },
      { ...TEST_ROUTE },
    )
}

function changeRoutes(parts: Parts, callerOf: CallerOf) {
  const { inbound } = parts
  return new Elysia({ name: 'inbound-change', normalize: false })
    .post(
      '',
      async ({ body, request, set }) => {
        const { key } = callerOf(request)
        if (key.mode === 'test') return say(LIVE_KEY_REQUIRED, set, parts.ids)
        const made = await inbound.add({ accountId: key.accountId, ...body })
        if (!made.ok) return say(problemOf(made.error, ''), set, parts.ids)
        return { success: true, route: routeView(made.value.route), secret: made.value.secret } as const
      },
      { body: NewRouteBody, ...ADD_ROUTE },
    )
    .patch(
      '/:id',
      async ({ body, params, request, set }) => {
        const caller = callerOf(request)
        if (caller.key.mode === 'test') return say(LIVE_KEY_REQUIRED, set, parts.ids)
        const route = await find(inbound, params.id, caller)
        if (!route.ok) return say(route.error, set, parts.ids)
        const closed = body.state === undefined ? null : body.state === 'closed'
        const changed = await inbound.change(route.value, { closed, target: body.target ?? null })
        if (!changed.ok) return say(problemOf(changed.error, params.id ?? ''), set, parts.ids)
        return { success: true, route: routeView(changed.value) } as const
      },
      { body: RouteChangeBody, ...CHANGE_ROUTE },
    )
    .delete(
      '/:id',
      async ({ params, request, set }) => {
        const caller = callerOf(request)
        if (caller.key.mode === 'test') return say(LIVE_KEY_REQUIRED, set, parts.ids)
        const route = await find(inbound, params.id, caller)
        if (!route.ok) return say(route.error, set, parts.ids)
        const removed = await inbound.remove(route.value.pattern)
        if (!removed.ok) return say(fromRefusal(storeRefusal(removed.error)), set, parts.ids)
        return { success: true, removed: 1 } as const
      },
      { ...REMOVE_ROUTE },
    )
}

async function find(
  inbound: InboundRoutes,
  named: string | null | undefined,
  { key }: Caller,
): Promise<Result<InboundRoute, Problem>> {
  const route = await inbound.get(named ?? '', key.accountId)
  return route === null ? fault(noSuch('route', named ?? '')) : ok(route)
}

const routeView = ({ action, closed, createdAt, id, pattern, target }: InboundRoute) => ({
  id,
  pattern,
  action,
  target,
  state: closed ? 'closed' : 'open',
  created_at: new Date(createdAt).toISOString(),
})

const NO_WEBHOOK = invalid('id', 'names a route that forwards; only a webhook can be tried')

function problemOf(error: RouteFault | 'not-a-webhook' | 'unknown', named: string): Problem {
  switch (error) {
    case 'exists':
      return { code: 'address_taken', message: 'There is a route for that address already.' }
    case 'unknown':
      return noSuch('route', named)
    case 'too-many':
      return invalid('pattern', `is one too many: an account has at most ${MAX_ROUTES} routes`)
    case 'bad-pattern':
      return invalid('pattern', 'is no address; want support@example.com or *@example.com')
    case 'not-your-domain':
      return invalid('pattern', 'is of no domain that this account has added')
    case 'return-path':
      return invalid('pattern', 'is at a host that is for bounces alone')
    case 'bad-address':
      return invalid('target', 'is no address to forward to')
    case 'bad-url':
      return invalid('target', 'is no URL that can be posted to; want https://host/path, without a password')
    case 'inside-url':
      return invalid('target', 'is on the inside of the network')
    case 'forward-to-route':
      return invalid('target', 'has its mail here itself; forward to a mailbox elsewhere')
    case 'not-a-webhook':
      return invalid('state', 'can be closed of a webhook alone; remove a route that forwards')
    case 'full':
    case 'busy':
    case 'unavailable':
      return fromRefusal(storeRefusal(error))
    default:
      return error satisfies never
  }
}
