//
// Owns: which scope a request wants, by its path and method: one table, looked at before a body is read.
// Never: whose things it may touch; every look-up carries the account (invariant I12).

import { holds, type KeyAccess, type Scope } from '../../core/access.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Problem } from './problem.ts'

interface Wanted {
  /** For GET and HEAD. */
  readonly read: Scope
  readonly write: Scope
}

const of = (scope: Scope): Wanted => ({ read: scope, write: scope })

/** By the first segment behind /v1; a route without its line here is a failed test. */
export const SCOPE_OF: Readonly<Record<string, Wanted | null>> = {
  email: { read: 'email:read', write: 'email:send' },
  events: of('events:read'),
  stats: of('stats:read'),
  templates: of('templates'),
  domains: of('domains'),
  suppressions: of('suppressions'),
  webhooks: of('webhooks'),
  inbound: of('inbound'),
  keys: of('keys'),
  account: of('account'),
  accounts: of('operator'),
  doctor: of('operator'),
  users: of('users'),
  invitations: of('users'),
  audit: of('audit'),
  // Of people themselves: each answers a key that nobody stands behind it, or asks strangers for what they know.
  sessions: null,
  me: null,
  'password-resets': null,
}

const PREFIX = '/v1/'
const WANTED = new Map(Object.entries(SCOPE_OF))

/** Null: there is no such part of the API, and the answer will be 404; or it is for people, not for keys. */
export function scopeWanted(method: string, path: string): Scope | null {
  if (!path.startsWith(PREFIX)) return null
  const end = path.indexOf('/', PREFIX.length)
  const wanted = WANTED.get(end === -1 ? path.slice(PREFIX.length) : path.slice(PREFIX.length, end))
  if (wanted === undefined || wanted === null) return null
  return method === 'GET' || method === 'HEAD' ? wanted.read : wanted.write
}

/** Whether a key with this access may ask for that. */
export function permitted(
  access: Pick<KeyAccess, 'scopes'>,
  method: string,
  path: string,
): Result<void, Problem> {
  const wanted = scopeWanted(method, path)
  if (wanted === null || holds(access, wanted)) return ok(undefined)
  return fault({
    code: 'missing_scope',
    message: `This key lacks the scope ${wanted}; it has ${access.scopes.join(', ')}.`,
    fields: [{ path: 'Authorization', code: 'missing_scope', message: `wants the scope ${wanted}` }],
  })
}
