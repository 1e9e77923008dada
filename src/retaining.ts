//
// Owns: wiring retention: by age, by size, and when the disk runs low.

import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DAY, HOUR, MINUTE, type Milliseconds } from './core/time.ts'
import { FOLLOWERS } from './followers.ts'
import type { Foundation } from './foundation.ts'
import type { Admission } from './mail-path.ts'
import { oldestUnread } from './services/following/unread.ts'
import { IDLE } from './services/people/sessions.ts'
import { relieve, type Shortage, type Standing, shortageOf } from './services/retention/pressure.ts'
import { WEBHOOKS } from './services/webhooks/telling.ts'
import { storeFile } from './store/open.ts'
import type { RetentionBounds } from './store/upkeep-store.ts'

/** api.md B, Idempotency. */
const IDEMPOTENCY_LIFE: Milliseconds = 24 * 60 * MINUTE

/**
 * Posts wait for three days, and their last try has a lease; what still waits then, its webhook is disabled. A day more,
 * for a clock that was set ahead (F6).
 */
const OWED: Milliseconds = 4 * DAY + HOUR

type Parts = Pick<Foundation, 'clock' | 'config' | 'log' | 'meter' | 'store'>

export async function retain(parts: Parts): Promise<void> {
  const { clock, config, log, store } = parts
  const now = clock.now()
  const { retention } = config
  const removed = await store.upkeep.retain(await boundsOf(parts, now))
  await store.inbound.forget(now - retention.reports, now - retention.attempts)
  await store.audit.forget(now - retention.audit)
  await store.people.forget(now, now - IDLE)
  await store.webhooks.forget(now - retention.attempts, now - OWED)
  if (removed.contents + removed.attempts + removed.events + removed.messages > 0) {
    log.info('removed what was kept long enough', { ...removed })
  }
}

async function boundsOf({ config, store }: Parts, now: Milliseconds): Promise<RetentionBounds> {
  const { retention } = config
  // What a follower has still to read is owed to it, however old (I11).
  // Without a webhook nobody follows for them.
  const hasWebhooks = (await store.webhooks.list(null)).length > 0
  const unread = await oldestUnread(store.log, hasWebhooks ? [...FOLLOWERS, WEBHOOKS] : FOLLOWERS)
  return {
    contentBefore: now - retention.content,
    attemptsBefore: now - retention.attempts,
    eventsBefore: Math.min(now - retention.events, unread ?? now),
    idempotencyBefore: now - IDEMPOTENCY_LIFE,
    waysOutBefore: now - retention.unsubscribe,
    readBefore: unread ?? now,
  }
}

/** How a store stands; the disk only where the store is a file on it. */
export async function standingOf({ config, store }: Pick<Parts, 'config' | 'store'>): Promise<Standing> {
  const file = storeFile(config.store.url)
  const used = await store.upkeep.used()
  if (file === null) return { used, disk: null }
  const { bavail, blocks, bsize } = await statfs(dirname(file))
  return { used, disk: { free: bavail * bsize, size: blocks * bsize } }
}

/** Looks whether there is too much; tells the operator once a day, and makes room. */
export class Relief {
  readonly #parts: Parts
  readonly #alert: Admission['notices']['alert']
  #shortage: Shortage = 'none'

  constructor(parts: Parts, alert: Admission['notices']['alert']) {
    this.#parts = parts
    this.#alert = alert
  }

  async turn(signal: AbortSignal): Promise<void> {
    const { clock, config, log, meter, store } = this.#parts
    const { retention: limits } = config
    const standing = await standingOf(this.#parts)
    meter.gauge('store_used_bytes', standing.used)
    if (standing.disk !== null) meter.gauge('disk_free_bytes', standing.disk.free)
    const shortage = shortageOf(standing, limits)
    if (shortage !== this.#shortage) log.warn('room', { shortage, ...facts(standing) })
    if (shortage !== this.#shortage && shortage.startsWith('disk')) await this.#tell(standing)
    this.#shortage = shortage
    if (shortage === 'none' || shortage === 'disk-low') return
    const removed = await relieve({
      upkeep: store.upkeep,
      standing: () => standingOf(this.#parts),
      limits,
      usual: await boundsOf(this.#parts, clock.now()),
      now: clock.now(),
      signal,
    })
    if (removed.contents + removed.events + removed.attempts > 0) {
      meter.count('removed_early_total', removed.contents, { kind: 'bodies' })
      meter.count('removed_early_total', removed.events, { kind: 'events' })
      log.warn('removed what was finished before its time', { shortage, ...removed })
    }
  }

  #tell(standing: Standing): Promise<unknown> {
    const { clock, config } = this.#parts
    const free = Math.round((standing.disk?.free ?? 0) / 1e6)
    const text = `The disk of ${config.server.dataDir} has ${free} MB free. Below retention.keep_free bodies of finished mail are removed before their time, the oldest first; what is not delivered stays. When the disk is full new mail is refused (452, 507) until there is room.\n\n    mailwok db size\n\nshows what takes the room in the store.\n`
    const day = new Date(clock.now()).toISOString().slice(0, 10)
    return this.#alert('the disk runs low', text, `disk:${day}`)
  }
}

const facts = ({ used, disk }: Standing) => ({ used, ...(disk === null ? {} : { disk_free: disk.free }) })
