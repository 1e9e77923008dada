//
// Owns: wiring people: who they are, how they come in, the letters they get.

import { parseMailbox } from './core/address.ts'
import type { AccountId, UserId } from './core/ids.ts'
import type { Foundation } from './foundation.ts'
import { FailureBrake } from './services/accounts/failure-brake.ts'
import type { Notices } from './services/notices/notices.ts'
import type { PeopleDesk } from './services/people/desk.ts'
import { Invitations } from './services/people/invitations.ts'
import type { Post } from './services/people/letters.ts'
import { LoginBrake } from './services/people/login-brake.ts'
import { Prover } from './services/people/logins.ts'
import { Members } from './services/people/members.ts'
import { Passwords, USUAL_COST } from './services/people/passwords.ts'
import { Profile } from './services/people/profile.ts'
import { Resets } from './services/people/resets.ts'
import { Sessions } from './services/people/sessions.ts'

/** Letters by the same way as all system mail. */
export const postOf =
  (notices: Notices): Post =>
  async (letter) => {
    const to = parseMailbox(letter.to)
    return to.ok && (await notices.send({ ...letter, to: to.value, kind: 'alert' })).ok
  }

/** Without a node no letter goes out: tokens are handed over by the operator. */
export const NO_POST: Post = async () => false

/** Whose it is, by the name that commands use. */
export const accountIdsOf =
  (accounts: Foundation['accounts']) =>
  async (name: string): Promise<AccountId | null> =>
    (await accounts.named(name))?.id ?? null

export function peopleDeskOf(foundation: Foundation, post: Post): PeopleDesk {
  const { clock, config, ids, log, secrets, store } = foundation
  const { people } = store
  const { publicUrl } = config.server
  const passwords = new Passwords(USUAL_COST)
  const sessions = new Sessions({ store: people, clock, ids })
  const open = (user: UserId, sealed: Uint8Array): Uint8Array | null => {
    const opened = secrets.open(`totp ${user}`, sealed)
    if (!opened.ok) log.error('the secret of one-time codes cannot be opened', { user, why: opened.error })
    return opened.ok ? opened.value : null
  }
  const seal = (user: UserId, secret: Uint8Array): Uint8Array => secrets.seal(`totp ${user}`, secret)
  const prover = new Prover({
    store: people,
    passwords,
    brake: new LoginBrake(new FailureBrake()),
    clock,
    open,
  })
  const nameOf = async (id: AccountId): Promise<string> => (await store.directory.account(id))?.name ?? id
  const shared = { store: people, prover, passwords, sessions, post, place: { publicUrl }, clock, ids, log }
  return {
    store: people,
    sessions,
    prover,
    passwords,
    members: new Members(shared),
    invitations: new Invitations({ ...shared, nameOf }),
    resets: new Resets(shared),
    profile: new Profile({ ...shared, open, seal }),
    publicUrl,
    nameOf,
    newUserId: () => ids.user(),
  }
}
