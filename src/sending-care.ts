//
// Owns: wiring what follows from feedback: who is judged, the letter to the operator, and mail that waits or goes on.

import type { SendingDesk } from './admin/sending.ts'
import type { Act } from './core/audit.ts'
import { type Milliseconds, SECOND } from './core/time.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { type SendingAlert, Watch } from './services/feedback/watch.ts'
import type { Notices } from './services/notices/notices.ts'
import { every } from './upkeep.ts'

/** Another node may have judged, or resumed. */
const READ_EVERY: Milliseconds = 5 * SECOND

type Sending = Pick<Foundation, 'paused' | 'meter' | 'store'>

/** What stands in the store, before anything is accepted or sent, and then again and again. */
export async function readPaused({ meter, paused, store }: Sending) {
  const states = await store.sending.list(null)
  const news = paused.learn(states)
  const idle = paused.learnIdle(await store.directory.idleAccounts())
  for (const state of ['warned', 'paused'] as const) {
    meter.gauge('sending_states', states.filter((one) => one.state === state).length, { state })
  }
  return { ...news, suspended: idle.paused, active: idle.resumed }
}

export function watchOf(foundation: Foundation, { notices, queue }: Pick<Admission, 'notices' | 'queue'>) {
  const { accounts, clock, log, meter, store, trail } = foundation
  return new Watch({
    stats: store.stats,
    sending: store.sending,
    nameOf: async (id) => (await accounts.list()).find((account) => account.id === id)?.name ?? id,
    alert: async (alert) => {
      await trail.note(actOf(alert))
      await letterOf(notices, alert)
    },
    changed: () => lookWhoMaySend(foundation, queue),
    clock,
    log,
    meter,
  })
}

/** Reads on; what it returns ends it. */
export const startSendingCare = (
  foundation: Foundation,
  { queue }: Pick<Admission, 'queue'>,
): (() => Promise<void>) =>
  every(
    foundation,
    () => READ_EVERY,
    () => lookWhoMaySend(foundation, queue),
    'who is paused could not be read',
  )

/**
 * What waits in memory goes back to the store, where it waits on; what waits there for a resumed sender is due at once.
 * Every node sees to that when it has learned of it: one that had not might put off again what another made due.
 */
export async function lookWhoMaySend(foundation: Foundation, queue: SendingQueue | null): Promise<void> {
  const { clock, store } = foundation
  const { active, paused, resumed, suspended } = await readPaused(foundation)
  for (const accountId of paused) await queue?.takeBack({ accountId, stream: 'marketing' })
  for (const accountId of suspended) await queue?.takeBack({ accountId })
  for (const accountId of active) await store.queue.command('retry', { accountId }, clock.now())
  for (const accountId of resumed) {
    await store.queue.command('retry', { accountId, stream: 'marketing' }, clock.now())
  }
  if (resumed.size + active.size > 0) queue?.wake()
}

/** What an operator resumes; without a node there is nothing in memory. */
export function sendingDeskOf(foundation: Foundation, queue: SendingQueue | null): SendingDesk {
  const { accounts, clock, log, meter, store } = foundation
  return {
    accounts,
    sending: store.sending,
    clock,
    log,
    meter,
    changed: () => lookWhoMaySend(foundation, queue),
  }
}

export type SendingQueue = Pick<Admission['queue'], 'takeBack' | 'wake'>

const actOf = ({ state: { accountId, kind, name, reason, state } }: SendingAlert): Act => ({
  accountId,
  actor: 'system',
  action: `sending ${state}`,
  subject: kind === 'account' ? accountId : name,
  details: { note: reason },
})

async function letterOf(
  notices: Notices,
  { account, key, remedy, state, whose }: SendingAlert,
): Promise<void> {
  const { kind, name, reason } = state
  const resume = `mailwok sending resume ${kind === 'account' ? account : name}${kind === 'account' ? '' : ` --account ${account}`}`
  const isPaused = state.state === 'paused'
  const subject = isPaused
    ? `marketing mail of ${whose} is paused`
    : `marketing mail of ${whose} is near a limit`
  const what = isPaused
    ? `Marketing mail of ${whose} is paused from now on: new mail is refused (403 and 450 4.7.1, sending_paused), what was accepted waits. Transactional mail goes on.`
    : `Nothing is paused yet; at the next limit marketing mail of ${whose} will be.`
  const next = isPaused
    ? `When that is done, or if you know better, let it go on:\n\n    ${resume}\n\nFrom then on only what happens anew counts.`
    : 'mailwok sending list shows how it stands.'
  await notices.alert(subject, `${reason}\n\n${what}\n\n${remedy}\n\n${next}\n`, key)
}
