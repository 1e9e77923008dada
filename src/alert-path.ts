//
// Owns: wiring alerts: from the doctor's findings to letters and events.

import type { Ailment, Checkup } from './core/diagnosis.ts'
import { isLab } from './doctor-facts.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { DEFAULT_ACCOUNT } from './services/accounts/accounts.ts'
import { AlertDesk } from './services/alerts/desk.ts'

/** Who keeps backups and who makes room (at the same limits) write letters of their own when these begin. */
const toldElsewhere = ({ store }: Foundation): ReadonlySet<Ailment> =>
  new Set(store.engine === 'sqlite' ? ['backup_failed', 'disk_low', 'disk_full'] : ['backup_failed'])

/** Of a lab nobody is told. */
export function alertsOf(
  foundation: Foundation,
  { notices }: Pick<Admission, 'notices'>,
): (checkup: Checkup) => Promise<void> {
  const { accounts, bell, clock, config, ids, log, store } = foundation
  if (isLab(config)) return () => Promise.resolve()
  const desk = new AlertDesk({
    store: store.alerts,
    clock,
    ids,
    log,
    node: config.server.node,
    account: async () => (await accounts.named(DEFAULT_ACCOUNT))?.id ?? null,
    toldElsewhere: toldElsewhere(foundation),
    onEvent: (event) => bell.ring([{ events: [event] }]),
    send: ({ key, owed, subject, text }) =>
      owed === 'raised' ? notices.alert(subject, text, key) : notices.allClear(subject, text, key),
  })
  return (checkup) => desk.hear(checkup)
}
