//
// Owns: wiring accounts: what is asked of them, who hears of quotas, and taking away those that were deleted.

import { parseMailbox } from './core/address.ts'
import { type Milliseconds, SECOND } from './core/time.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { lookWhoMaySend, type SendingQueue } from './sending-care.ts'
import { Deletion } from './services/accounts/deletion.ts'
import { AccountDesk } from './services/accounts/desk.ts'
import type { QuotaWarning } from './services/accounts/quota-event.ts'
import { quotaLetter } from './services/accounts/quota-letter.ts'
import type { Notices } from './services/notices/notices.ts'
import { every } from './upkeep.ts'

const DELETE_EVERY: Milliseconds = 5 * SECOND

/** Without a node there is nothing in memory. */
export const accountDeskOf = (foundation: Foundation, queue: SendingQueue | null): AccountDesk =>
  new AccountDesk({ ...foundation, changed: () => lookWhoMaySend(foundation, queue) })

/** What it returns ends it. */
export function startAccountCare(
  foundation: Foundation,
  { notices }: Pick<Admission, 'notices'>,
): () => Promise<void> {
  const { bell, clock, ids, log, quotas, store } = foundation
  quotas.tell((warning, event) => {
    bell.ring([{ events: [event] }])
    return tell(foundation, notices, warning)
  })
  const deletion = new Deletion({
    store: store.directory,
    queue: store.queue,
    clock,
    eventId: () => ids.event(),
    log,
  })
  const stop = every(
    foundation,
    () => DELETE_EVERY,
    () => deletion.turn(),
    'a deleted account could not be taken away',
  )
  return async () => {
    deletion.stop()
    await stop()
  }
}

/** The operator, and whom the account named. */
async function tell({ accounts }: Foundation, notices: Notices, warning: QuotaWarning): Promise<void> {
  const account = await accounts.get(warning.account)
  if (!account) return
  const { key, subject, text } = quotaLetter(account.name, warning)
  await notices.alert(subject, text, key)
  const contact = parseMailbox(account.settings.contact ?? '')
  if (contact.ok)
    await notices.send({ to: contact.value, subject, text, kind: 'alert', key: `${key}:contact` })
}
