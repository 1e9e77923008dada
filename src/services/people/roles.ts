//
// Owns: what each role may do, as scopes (core/access.ts), and who may give a role or take it away. Pure.

import { holds, type KeyAccess, type Scope } from '../../core/access.ts'
import type { Role } from '../../core/person.ts'

/** Documented in docs/people.md; a test holds the page to this table. */
export const ROLE_SCOPES = {
  /** Everything, other owners included. */
  owner: ['all'],
  /** Everything but owners. */
  admin: ['all'],
  /** Builds the sending: no people, no keys of others' making. */
  developer: [
    'email:send',
    'email:read',
    'events:read',
    'stats:read',
    'templates',
    'domains',
    'suppressions',
    'webhooks',
    'inbound',
    'keys',
  ],
  /** Writes mail and looks at what became of it. */
  marketer: ['email:send', 'email:read', 'events:read', 'stats:read', 'templates', 'suppressions'],
  viewer: ['email:read', 'events:read', 'stats:read'],
} as const satisfies Record<Role, readonly Scope[]>

/** Who asks for something to be done to people: a user, a key, or the operator on the machine. */
export type Actor =
  | { readonly kind: 'user'; readonly id: string; readonly role: Role }
  | { readonly kind: 'key'; readonly id: string; readonly access: KeyAccess }
  | { readonly kind: 'operator'; readonly id: string }

/**
 * May he give this role, take it away, or end somebody who has it? Owners are made and ended by owners alone: a key lies
 * in a configuration, and whoever reads it must not become a person who stays. A key with limits gives nobody a role: no
 * limit of a key holds for a person.
 */
export function mayGive(actor: Actor, role: Role): boolean {
  switch (actor.kind) {
    case 'operator':
      return true
    case 'user':
      return actor.role === 'owner' || (actor.role === 'admin' && role !== 'owner')
    case 'key':
      return (
        role !== 'owner' &&
        isUnlimited(actor.access) &&
        ROLE_SCOPES[role].every((scope) => holds(actor.access, scope))
      )
    default:
      return actor satisfies never
  }
}

const isUnlimited = ({ addresses, domains, expiresAt, networks }: KeyAccess): boolean =>
  addresses.length + domains.length + networks.length === 0 && expiresAt === null
