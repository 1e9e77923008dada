//
// Owns: wiring the way of a message: door, queue, routing and delivery workers.

import { knownProviders, withOwn } from './config/providers.ts'
import type { Config } from './config/schema.ts'
import { SYSTEM_ACCOUNT } from './core/account.ts'
import { domainOf, parseMailbox } from './core/address.ts'
import { type OpenDepartures, openDepartures } from './departures.ts'
import type { Foundation } from './foundation.ts'
import { openDeliveryPool } from './net/delivery/pool.ts'
import { type OwnAddresses, ownAddresses } from './own-addresses.ts'
import { DEFAULT_ACCOUNT } from './services/accounts/accounts.ts'
import { CapturedMail } from './services/contents/captured.ts'
import { Contents } from './services/contents/contents.ts'
import { Explainer, type ExplainerParts } from './services/explain/explainer.ts'
import { refusalOf, suspendedOf, waitsOf } from './services/feedback/words.ts'
import { Notices } from './services/notices/notices.ts'
import type { QueueOptions } from './services/queue/parts.ts'
import { Queue } from './services/queue/queue.ts'
import { renderCopy } from './services/queue/showing.ts'
import { ProviderBook } from './services/routing/provider-book.ts'
import { Stage } from './services/sandbox/stage.ts'
import { DEFAULT_POOL } from './services/sources/pools.ts'
import { feedbackMarks } from './services/submission/feedback-fields.ts'
import { Submissions } from './services/submission/submit.ts'
import { openTlsCare, type TlsCare } from './tls-care.ts'
import { openUnderWay, underWayFileOf } from './under-way.ts'

export interface Admission {
  readonly door: Submissions
  readonly queue: Queue
  readonly departures: OpenDepartures
  readonly stage: Stage
  readonly explainer: Explainer
  readonly contents: Contents
  readonly notices: Notices
  readonly book: ProviderBook
  readonly tls: TlsCare
}

/**
 * Deliveries of one provider held in memory: half of them for a single account, which is what a burst takes; what goes by
 * way of the store costs half as much again. Octets have a bound of their own (delivery.memory).
 */
const LANE_WAITING = 10_000

export function openDoor(foundation: Foundation): Admission {
  const { clock, config, dice, ids, log, meter, store } = foundation
  const { delivery } = config
  const own = ownAddresses()
  const departures = openDepartures(foundation, own)
  const book = bookOf(config)
  const tls = tlsCareOf(foundation, { departures, own, book })
  const underWay = openUnderWay(underWayFileOf(config.server), log)
  const stage = stageOf(foundation)
  const queue = new Queue({
    store: store.queue,
    contents: store.messages,
    underWay,
    laneStates: store.lanes,
    router: departures.routes(tls.router),
    departures,
    identities: foundation.identities,
    suppressed: (deliveries) => foundation.suppression.checkDeliveries(deliveries),
    isPaused: (delivery) => foundation.paused.stops(delivery),
    openPool: (hooks) =>
      openDeliveryPool({
        workers: delivery.workers,
        timeouts: delivery.timeouts,
        trust: foundation.ownAuthorities,
        trackingKey: foundation.secrets.deriveKey('tracking'),
        ...hooks,
      }),
    tlsSessions: (delivery, evidence) => tls.tallies.note(delivery, evidence),
    onPlayed: (delivery, encore) => stage.add(delivery, encore),
    holder: foundation.holder,
    clock,
    dice,
    ids,
    ...logsOf(foundation),
    meter,
    options: optionsOf(config, book),
  })
  foundation.recall.from((filter) => queue.takeBack(filter))
  const explainer = explainerOf(foundation, {
    whyWaiting: (delivery, message) => queue.whyWaiting(delivery, message),
    isUnderWay: (id) => queue.isUnderWay(id),
  })
  const contents = contentsOf(foundation)
  const door = doorOf(foundation, queue)
  return {
    queue,
    departures,
    stage,
    explainer,
    contents,
    door,
    notices: noticesOf(foundation, door),
    book,
    tls,
  }
}

const logsOf = ({ config, log }: Foundation) => ({ log, ...(config.log.attempts ? { attemptLog: log } : {}) })

const stageOf = ({ clock, config, ids, log, store }: Foundation): Stage =>
  new Stage({
    queue: store.queue,
    messages: store.messages,
    clock,
    ids,
    log,
    options: { publicUrl: config.server.publicUrl },
  })

export function contentsOf({ clock, config, identities, secrets, store }: Foundation): Contents {
  const parts = { clock, identities, trackingKey: secrets.deriveKey('tracking') }
  return new Contents({
    messages: store.messages,
    captured: new CapturedMail(config.delivery.captureDir),
    render: (message, delivery, content) => renderCopy(parts, { message, delivery, content }),
  })
}

/** A command without a node explains as well; what only a queue knows it is told. */
export const explainerOf = (
  { accounts, clock, config, paused, senders, store }: Foundation,
  queue: Pick<ExplainerParts, 'whyWaiting' | 'isUnderWay'>,
): Explainer =>
  new Explainer({
    messages: store.messages,
    suppressions: store.suppressions,
    nameOf: async (id) => (await accounts.list()).find((account) => account.id === id)?.name ?? id,
    bounceMessages: config.submission.bounceMessages,
    isOwnAddress: async (account, address) =>
      address !== null && (await senders.factsFor(account, domainOf(address))).kind !== 'unknown',
    clock,
    ...queue,
    whyWaiting: (delivery, message) =>
      suspendedOf(paused.whyIdle(message.accountId)) ??
      waitsOf(paused.of(message)) ??
      queue.whyWaiting(delivery, message),
  })

export const bookOf = ({ provider }: Config): ProviderBook =>
  new ProviderBook(withOwn(knownProviders(), provider))

/** Routes straight to the MX hosts, with all that is known of encryption to them. */
export function tlsCareOf(
  foundation: Foundation,
  { departures, own, book }: { departures: OpenDepartures; own: OwnAddresses; book: ProviderBook },
): TlsCare {
  const { clock, config, dice, resolver } = foundation
  return openTlsCare(foundation, {
    resolver,
    clock,
    dice,
    families: departures.families,
    allowPrivateDestinations: config.delivery.allowPrivateDestinations,
    ownAddresses: own.addresses,
    port: config.delivery.mxPort,
    book,
  })
}

function optionsOf({ delivery, server }: Config, book: ProviderBook): QueueOptions {
  return {
    transport:
      delivery.mode === 'capture'
        ? { kind: 'capture', folder: delivery.captureDir }
        : {
            kind: 'mx',
            hello: server.hostname,
            messagesPerConnection: delivery.messagesPerConnection,
          },
    memory: delivery.memory,
    book,
    maxConnections: delivery.maxConnections,
    laneConnections: delivery.connectionsPerProvider,
    laneWaiting: LANE_WAITING,
    stopPatience: server.stopWithin,
    deliver: server.roles.includes('delivery'),
  }
}

export function noticesOf(
  { clock, config, hostDomain, ids, log, meter }: Foundation,
  door: Submissions,
): Notices {
  const operator = parseMailbox(config.server.operator)
  return new Notices({
    door,
    hostname: hostDomain,
    operator: operator.ok ? operator.value : null,
    clock,
    ids,
    log,
    meter,
  })
}

/** Notices are signed as the house: with the keys of our host's domain where the default account has added it. */
function sendersOf({
  accounts,
  senders,
}: Foundation): ConstructorParameters<typeof Submissions>[0]['senders'] {
  return {
    factsFor: async (account, domain) => {
      if (account !== SYSTEM_ACCOUNT) return senders.factsFor(account, domain)
      const house = await accounts.named(DEFAULT_ACCOUNT)
      return senders.factsFor(house?.id ?? account, domain)
    },
  }
}

export function doorOf(
  foundation: Foundation,
  queue: ConstructorParameters<typeof Submissions>[0]['queue'],
): Submissions {
  const { clock, config, ids, log, meter, store } = foundation
  return new Submissions({
    store: store.queue,
    messages: store.messages,
    senders: sendersOf(foundation),
    limiter: foundation.limits,
    suppressed: (account, recipients, kind) => foundation.suppression.check(account, recipients, kind),
    paused: (mail) => refusalOf(foundation.paused.of(mail)),
    queue,
    feedback: feedbackMarks(foundation.secrets.deriveKey('feedback'), config.server.hostname),
    ways: {
      baseFor: (domain) => foundation.trackingHosts.publicBaseFor(domain),
      host: foundation.hostDomain,
    },
    trackingHost: (domain, seen) => foundation.trackingHosts.readiness(domain, seen),
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
      pools: [DEFAULT_POOL, ...config.pool.map(({ name }) => name)],
    },
  })
}
