//
// Owns: wiring what follows the log: suppressions that are learned from it, and notices to submitters; what is counted
// of it has a file of its own (statistics.ts).
// Every node runs them; of each name one at a time makes progress.

import type { LogEventType } from './core/event.ts'
import { type Milliseconds, SECOND } from './core/time.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { Follower } from './services/following/follower.ts'
import { DsnDesk } from './services/notices/dsn-desk.ts'
import type { Notices } from './services/notices/notices.ts'
import { providerOfMx } from './services/routing/provider.ts'
import { STATS } from './services/stats/counting.ts'
import { Learning } from './services/suppression/learning.ts'
import type { Anomaly } from './services/suppression/stretch.ts'

/** By their durable names: what one of them has not read is kept. */
export const FOLLOWERS = ['suppression', 'dsn', STATS] as const

/** Letters to people are gathered: what one message suffers within this time is one letter. */
const DSN_PERIOD: Milliseconds = 5 * SECOND

/** The next mail to that address may be on its way. */
const HURRY: ReadonlySet<LogEventType> = new Set(['email.bounced', 'email.complained'])

/** Starts them; what it returns ends them, each after the step that it is in. */
export function startFollowers(foundation: Foundation, admission: Admission): () => Promise<void> {
  const { bell, clock, log, meter, store } = foundation
  const parts = { log: store.log, clock, say: log, meter }
  const learning = new Follower({ ...parts, handler: learningOf(foundation, admission) })
  const handler = dsnDeskOf(foundation, admission.notices)
  const dsn = new Follower({ ...parts, handler, period: DSN_PERIOD })
  const deaf = bell.onRing({ hears: () => learning.poke(), wants: (type) => HURRY.has(type) })
  const followers = [learning, dsn]
  for (const follower of followers) follower.start()
  return async () => {
    deaf()
    await Promise.all(followers.map((follower) => follower.stop()))
  }
}

function learningOf(
  { config, log, meter, store, suppression }: Foundation,
  { book, notices }: Admission,
): Learning {
  return new Learning({
    store: store.suppressions,
    history: store.log,
    messages: store.messages,
    providerOf: (mx) => providerOfMx([{ preference: 0, exchange: mx }], book),
    changed: (account) => suppression.changed(account),
    alert: (anomaly) => alertOf(notices, anomaly),
    log,
    meter,
    options: { hardBounce: config.suppression.hardBounce },
  })
}

export const dsnDeskOf = ({ config, hostDomain, senders, store }: Foundation, notices: Notices): DsnDesk =>
  new DsnDesk({
    log: store.log,
    messages: store.messages,
    senders,
    notices,
    hostname: hostDomain,
    bounceMessages: config.submission.bounceMessages,
  })

/** At most one letter per provider and day: a provider that is out of its mind stays so for hours. */
async function alertOf(notices: Notices, { provider, lost, seen, takenBack, at }: Anomaly): Promise<void> {
  const day = new Date(at).toISOString().slice(0, 10)
  const text = `${provider} says of ${lost} addresses that they do not exist. Mail to them was taken before, and within ten
minutes they are ${Math.round((lost / Math.max(1, seen)) * 100)} % of those that answered.

This happens when a provider's directory fails. MailWok does not believe it: none of these addresses is suppressed while
it lasts, and ${takenBack} entries of the last ten minutes were taken back. The messages themselves have bounced; send
them again when the provider is well.

What you can do: look at ${provider}'s status page, and hold its mail meanwhile with "mailwok queue hold".
`
  await notices.alert(
    `${provider} calls many good addresses unknown`,
    text,
    `suppression-anomaly:${provider}:${day}`,
  )
}
