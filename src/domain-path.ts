//
// Owns: wiring sending domains: looking at them by the clock, and who is written to about them.

import { parseMailbox } from './core/address.ts'
import { MINUTE, type Milliseconds } from './core/time.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { letterOf } from './services/domains/letters.ts'
import { DomainRound } from './services/domains/round.ts'
import { every } from './upkeep.ts'

const LOOK_EVERY: Milliseconds = MINUTE

/** Looks at domains by the clock; what it returns ends that. */
export function startDomainCare(
  foundation: Foundation,
  { notices }: Pick<Admission, 'notices'>,
): () => Promise<void> {
  const { bell, clock, config, domains, log, meter, store } = foundation
  const operator = parseMailbox(config.server.operator)
  domains.onTold(async (events) => {
    bell.ring([{ events }])
    for (const event of events) {
      log.info('a domain has changed', { domain: event.subject, event: event.type })
      const letter = letterOf(event)
      if (letter?.urgent) await notices.alert(letter.subject, letter.text, letter.key)
      else if (letter !== null && operator.ok)
        await notices.send({ ...letter, to: operator.value, kind: 'report' })
    }
  })
  const round = new DomainRound({ directory: store.directory, domains, clock, log, meter })
  const stop = every(
    foundation,
    () => LOOK_EVERY,
    () => round.turn(),
    'domains could not be looked at; it is tried again',
  )
  return async () => {
    round.stop()
    await stop()
  }
}
