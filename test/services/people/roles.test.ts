import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FULL_ACCESS, type KeyAccess } from '../../../src/core/access.ts'
import type { Domain, Mailbox } from '../../../src/core/address.ts'
import { ROLES, type Role } from '../../../src/core/person.ts'
import { type Actor, mayGive, ROLE_SCOPES } from '../../../src/services/people/roles.ts'

const as = (role: Role): Actor => ({ kind: 'user', id: 'usr_1', role })
const key = (...scopes: (typeof FULL_ACCESS.scopes)[number][]): Actor => ({
  kind: 'key',
  id: 'key_1',
  access: { ...FULL_ACCESS, scopes },
})

test.each<[string, Actor, readonly Role[]]>([
  ['an owner', as('owner'), ROLES],
  ['an admin', as('admin'), ['admin', 'developer', 'marketer', 'viewer']],
  ['a developer', as('developer'), []],
  ['a marketer', as('marketer'), []],
  ['a viewer', as('viewer'), []],
  ['a key with everything', key('all'), ['admin', 'developer', 'marketer', 'viewer']],
  ['a key for people alone', key('users'), []],
  ['a key that reads', key('users', 'email:read', 'events:read', 'stats:read'), ['viewer']],
  ['the operator', { kind: 'operator', id: 'cli' }, ROLES],
])('%s gives', (_who, actor, roles) => {
  expect(ROLES.filter((role) => mayGive(actor, role))).toEqual([...roles])
})

// A person comes in from everywhere, writes as everybody and stays: a key that may not gives nobody that.
test.each<Partial<KeyAccess>>([
  { networks: ['192.0.2.0/24'] },
  { domains: ['example.com' as Domain] },
  { addresses: ['shop@example.com' as Mailbox] },
  { expiresAt: 1 },
])('a key with everything, but limited to %p, gives nothing', (limit) => {
  const access = { ...FULL_ACCESS, ...limit }
  expect(ROLES.filter((role) => mayGive({ kind: 'key', id: 'key_1', access }, role))).toEqual([])
})

test('docs/people.md has the table', () => {
  const page = readFileSync(join(import.meta.dir, '../../../docs/people.md'), 'utf8')
  for (const role of ROLES) {
    const line = page.split('\n').find((one) => one.startsWith(`| \`${role}\` |`)) ?? ''
    const told = [...(line.split('|')[2] ?? '').matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? '')
    expect(told).toEqual([...ROLE_SCOPES[role]])
  }
})
