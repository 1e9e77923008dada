//
// Owns: hearing what the doctor found, and telling the operator of it: events at once, letters as decide.ts has it.
// Never: what is worth it (kinds.ts), or the way of a letter.

import type { Ailment, Checkup } from '../../core/diagnosis.ts'
import { type AccountEvent, NO_MESSAGE } from '../../core/event.ts'
import type { AccountId, Ids } from '../../core/ids.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { Result } from '../../core/result.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { AlertStore, StoredAlert } from '../../store/alert-store.ts'
import { type Change, changesOf, isDue, toldOf } from './decide.ts'
import { ruleOf } from './kinds.ts'
import { type AlertLetter, lettersOf } from './letters.ts'

export interface AlertParts {
  readonly store: AlertStore
  readonly clock: Clock
  readonly ids: Pick<Ids, 'event'>
  readonly log: Log
  readonly node: string
  /** In whose log events are; null: in nobody's. */
  readonly account: () => Promise<AccountId | null>
  readonly toldElsewhere: ReadonlySet<Ailment>
  /** After the commit. */
  readonly onEvent: (event: AccountEvent) => void
  readonly send: (letter: AlertLetter) => Promise<Result<unknown, string>>
}

/** That a trouble which comes and goes has one letter a day must be known for as long. */
const KEPT: Milliseconds = 7 * DAY

export class AlertDesk {
  readonly #parts: AlertParts

  constructor(parts: AlertParts) {
    this.#parts = parts
  }

  async hear({ diagnoses }: Pick<Checkup, 'diagnoses'>): Promise<void> {
    const { clock, node, store, toldElsewhere } = this.#parts
    const now = clock.now()
    const changes = changesOf({ diagnoses, stored: await store.all(), node, now, toldElsewhere })
    const account = changes.length === 0 ? null : await this.#parts.account()
    for (const change of changes) await this.#change(change, account)
    await this.#write(now)
    await store.forget(now - KEPT)
  }

  async #change(change: Change, account: AccountId | null): Promise<void> {
    const { clock, ids, log, onEvent, store } = this.#parts
    const event =
      account === null ? null : eventOf(change, { id: ids.event(), accountId: account, at: clock.now() })
    const done = await store.put(change.alert, event)
    if (!done.ok)
      log.error('an alert could not be stored', { trouble: change.alert.trouble, fault: done.error })
    else if (done.value && event !== null) onEvent(event)
  }

  /** Also what was owed when a node ended. */
  async #write(now: Milliseconds): Promise<void> {
    const { node, send, store } = this.#parts
    const owed = (await store.all()).filter((alert) => [node, ''].includes(alert.node) && isDue(alert, now))
    for (const letter of lettersOf(owed)) {
      const sent = await send(letter)
      // The next look offers it again.
      if (!sent.ok) continue
      for (const alert of letter.of) await store.put(toldOf(alert, now), null)
    }
  }
}

const eventOf = (
  { alert, type }: Change,
  head: Pick<AccountEvent, 'id' | 'accountId' | 'at'>,
): AccountEvent => ({
  ...head,
  messageId: NO_MESSAGE,
  recipient: null,
  type,
  subject: alert.subject,
  details: detailsOf(alert),
})

const detailsOf = ({ ailment, node, since, subject, why }: StoredAlert) => ({
  kind: ruleOf(ailment)?.kind ?? 'doctor',
  ailment,
  about: subject,
  node: node === '' ? null : node,
  why,
  since: new Date(since).toISOString(),
})
