//
// Owns: what a node does by the clock beside mail: retention, readiness, figures.

import { DAY, HOUR, MINUTE, type Milliseconds, SECOND } from './core/time.ts'
import { FOLLOWERS } from './followers.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { CapturedMail } from './services/contents/captured.ts'
import { oldestUnread } from './services/following/unread.ts'
import { IDLE } from './services/people/sessions.ts'
import type { Queue } from './services/queue/queue.ts'
import { indexMail } from './services/search/indexing.ts'
import { WEBHOOKS } from './services/webhooks/telling.ts'
import { tlsReporterOf } from './tls-care.ts'

const RETAIN_EVERY: Milliseconds = 10 * MINUTE
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
/** api.md B, Idempotency. */
const IDEMPOTENCY_LIFE: Milliseconds = 24 * 60 * MINUTE

/**
 * Posts wait for three days, and their last try has a lease; what still waits then, its webhook is disabled. A day more,
 * for a clock that was set ahead (F6).
 */
const OWED: Milliseconds = 4 * DAY + HOUR

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
  const stopIndexing = startIndexing(foundation)
  return async () => {
    await Promise.all([
      stopIndexing(),
      stopRetaining(),
      stopLooking(),
      stopRenewing(),
      stopCounting(),
      stopHosts(),
      stopSweeping(),
    ])
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

async function retain({ clock, config, log, store }: Foundation): Promise<void> {
  const now = clock.now()
  const { retention } = config
  // What a follower has still to read is owed to it, however old (I11).
  // Without a webhook nobody follows for them.
  const hasWebhooks = (await store.webhooks.list(null)).length > 0
  const unread = await oldestUnread(store.log, hasWebhooks ? [...FOLLOWERS, WEBHOOKS] : FOLLOWERS)
  const removed = await store.upkeep.retain({
    contentBefore: now - retention.content,
    attemptsBefore: now - retention.attempts,
    eventsBefore: Math.min(now - retention.events, unread ?? now),
    idempotencyBefore: now - IDEMPOTENCY_LIFE,
    waysOutBefore: now - retention.unsubscribe,
  })
  await store.inbound.forget(now - retention.reports, now - retention.attempts)
  await store.audit.forget(now - retention.audit)
  await store.people.forget(now, now - IDLE)
  await store.webhooks.forget(now - retention.attempts, now - OWED)
  if (removed.contents + removed.attempts + removed.events + removed.messages > 0) {
    log.info('removed what was kept long enough', { ...removed })
  }
}

/** In every mode: what was captured once is somebody's mail. */
async function sweep({ clock, config, log }: Foundation, captured: CapturedMail): Promise<void> {
  const { captureKeep, captureSize } = config.delivery
  const { removed, octets } = await captured.sweep(clock.now(), { keep: captureKeep, most: captureSize })
  if (removed > 0) log.info('removed captured mail', { removed, octets_left: octets })
}

async function look({ health, meter, store }: Foundation, queue: Queue): Promise<void> {
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
