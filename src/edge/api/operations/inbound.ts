//
// Owns: what the routes of /v1/inbound say of themselves.

import { operation } from '../operation.ts'
import { MadeRoute, RouteAnswer, RoutePath, Routes, RoutesQuery, TestedRoute } from '../schema/inbound.ts'
import { Removed } from '../schema/suppressions.ts'

const of = { params: RoutePath } as const

export const LIST_ROUTES = operation({
  summary: 'List inbound routes',
  description: 'Where mail for addresses of the account’s domains goes, the newest first.',
  query: RoutesQuery,
  answers: { 200: { description: 'A page of routes.', schema: Routes } },
})
export const ADD_ROUTE = operation({
  summary: 'Add an inbound route',
  description:
    'Mail for the address, or with `*` for all others of its domain, is forwarded or posted. A webhook’s secret is told here and never again.',
  bodyExample: { pattern: 'support@example.com', action: 'forward', target: 'desk@example.net' },
  answers: { 200: { description: 'The route.', schema: MadeRoute } },
  problems: ['address_taken', 'live_key_required'],
})
export const GET_ROUTE = operation({
  summary: 'Get an inbound route',
  ...of,
  answers: { 200: { description: 'The route.', schema: RouteAnswer } },
  problems: ['not_found'],
})
export const CHANGE_ROUTE = operation({
  summary: 'Change an inbound route',
  description:
    'What is not named stays as it is. A webhook that answered 410 is closed: `open` takes mail for it again, and posts what waits.',
  ...of,
  bodyExample: { state: 'open' },
  answers: { 200: { description: 'The route as it is now.', schema: RouteAnswer } },
  problems: ['not_found', 'live_key_required'],
})
export const REMOVE_ROUTE = operation({
  summary: 'Remove an inbound route',
  description: 'Mail for it is refused from now on; what waits for its webhook goes with it.',
  ...of,
  answers: { 200: { description: 'It is gone.', schema: Removed, example: { success: true, removed: 1 } } },
  problems: ['not_found', 'live_key_required'],
})
export const TEST_ROUTE = operation({
  summary: 'Test an inbound route',
  description:
    'Posts a letter that was made up to its webhook now, signed as all are, and says what came of it.',
  ...of,
  answers: { 200: { description: 'What the endpoint answered.', schema: TestedRoute } },
  problems: ['not_found', 'validation_failed'],
})
