import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { FULL_ACCESS, holds, SCOPES, type Scope } from '../../../src/core/access.ts'
import { permitted, SCOPE_OF, scopeWanted } from '../../../src/edge/api/scopes.ts'
import { isOpen } from '../../../src/edge/api/session-admission.ts'
import { ROUTES } from '../../support/api-document.ts'

const PRIVATE = ROUTES.filter(({ path }) => path.startsWith('/v1/') && path !== '/v1/openapi.json')
const segmentOf = (path: string): string => path.split('/')[2] ?? ''
/** Such as a program would ask for it. */
const pathOf = (path: string): string => path.replaceAll(/:\w+/g, 'x')

test('every route of the app is in the table, and whoever adds one has to say who may', () => {
  const missing = PRIVATE.filter(({ path }) => !Object.hasOwn(SCOPE_OF, segmentOf(path)))
  expect(missing.map(({ method, path }) => `${method} ${path}`)).toEqual([])
})

test('the table names no part of the API that is not there', () => {
  const there = new Set(PRIVATE.map(({ path }) => segmentOf(path)))
  expect(Object.keys(SCOPE_OF).filter((segment) => !there.has(segment))).toEqual([])
})

test('every scope opens something, and is asked for by what it opens', () => {
  const asked = new Set(PRIVATE.map(({ method, path }) => scopeWanted(method, pathOf(path))))
  expect(SCOPES.filter((scope) => scope !== 'all' && !asked.has(scope))).toEqual([])
})

test('a key with everything of its account opens all but what is the operator’s', () => {
  for (const { method, path } of PRIVATE) {
    const request = new Request(`http://a${pathOf(path)}`, { method })
    if (isOpen(request)) continue
    expect([path, permitted(FULL_ACCESS, method, pathOf(path)).ok]).toEqual([
      path,
      segmentOf(path) !== 'accounts' && segmentOf(path) !== 'doctor',
    ])
  }
})

test('who has one scope opens what wants it and nothing else', () => {
  for (const scope of SCOPES) {
    if (scope === 'all') continue
    for (const { method, path } of PRIVATE) {
      const wanted = scopeWanted(method, pathOf(path))
      if (wanted === null) continue
      expect(permitted({ scopes: [scope] }, method, pathOf(path)).ok).toBe(wanted === scope)
    }
  }
})

test.each<readonly [method: string, path: string, want: Scope | null]>([
  ['GET', '/v1/email', 'email:read'],
  ['GET', '/v1/email/', 'email:read'],
  ['HEAD', '/v1/email/msg_1', 'email:read'],
  ['POST', '/v1/email/send', 'email:send'],
  ['DELETE', '/v1/email/msg_1', 'email:send'],
  ['GET', '/v1/account', 'account'],
  ['GET', '/v1/accounts', 'operator'],
  ['POST', '/v1/accounts/default/keys', 'operator'],
  ['GET', '/v1/constructor', null],
  ['GET', '/v1/__proto__', null],
  ['GET', '/v1/', null],
  ['GET', '/v1', null],
  ['GET', '/', null],
])('%s %s wants %p', (method, path, want) => {
  expect(scopeWanted(method, path)).toBe(want)
})

test('docs/accounts.md has every scope, and no other', () => {
  const page = readFileSync('docs/accounts.md', 'utf8')
  const table = page.slice(page.indexOf('### Scopes'), page.indexOf('## The own account'))
  expect([...table.matchAll(/^\| `([a-z:]+)` \|/gm)].map(([, scope]) => scope)).toEqual([...SCOPES])
})

test('all is not operator, and operator is not all', () => {
  expect(holds({ scopes: ['all'] }, 'operator')).toBe(false)
  expect(holds({ scopes: ['operator'] }, 'email:send')).toBe(false)
})
