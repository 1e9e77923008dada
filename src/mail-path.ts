//
// Owns: wiring the way of a message: door, queue, routing and delivery workers.

import type { Foundation } from './foundation.ts'
import { openDeliveryPool } from './net/delivery/pool.ts'
import { familiesOf, ownAddresses } from './own-addresses.ts'
import { Queue } from './services/queue/queue.ts'
import { Router } from './services/routing/route.ts'
import { Submissions } from './services/submission/submit.ts'

export interface Admission {
  readonly door: Submissions
  readonly queue: Queue
}

/** Deliveries of one provider held in memory; more of them would push out everybody else's. */
const LANE_WAITING = 5000

export function openDoor(foundation: Foundation): Admission {
  const { clock, config, dice, ids, log, meter, store } = foundation
  const { delivery } = config
  const own = ownAddresses()
  const router = new Router({
    resolver: foundation.resolver,
    clock,
    dice,
    families: delivery.sourceIps.length > 0 ? familiesOf(delivery.sourceIps) : own.families,
    allowPrivateDestinations: delivery.allowPrivateDestinations,
    ownAddresses: own.addresses,
    port: delivery.mxPort,
  })
  const queue = new Queue({
    store: store.queue,
    contents: store.messages,
    router,
    identities: foundation.identities,
    suppressed: (deliveries) => foundation.suppression.checkDeliveries(deliveries),
    openPool: (hooks) =>
      openDeliveryPool({
        workers: delivery.workers,
        timeouts: delivery.timeouts,
        trust: null,
        ...hooks,
      }),
    holder: foundation.holder,
    clock,
    dice,
    ids,
    log,
    meter,
    options: {
      transport:
        delivery.mode === 'capture'
          ? { kind: 'capture', folder: delivery.captureDir }
          : {
              kind: 'mx',
              hello: config.server.hostname,
              messagesPerConnection: delivery.messagesPerConnection,
            },
      sources: delivery.sourceIps,
      memory: delivery.memory,
      laneConnections: delivery.connectionsPerProvider,
      laneWaiting: LANE_WAITING,
      stopPatience: config.server.stopWithin,
      deliver: config.server.roles.includes('delivery'),
    },
  })
  return { queue, door: doorOf(foundation, queue) }
}

export function doorOf(
  foundation: Foundation,
  queue: ConstructorParameters<typeof Submissions>[0]['queue'],
): Submissions {
  const { clock, config, ids, log, meter, store } = foundation
  return new Submissions({
    store: store.queue,
    messages: store.messages,
    senders: foundation.senders,
    limiter: foundation.limits,
    suppressed: (account, recipients, stream) => foundation.suppression.check(account, recipients, stream),
    queue,
    clock,
    ids,
    log,
    meter,
    options: {
      limits: {
        maxRecipients: config.submission.maxRecipients,
        maxMessageSize: config.submission.maxMessageSize,
      },
      operator: config.server.operator,
      requireVerification: config.domains.requireVerification,
      giveUpAfter: config.delivery.giveUpAfter,
      maxReceived: config.submission.maxReceived,
    },
  })
}
