//
// Owns: what both engines promise of people: who belongs where, how they come in, and that an account keeps an owner.

import { afterEach, beforeEach, expect, test } from 'bun:test'
import { hash } from 'node:crypto'
import { newAccount } from '../../../src/core/account.ts'
import type { AccountId, InvitationId, SessionId, UserId } from '../../../src/core/ids.ts'
import type { Invitation, Membership, Role, Session, User } from '../../../src/core/person.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, NOW, type Open } from './samples.ts'

const OTHER = 'acc_000000000009' as AccountId
const MINUTE = 60_000

const person = (place: number): User => ({
  id: `usr_00000000000${place}` as UserId,
  address: `person${place}@example.com`,
  name: `Pérson ${place}`,
  state: 'active',
  hasCodes: false,
  createdAt: NOW,
  lastLoginAt: null,
})
const ANN = person(1)
const BOB = person(2)

const belongs = (user: User, role: Role, accountId: AccountId = ACCOUNT): Membership => ({
  accountId,
  userId: user.id,
  role,
  state: 'active',
  createdAt: NOW,
})

const sessionOf = (user: User, place: number, accountId: AccountId = ACCOUNT): Session => ({
  id: `ses_00000000000${place}` as SessionId,
  userId: user.id,
  accountId,
  peer: '192.0.2.1',
  agent: 'Browser/1',
  createdAt: NOW,
  usedAt: NOW,
  expiresAt: NOW + 60 * MINUTE,
})

const token = (text: string): Uint8Array => hash('sha256', text, 'buffer')
const YES = { ok: true, value: true } as const
const NO = { ok: true, value: false } as const
const DONE = { ok: true, value: undefined } as const

export function peopleContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    for (const [id, name] of [
      [ACCOUNT, 'one'],
      [OTHER, 'two'],
    ] as const) {
      await store.directory.addAccount(newAccount({ id, name, plan: 'free', createdAt: NOW }))
    }
    expect(await store.people.addUser(ANN, 'argon', belongs(ANN, 'owner'))).toEqual(DONE)
    expect(await store.people.addUser(BOB, 'argon', belongs(BOB, 'viewer'))).toEqual(DONE)
  })
  afterEach(() => store.close())

  test('a user is found by address and id, and an address has one', async () => {
    const known = await store.people.userByAddress('person1@example.com')
    expect(known?.user).toEqual(ANN)
    expect(known?.credentials).toEqual({
      password: 'argon',
      codes: { sealed: null, pending: null, step: 0, recovery: [] },
    })
    expect((await store.people.user(BOB.id))?.user).toEqual(BOB)
    expect(await store.people.userByAddress('nobody@example.com')).toBeNull()
    const twin = { ...person(3), address: ANN.address }
    expect(await store.people.addUser(twin, 'x', belongs(twin, 'owner'))).toEqual({
      ok: false,
      error: 'exists',
    })
    expect(await store.people.memberships(twin.id)).toEqual([])
    expect(await store.people.users()).toEqual([ANN, BOB])
  })

  test('an account sees its own members', async () => {
    expect(await store.people.addMembership(belongs(BOB, 'admin', OTHER))).toEqual(DONE)
    expect(await store.people.addMembership(belongs(BOB, 'owner', OTHER))).toEqual({
      ok: false,
      error: 'exists',
    })
    expect(await store.people.members(OTHER)).toEqual([
      { user: BOB, membership: belongs(BOB, 'admin', OTHER) },
    ])
    expect((await store.people.members(ACCOUNT)).map(({ user }) => user.id)).toEqual([ANN.id, BOB.id])
    expect(await store.people.member(OTHER, ANN.id)).toBeNull()
    expect(await store.people.memberships(BOB.id)).toEqual([
      belongs(BOB, 'viewer'),
      belongs(BOB, 'admin', OTHER),
    ])
  })

  test('the last owner stays, whatever is asked', async () => {
    const { people } = store
    const last = { ok: false, error: 'last-owner' } as const
    expect(await people.changeMember({ ...belongs(ANN, 'admin') })).toEqual(last)
    expect(await people.changeMember({ ...belongs(ANN, 'owner'), state: 'disabled' })).toEqual(last)
    expect(await people.removeMember(ACCOUNT, ANN.id)).toEqual(last)
    expect(await people.changeMember(belongs(BOB, 'owner'))).toEqual(YES)
    // Of two owners one can go; when both go at once, one stays.
    const ends = await Promise.all([
      people.removeMember(ACCOUNT, ANN.id),
      people.changeMember(belongs(BOB, 'viewer')),
    ])
    expect(ends.filter((end) => end.ok && end.value)).toHaveLength(1)
    const left = (await people.members(ACCOUNT)).filter(({ membership }) => membership.role === 'owner')
    expect(left).toHaveLength(1)
    expect(await people.removeMember(OTHER, ANN.id)).toEqual(NO)
  })

  test('a disabled owner does not count', async () => {
    const { people } = store
    expect(await people.changeMember({ ...belongs(BOB, 'owner'), state: 'disabled' })).toEqual(YES)
    expect(await people.removeMember(ACCOUNT, ANN.id)).toEqual({ ok: false, error: 'last-owner' })
    await people.changeMember(belongs(BOB, 'owner'))
    await people.setUserState(BOB.id, 'disabled')
    expect(await people.removeMember(ACCOUNT, ANN.id)).toEqual({ ok: false, error: 'last-owner' })
  })

  test('who is in no account any more is gone, who is in another stays', async () => {
    const { people } = store
    await people.addMembership(belongs(BOB, 'admin', OTHER))
    await people.addSession(sessionOf(BOB, 1), token('here'))
    await people.addSession(sessionOf(BOB, 2, OTHER), token('there'))
    expect(await people.removeMember(ACCOUNT, BOB.id)).toEqual(YES)
    expect(await people.session(token('here'))).toBeNull()
    expect((await people.session(token('there')))?.role).toBe('admin')
    expect((await people.sessions(BOB.id)).map(({ id }) => id)).toEqual([sessionOf(BOB, 2).id])
    expect(await people.addMembership(belongs(ANN, 'owner', OTHER))).toEqual(DONE)
    expect(await people.removeMember(OTHER, BOB.id)).toEqual(YES)
    expect(await people.user(BOB.id)).toBeNull()
  })

  test('a session is open until anything says otherwise', async () => {
    const { people } = store
    const bob = sessionOf(BOB, 1)
    const opened = { session: bob, role: 'viewer' as Role, address: BOB.address, name: BOB.name }
    await people.addSession(bob, token('bob'))
    await people.addSession(sessionOf(BOB, 2), token('bob too'))
    expect(await people.session(token('bob'))).toEqual(opened)
    expect(await people.session(token('nobody'))).toBeNull()
    await people.touchSession(bob.id, NOW + 5)
    await people.touchSession(bob.id, NOW + 1)
    expect((await people.session(token('bob')))?.session.usedAt).toBe(NOW + 5)
    expect(await people.endSession(ANN.id, bob.id)).toEqual(NO)
    await people.endSessions(BOB.id, bob.id)
    expect(await people.session(token('bob too'))).toBeNull()
    // What it may do has changed: it logs in anew.
    expect(await people.changeMember(belongs(BOB, 'admin'))).toEqual(YES)
    expect(await people.session(token('bob'))).toBeNull()
  })

  test('a new password, and the operator, end sessions and resets', async () => {
    const { people } = store
    const keep = sessionOf(BOB, 1)
    await people.addSession(keep, token('kept'))
    await people.addSession(sessionOf(BOB, 2), token('ended'))
    await people.addReset(token('reset'), BOB.id, NOW + MINUTE)
    expect(await people.setPassword(BOB.id, 'new', keep.id)).toEqual(YES)
    expect(await people.session(token('kept'))).not.toBeNull()
    expect(await people.session(token('ended'))).toBeNull()
    expect(await people.reset(token('reset'))).toBeNull()
    expect((await people.user(BOB.id))?.credentials.password).toBe('new')
    expect(await people.setUserState(BOB.id, 'disabled')).toEqual(YES)
    expect(await people.sessions(BOB.id)).toEqual([])
  })

  test('a code is taken once, and codes change only as they were read', async () => {
    const { people } = store
    expect(await people.takeStep(ANN.id, 100)).toEqual(YES)
    expect(await people.takeStep(ANN.id, 100)).toEqual(NO)
    expect(await people.takeStep(ANN.id, 99)).toEqual(NO)
    const before = (await people.user(ANN.id))?.credentials.codes
    if (!before) throw new Error('gone')
    const after = { sealed: token('s'), pending: null, step: 100, recovery: ['a', 'b'] }
    expect(await people.setCodes(ANN.id, before, after)).toEqual(YES)
    expect(await people.setCodes(ANN.id, before, { ...after, recovery: [] })).toEqual(NO)
    const now = await people.user(ANN.id)
    expect(now?.user.hasCodes).toBe(true)
    expect(Buffer.from(now?.credentials.codes.sealed ?? [])).toEqual(Buffer.from(token('s')))
    expect(now?.credentials.codes.recovery).toEqual(['a', 'b'])
  })

  test('an invitation is taken once, and a new one voids the old one', async () => {
    const { people } = store
    const carol = person(3)
    const wanted: Invitation = {
      id: 'inv_000000000001' as InvitationId,
      accountId: ACCOUNT,
      address: carol.address,
      role: 'developer',
      invitedBy: ANN.id,
      createdAt: NOW,
      expiresAt: NOW + MINUTE,
    }
    await people.invite(wanted, token('first'))
    const second = { ...wanted, id: 'inv_000000000002' as InvitationId }
    expect(await people.invite(second, token('second'))).toEqual(DONE)
    expect(await people.invitation(token('first'))).toBeNull()
    expect(await people.invitation(token('second'))).toEqual(second)
    expect(await people.invitations(OTHER)).toEqual([])
    expect(await people.revokeInvitation(OTHER, second.id)).toEqual(NO)
    const taken = {
      id: second.id,
      user: { user: carol, password: 'argon' },
      membership: belongs(carol, 'developer'),
    }
    expect(await people.accept(taken)).toEqual(YES)
    expect((await people.member(ACCOUNT, carol.id))?.membership.role).toBe('developer')
    expect(await people.invitations(ACCOUNT)).toEqual([])
    const late = person(4)
    const again = { ...taken, user: { user: late, password: 'x' }, membership: belongs(late, 'owner') }
    expect(await people.accept(again)).toEqual(NO)
    expect(await people.user(late.id)).toBeNull()
  })

  test('who is out, or is less, leaves no invitation behind; owners keep theirs', async () => {
    const { people } = store
    await people.addMembership(belongs(BOB, 'admin'))
    await people.addMembership(belongs(BOB, 'admin', OTHER))
    let made = 0
    const invite = async (by: User, accountId: AccountId): Promise<void> => {
      const id = `inv_00000000000${++made}` as InvitationId
      const address = `guest${made}@example.com`
      const times = { createdAt: NOW, expiresAt: NOW + 60 * MINUTE }
      const wanted: Invitation = { id, accountId, address, role: 'admin', invitedBy: by.id, ...times }
      expect(await people.invite(wanted, token(id))).toEqual(DONE)
    }
    const open = async (account: AccountId) =>
      (await people.invitations(account)).map(({ invitedBy }) => invitedBy)
    await invite(ANN, ACCOUNT)
    await invite(BOB, OTHER)
    for (const end of [
      () => people.changeMember(belongs(BOB, 'developer')),
      () => people.changeMember({ ...belongs(BOB, 'admin'), state: 'disabled' }),
      () => people.removeMember(ACCOUNT, BOB.id),
    ]) {
      await invite(BOB, ACCOUNT)
      expect(await end()).toEqual(YES)
      expect(await open(ACCOUNT)).toEqual([ANN.id])
      expect(await open(OTHER)).toEqual([BOB.id])
    }
    // A change that is refused changes nothing.
    expect((await people.removeMember(ACCOUNT, ANN.id)).ok).toBe(false)
    expect(await open(ACCOUNT)).toEqual([ANN.id])
    expect(await people.setUserState(BOB.id, 'disabled')).toEqual(YES)
    expect(await open(OTHER)).toEqual([])
  })

  test('a reset is taken once, and what has ended is removed', async () => {
    const { people } = store
    await people.addReset(token('reset'), ANN.id, NOW + MINUTE)
    expect(await people.reset(token('reset'))).toEqual({ userId: ANN.id, expiresAt: NOW + MINUTE })
    expect(await people.takeReset(token('reset'))).toEqual(YES)
    expect(await people.takeReset(token('reset'))).toEqual(NO)
    await people.addReset(token('old'), ANN.id, NOW + MINUTE)
    await people.addSession(sessionOf(ANN, 1), token('idle'))
    await people.addUser(person(5), 'argon', null)
    await people.forget(NOW + 2 * MINUTE, NOW - 1)
    expect(await people.reset(token('old'))).toBeNull()
    expect(await people.session(token('idle'))).not.toBeNull()
    await people.forget(NOW + 2 * MINUTE, NOW + 1)
    expect(await people.session(token('idle'))).toBeNull()
    // Who belongs nowhere any more is gone, who does stays.
    expect((await people.users()).map(({ id }) => id)).toEqual([ANN.id, BOB.id])
  })
}
