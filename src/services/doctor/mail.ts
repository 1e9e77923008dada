//
// Owns: whether mail and what is told of it flow: the queue, webhooks, and how old the last backup is. Pure.

import type { Diagnosis } from '../../core/diagnosis.ts'
import { DAY, HOUR, MINUTE, type Milliseconds } from '../../core/time.ts'
import type { Webhook } from '../../core/webhook.ts'
import type { QueueOverview } from '../../store/store.ts'
import { fail, fine, warn } from './say.ts'

export interface QueueFacts {
  readonly overview: QueueOverview
  readonly running: boolean
  /** Why sending stands; empty: it does not. */
  readonly reasons: readonly { readonly part: string; readonly reason: string }[]
  readonly lanes: readonly BlockableLane[]
  readonly now: Milliseconds
}

export interface BlockableLane {
  readonly provider: string
  /** Null: the system chooses. */
  readonly source: string | null
  readonly isBlocked: boolean
  /** In the words of the peer. */
  readonly why: string
}

/** What is due leaves within seconds, unless its lane or provider is slow. */
const OVERDUE: Milliseconds = 30 * MINUTE

export function judgeQueue({ lanes, now, overview, reasons, running }: QueueFacts): readonly Diagnosis[] {
  const found: Diagnosis[] = lanes.filter(({ isBlocked }) => isBlocked).map(blockedBy)
  // Mail flows without a certificate of an authority; the check of certificates tells of it.
  const stopping = reasons.filter(({ part }) => part !== 'certificate')
  if (running && stopping.length > 0) {
    const why = `The node is not ready: ${stopping.map((one) => `${one.part}: ${one.reason}`).join('; ')}.`
    found.push(
      fail('queue_stopped', {
        subject: 'queue',
        why,
        fix: ['mailwok status', 'journalctl -u mailwok -n 50'],
      }),
    )
  }
  const late = overview.destinations.filter(({ nextDueAt }) => now - nextDueAt > OVERDUE)
  const [latest] = late.toSorted((a, b) => a.nextDueAt - b.nextDueAt)
  if (running && latest !== undefined) {
    const minutes = Math.round((now - latest.nextDueAt) / MINUTE)
    const said = latest.lastError === null ? '' : ` The last answer of the receiver: ${latest.lastError}.`
    const others = late.length - 1
    const more =
      others === 0 ? '' : `, and so has that to ${others} other destination${others === 1 ? '' : 's'}`
    const why = `Mail to ${latest.destination} has been due for ${minutes} minutes${more}.${said}`
    found.push(
      warn('queue_old', {
        subject: 'queue',
        why,
        fix: ['mailwok queue lanes', `mailwok queue show ${latest.destination}`],
      }),
    )
  }
  if (overview.held > 0) {
    const [first] = overview.heldFor
    const why = `${overview.held} deliveries are held${first === undefined ? '' : `, most of them to ${first.destination}`}: they wait until they are released or dropped.`
    found.push(
      warn('queue_held', {
        subject: 'held',
        why,
        fix: ['mailwok queue list', 'mailwok queue release', 'mailwok queue drop'],
      }),
    )
  }
  if (found.length > 0) return found
  return [fine('queue', 'queue', `${overview.waiting} deliveries wait, ${overview.leased} are under way.`)]
}

function blockedBy({ provider, source, why }: BlockableLane): Diagnosis {
  const from = source === null ? '' : ` from ${source}`
  return warn('provider_blocked', {
    subject: source === null ? provider : `${provider} ${source}`,
    why: `${provider} takes no mail${from}, and says: ${why}. One delivery asks again now and then; the others wait.`,
    fix: [
      `mailwok queue lanes --provider ${provider}`,
      'mailwok message explain ID     # of one that waits: it names the page where the address is taken off the list',
      `mailwok queue flush --provider ${provider}     # once that is done`,
    ],
  })
}

/** So long nothing was taken, and what waits is given up after three days. */
const FAILING: Milliseconds = HOUR

export function judgeWebhooks(webhooks: readonly Webhook[], now: Milliseconds): readonly Diagnosis[] {
  const found = webhooks.flatMap((webhook): readonly Diagnosis[] => {
    const { failingSince, id, reason, state } = webhook
    const subject = `${id} ${hostOf(webhook.url)}`
    if (state === 'disabled') {
      // By hand it has no reason.
      if (reason === '') return []
      return [
        warn('webhook_disabled', {
          subject,
          why: `It is disabled: ${reason}`,
          fix: [
            `mailwok webhook test ${id}`,
            `mailwok webhook enable ${id}`,
            `mailwok webhook replay ${id} --since 3d`,
          ],
        }),
      ]
    }
    if (failingSince === null || now - failingSince < FAILING) return []
    const hours = Math.floor((now - failingSince) / HOUR)
    const why = `It has taken nothing for ${hours} hours; after three days it is disabled, and what waits for it is given up.`
    return [
      warn('webhook_failing', {
        subject,
        why,
        fix: [`mailwok webhook deliveries ${id}`, `mailwok webhook test ${id}`],
      }),
    ]
  })
  return found.length > 0 || webhooks.length === 0
    ? found
    : [fine('webhooks', 'webhooks', `${webhooks.length} are doing well.`)]
}

/** Paths and queries of URLs hold secrets. */
const hostOf = (url: string): string => URL.parse(url)?.host ?? ''

export interface BackupFacts {
  readonly folder: string
  /** When the newest one ended; null: there is none. */
  readonly lastAt: Milliseconds | null
  /** How often there should be one. */
  readonly every: Milliseconds
  /** Why the last try made none; null: it did, or nobody knows. */
  readonly failure: string | null
  readonly now: Milliseconds
}

export function judgeBackup({ every, failure, folder, lastAt, now }: BackupFacts): readonly Diagnosis[] {
  const subject = folder
  const fix = [`mailwok backup create ${folder}/$(date +%F)`]
  if (failure !== null)
    return [fail('backup_failed', { subject, why: `The last backup failed: ${failure}.`, fix })]
  if (lastAt === null) {
    const why = `There is no backup in ${folder}: a disk that fails takes mail, keys and lists with it. Where another program makes them, this one cannot know.`
    return [warn('backup_missing', { subject, why, fix })]
  }
  const age = now - lastAt
  if (age > 2 * every) {
    return [
      warn('backup_old', {
        subject,
        why: `The newest backup in ${folder} is ${Math.floor(age / DAY)} days old.`,
        fix,
      }),
    ]
  }
  return [fine('backup', subject, `The newest is ${Math.floor(age / HOUR)} hours old.`)]
}
