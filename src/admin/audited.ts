//
// Owns: that what the operator does stands in the audit log, as what API callers do does: every action that may have
// changed something, with the names of what was given.
// Never: who he really is. The other end says its user id; whoever may open the socket may do everything anyway.

import type { AccountId } from '../core/ids.ts'
import type { Result } from '../core/result.ts'
import type { Trail } from '../services/audit/trail.ts'
import { ADMIN_ACTIONS, type AdminActionName, type AdminActions } from './admin.ts'

/** What only looks, and mail, which has its own log. Everything else counts as an act, also what is new. */
const NO_ACT =
  /(?:List|Show|Dns|Overview|Lanes|Posts|Content|Explain|Preview|Export|Pull|Search|Versions)$|^(?:status|dbSize|metrics|send)$/
/** Which of what was given names the thing. */
const NAMES = ['id', 'address', 'name', 'key', 'pattern', 'domain', 'account', 'folder']

export interface AuditParts {
  readonly trail: Pick<Trail, 'note'>
  readonly accountNamed: (name: string) => Promise<AccountId | null>
}

export type NoteAct = (name: AdminActionName, ask: object, user: string) => Promise<void>

export const isAdminAct = (name: AdminActionName): boolean => !NO_ACT.test(name)

export const noterOf =
  ({ accountNamed, trail }: AuditParts): NoteAct =>
  async (name, ask, user) => {
    if (!isAdminAct(name)) return
    const given = Object.entries(ask).filter(([, value]) => value !== null && value !== undefined)
    const account: unknown = Reflect.get(ask, 'account')
    await trail.note({
      accountId: typeof account === 'string' ? await accountNamed(account) : null,
      actor: `cli:${/^\d{1,10}$/.test(user) ? user : '?'}`,
      action: `cli ${name}`,
      subject: subjectOf(ask),
      details: { fields: given.map(([field]) => field) },
    })
  }

function subjectOf(ask: object): string {
  for (const name of NAMES) {
    const value: unknown = Reflect.get(ask, name)
    if (typeof value === 'string' && value !== '') return value
  }
  return ''
}

/** The actions of a store that was opened for one command. */
export function audited<A extends AdminActions>(actions: A, note: NoteAct, user: string): A {
  const wrapped = ADMIN_ACTIONS.map((name) => {
    const action = actions[name] as (ask: object) => Promise<Result<unknown, unknown>>
    return [
      name,
      async (ask: object) => {
        const done = await action(ask)
        if (done.ok) await note(name, ask, user)
        return done
      },
    ]
  })
  // The list of names is complete by its type.
  return { ...actions, ...Object.fromEntries(wrapped) }
}
