//
// Owns: who is warned and paused as the operator sees it, and letting it go on.

import type { Clock, Log, Meter } from '../core/ports.ts'
import { fault, ok } from '../core/result.ts'
import type { Accounts } from '../services/accounts/accounts.ts'
import { resume } from '../services/feedback/resume.ts'
import type { SendingState, SendingStore } from '../store/sending-store.ts'
import type { AdminActions, AdminAnswer } from './admin.ts'
import { accountNames } from './directory.ts'
import { iso, storeFault } from './faults.ts'
import type { SendingRow } from './sending-rows.ts'

export interface SendingDesk {
  readonly accounts: Pick<Accounts, 'list'>
  readonly sending: SendingStore
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** What stands in the store is not what it was. */
  readonly changed: () => Promise<void>
}

export type SendingActions = Pick<AdminActions, 'sendingList' | 'sendingResume'>

type Named = readonly [SendingState, SendingRow]

export function sendingActions(desk: SendingDesk): SendingActions {
  return {
    async sendingList({ account }) {
      const all = (await named(desk)).map(([, row]) => row)
      return ok(all.filter((row) => account === null || row.account === account))
    },
    async sendingResume({ account, name }) {
      const paused = (await named(desk)).filter(([, { state }]) => state === 'paused')
      const meant = paused.filter(
        ([, row]) =>
          (row.name === name || row.name === name.toLowerCase()) &&
          (account === null || row.account === account),
      )
      const [one, other] = meant
      if (one === undefined) return fault({ code: 'not_found', message: nothingPaused(name, paused) })
      if (other !== undefined) {
        const whose = meant.map(([, row]) => `${row.kind} of ${row.account}`).join(', ')
        return fault({
          code: 'ambiguous',
          message: `several are called ${name}: ${whose}; name one by --account`,
        })
      }
      return resumed(desk, one)
    },
  }
}

async function resumed(desk: SendingDesk, [state, row]: Named): AdminAnswer<SendingRow> {
  const done = await resume(desk, state)
  if (!done.ok) return fault(storeFault(done.error))
  await desk.changed()
  // Another one may have been quicker; it goes on in either case.
  return ok({ ...row, state: 'resumed', since: iso(desk.clock.now()), reason: '' })
}

async function named({ accounts, sending }: SendingDesk): Promise<readonly Named[]> {
  const nameOf = await accountNames(accounts)
  const states = await sending.list(null)
  return states.map((state) => {
    const { accountId, kind, reason, since } = state
    const account = nameOf(accountId)
    const name = kind === 'account' ? account : state.name
    return [state, { account, kind, name, state: state.state, since: iso(since), reason }] as const
  })
}

function nothingPaused(name: string, paused: readonly Named[]): string {
  const others = paused.map(([, row]) => row.name).join(', ')
  return `nothing of the name ${name} is paused${others === '' ? '; nothing is' : `; paused is ${others}`}`
}
