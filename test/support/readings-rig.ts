//
// Owns: readings on a real store, with a clock that stands: what they are told, and what came of it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MailEvent } from '../../src/core/event.ts'
import type { DeliveryId } from '../../src/core/ids.ts'
import { MINUTE } from '../../src/core/time.ts'
import { isKnownNetwork } from '../../src/services/engagement/known-network.ts'
import type { Reading } from '../../src/services/engagement/reading.ts'
import { Readings, type ReadingsParts } from '../../src/services/engagement/readings.ts'
import { LOG_START } from '../../src/store/log-store.ts'
import { openStore } from '../../src/store/open.ts'
import type { Acceptance } from '../../src/store/store.ts'
import { quietLog } from '../edge/smtpd/agent.ts'
import { acceptanceOf, delivered, HOLDER, ids, NOW, storeOptions } from '../store/contract/samples.ts'
import { handClock } from './clock.ts'

export const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15'
/** `delivered` says NOW + 20. */
export const LATER = NOW + 20 + 5 * MINUTE

const asked = {
  method: 'GET',
  ip: '198.51.100.7',
  userAgent: SAFARI,
  saysPrefetch: false,
  at: LATER,
} as const
export const open = (id: DeliveryId, more: Partial<Reading> = {}) =>
  ({ kind: 'open', deliveryId: id, ...asked, ...more }) as Reading
export const click = (id: DeliveryId, link = 1, more: object = {}) =>
  ({
    kind: 'click',
    deliveryId: id,
    target: `https://shop.example/${link}`,
    link,
    links: 7,
    ...asked,
    ...more,
  }) as Reading

export async function readingsRig() {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-readings-'))
  const store = await openStore(`sqlite:${join(folder, 'log.db')}`, storeOptions())
  const clock = handClock(NOW)
  const counted: string[] = []
  const lines: string[] = []
  const rung: (readonly Pick<MailEvent, 'type'>[])[] = []
  const letter = async (recipients = 1): Promise<Acceptance> => {
    const to = Array.from({ length: recipients }, (_, at) => `u${at}@one.example`)
    const acceptance = acceptanceOf({ leased: true, to })
    const accepted = await store.queue.accept(acceptance)
    if (!accepted.ok) throw new Error(accepted.error)
    return acceptance
  }
  const told = async () =>
    (await store.log.read(LOG_START, 100_000))
      .map(({ event }) => event)
      .filter((event) => event.type === 'email.opened' || event.type === 'email.clicked')
  return {
    store,
    clock,
    /** Figures as `name by label`. */
    counted,
    /** What was said as an error, with the number that was dropped. */
    lines,
    rung,
    letter,
    async deliveredLetter(): Promise<Acceptance> {
      const acceptance = await letter()
      await store.queue.settle([delivered(acceptance)], HOLDER)
      return acceptance
    },
    readingsOn: (engagement: ReadingsParts['store'] = store.engagement): Readings =>
      new Readings({
        store: engagement,
        ring: (told) => void rung.push(...told.map(({ events }) => events)),
        isKnownNetwork,
        ids,
        clock,
        log: {
          ...quietLog,
          error: (what, fields) => void lines.push(`${what} ${fields?.['dropped'] ?? ''}`.trim()),
        },
        meter: {
          count: (name, by, labels) =>
            void counted.push(`${name} ${by ?? 1} ${labels?.['machine'] ?? ''}`.trim()),
          observe: () => undefined,
          gauge: () => undefined,
        },
      }),
    told,
    verdicts: async () => (await told()).map(({ machine, why }) => [machine, ...why]),
    async [Symbol.asyncDispose]() {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
