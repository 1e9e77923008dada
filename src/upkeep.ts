//
// Owns: what a node does by the clock beside mail: retention, readiness, figures.

import { HOUR, MINUTE, type Milliseconds, SECOND } from './core/time.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { Relief, retain } from './retaining.ts'
import { CapturedMail } from './services/contents/captured.ts'
import type { Queue } from './services/queue/queue.ts'
import { indexMail } from './services/search/indexing.ts'
import { tlsReporterOf } from './tls-care.ts'

const RETAIN_EVERY: Milliseconds = 10 * MINUTE
/** Whether there is room. */
const ROOM_EVERY: Milliseconds = MINUTE
/** What takes it: reads the whole store. */
const KINDS_EVERY: Milliseconds = 6 * HOUR
/** TLS sessions that a crash may leave uncounted. */
const COUNT_EVERY: Milliseconds = MINUTE
/** Captured mail comes as fast as mail is accepted. */
const SWEEP_EVERY: Milliseconds = MINUTE
/** TLS reports that are due, MTA-STS policies that grow old. */
const RENEW_EVERY: Milliseconds = 5 * MINUTE
/** Whether the hosts of links in mail still lead here. */
const HOSTS_EVERY: Milliseconds = MINUTE
/** Mail that was accepted a minute ago is indexed. */
const INDEX_EVERY: Milliseconds = 15 * SECOND
const LOOK_EVERY: Milliseconds = 5 * SECOND
/** In trouble: whoever steers clients by /readyz wants them back soon after the repair. */
const LOOK_IN_TROUBLE_EVERY: Milliseconds = SECOND
/** Looks once, so that readiness is known from the start; returns what ends it. */
export async function startUpkeep(
  foundation: Foundation,
  { notices, queue, tls }: Pick<Admission, 'notices' | 'queue' | 'tls'>,
): Promise<() => Promise<void>> {
  foundation.health.expect('store')
  foundation.health.expect('queue')
  await look(foundation, queue)
  const stopRetaining = every(
    foundation,
    () => RETAIN_EVERY,
    () => retain(foundation),
  )
  const stopLooking = every(
    foundation,
    () => (foundation.health.readyz().ok ? LOOK_EVERY : LOOK_IN_TROUBLE_EVERY),
    () => look(foundation, queue),
  )
  const reporter = tlsReporterOf(foundation, notices)
  const stopCounting = every(
    foundation,
    () => COUNT_EVERY,
    () => tls.tallies.flush(),
  )
  const captured = new CapturedMail(foundation.config.delivery.captureDir)
  const stopSweeping = every(
    foundation,
    () => SWEEP_EVERY,
    () => sweep(foundation, captured),
  )
  const stopRenewing = every(
    foundation,
    () => RENEW_EVERY,
    async () => {
      await reporter.turn()
      if (foundation.config.delivery.mtaSts) await tls.sts.upkeep()
    },
  )
  const stopHosts = every(
    foundation,
    () => HOSTS_EVERY,
    () => foundation.trackingHosts.upkeep(),
  )
  const stopRoom = startRoom(foundation, notices)
  const stopIndexing = startIndexing(foundation)
  return async () => {
    await Promise.all([
      stopIndexing(),
      stopRoom(),
      stopRetaining(),
      stopLooking(),
      stopRenewing(),
      stopCounting(),
      stopHosts(),
      stopSweeping(),
    ])
  }
}

/** Ends between two steps. */
function startRoom(foundation: Foundation, notices: Admission['notices']): () => Promise<void> {
  const ending = new AbortController()
  const relief = new Relief(foundation, (...alert) => notices.alert(...alert))
  const stopRelief = every(
    foundation,
    () => ROOM_EVERY,
    () => relief.turn(ending.signal),
  )
  const stopKinds = every(
    foundation,
    () => KINDS_EVERY,
    async () => {
      for (const { kind, octets } of await foundation.store.upkeep.kinds())
        foundation.meter.gauge('store_kind_bytes', octets, { kind })
    },
  )
  return async () => {
    ending.abort()
    await Promise.all([stopRelief(), stopKinds()])
  }
}

/** Ends between two blocks. */
function startIndexing(foundation: Foundation): () => Promise<void> {
  const ending = new AbortController()
  const stop = every(
    foundation,
    () => INDEX_EVERY,
    () => indexMail({ ...foundation, store: foundation.store.search }, ending.signal),
  )
  return () => {
    ending.abort()
    return stop()
  }
}

/** In every mode: what was captured once is somebody's mail. */
async function sweep({ clock, config, log }: Foundation, captured: CapturedMail): Promise<void> {
  const { captureKeep, captureSize } = config.delivery
  const { removed, octets } = await captured.sweep(clock.now(), { keep: captureKeep, most: captureSize })
  if (removed > 0) log.info('removed captured mail', { removed, octets_left: octets })
}

async function look({ clock, health, meter, store }: Foundation, queue: Queue): Promise<void> {
  const written = await store.upkeep.probe()
  if (written.ok) health.ready('store')
  else health.unready('store', `it cannot be written to: ${written.error}`)
  const { inHand, memoryOctets, sending } = queue.status()
  if (sending) health.ready('queue')
  else health.unready('queue', 'sending pauses: outcomes or leases cannot be stored')
  meter.gauge('deliveries_in_hand', inHand)
  meter.gauge('deliveries_in_hand_bytes', memoryOctets)
  const { database, wal } = await store.upkeep.size()
  meter.gauge('store_bytes', database)
  meter.gauge('store_wal_bytes', wal)
  const dueAt = await store.queue.nextDueAt()
  meter.gauge('queue_overdue_seconds', dueAt === null ? 0 : Math.max(0, clock.now() - dueAt) / SECOND)
  const { waiting } = await store.inbound.countPosts()
  meter.gauge('inbound_posts_waiting', waiting)
  meter.gauge('webhook_posts_waiting', await store.webhooks.countWaiting())
}

/** Again a while after it has ended, also after a failure; what it returns ends it, after the turn that it is in. */
export function every(
  { clock, log }: Foundation,
  period: () => Milliseconds,
  work: () => Promise<void>,
  failed = 'upkeep failed; it is tried again',
): () => Promise<void> {
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  let cancel = (): void => {}
  const turn = (): void => {
    cancel = clock.after(period(), () => {
      running = work()
        .catch((error) => log.error(failed, { error: String(error) }))
        .finally(() => {
          if (!stopped) turn()
        })
    })
  }
  turn()
  return async () => {
    stopped = true
    cancel()
    await running
  }
}
