//
// Owns: the statements over who is warned, paused and resumed.

import { fault, ok } from '../../core/result.ts'
import { compilerFor, type Executor, statement } from '../executor.ts'
import type { SendingState, SendingStore } from '../sending-store.ts'
import type { Store } from '../store.ts'
import { changed } from './writes.ts'

function statementsFor(engine: Store['engine']) {
  const db = compilerFor(engine)
  const everything = db.selectFrom('sending_states').selectAll().orderBy('account_id').orderBy('kind')
  const all = statement(() => everything.orderBy('name'))
  const ofAccount = statement(() => everything.orderBy('name').where('account_id', '=', ''))
  const add = statement(() =>
    db.insertInto('sending_states').values({
      account_id: '',
      kind: '',
      name: '',
      state: '',
      reason: '',
      facts: '',
      since: 0,
    }),
  )
  const replace = statement(() =>
    db
      .updateTable('sending_states')
      .set({ state: '', reason: '', facts: '', since: 0 })
      .where('account_id', '=', '')
      .where('kind', '=', '')
      .where('name', '=', '')
      .where('state', '=', '')
      .where('since', '=', 0)
      .returning('name'),
  )
  const forget = statement(() =>
    db
      .deleteFrom('sending_states')
      .where('account_id', '=', '')
      .where('kind', '=', '')
      .where('name', '=', '')
      .where('state', '=', '')
      .where('since', '=', 0)
      .returning('name'),
  )
  return { all, ofAccount, add, replace, forget }
}

export function sendingOn(engine: Store['engine'], executor: Executor): SendingStore {
  const { add, all, forget, ofAccount, replace } = statementsFor(engine)
  const placeOf = ({ accountId, kind, name }: SendingState) => [accountId, kind, name] as const
  return {
    async list(account) {
      const rows = await executor.read(account === null ? all() : ofAccount(account))
      return rows.map((row) => ({
        accountId: row.account_id as SendingState['accountId'],
        kind: row.kind as SendingState['kind'],
        name: row.name,
        state: row.state as SendingState['state'],
        reason: row.reason,
        facts: row.facts,
        since: Number(row.since),
      }))
    },
    async set(state, before) {
      const { facts, reason, since } = state
      if (before === null) {
        const added = await executor.write([add(...placeOf(state), state.state, reason, facts, since)])
        if (added.ok) return ok(true)
        return added.error === 'exists' ? ok(false) : fault(added.error)
      }
      const values = [state.state, reason, facts, since, ...placeOf(state), before.state, before.since]
      return changed(await executor.write([replace(...values)]))
    },
    async remove(state) {
      return changed(await executor.write([forget(...placeOf(state), state.state, state.since)]))
    },
  }
}
