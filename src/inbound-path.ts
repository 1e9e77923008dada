//
// Owns: wiring the way back of a message: the desk behind port 25, the reading thread, and what waits for webhooks.

import { parseMailbox } from './core/address.ts'
import { ok } from './core/result.ts'
import { dsnDeskOf } from './followers.ts'
import type { Foundation } from './foundation.ts'
import { leavingOf } from './leaving.ts'
import type { Admission } from './mail-path.ts'
import { OutgoingHttp } from './net/http/outgoing.ts'
import { VERSION } from './ops/version.ts'
import { ownAddresses } from './own-addresses.ts'
import { Leaving } from './services/engagement/leaving.ts'
import { Backlog } from './services/inbound/backlog.ts'
import { Inbound, type InboundParts } from './services/inbound/inbound.ts'
import { LateDesk } from './services/inbound/late-news.ts'
import { Posting } from './services/inbound/posting.ts'
import { Reader } from './services/inbound/reader.ts'
import { Recipients } from './services/inbound/recipients.ts'
import { ReportDesk } from './services/inbound/report-desk.ts'
import { testRoute } from './services/inbound/route-test.ts'
import { InboundRoutes } from './services/inbound/routes.ts'
import { providerOfMx } from './services/routing/provider.ts'
import { Hearing } from './services/sources/hearing.ts'
import type { InboundRoute } from './store/inbound-store.ts'

export interface InboundPath {
  readonly desk: Inbound
  stop(): Promise<void>
}

/** The purpose of the key from which the secrets of routes to webhooks follow. */
const ROUTE_SECRETS = 'inbound-routes'

export function inboundRoutesOf({ clock, config, ids, secrets, store }: Foundation): InboundRoutes {
  const secretKey = secrets.deriveKey(ROUTE_SECRETS)
  const { allow } = config.webhooks
  const { hostname } = config.server
  const { directory, inbound } = store
  return new InboundRoutes({ directory, store: inbound, hostname, allow, clock, ids, secretKey })
}

export function openInboundPath(foundation: Foundation, admission: Admission): InboundPath {
  const { clock, config, ids, log, meter, secrets, store } = foundation
  const { hostname } = config.server
  const operator = parseMailbox(config.server.operator)
  const reader = new Reader({ clock, log })
  const posting = openPosting(foundation, admission.notices)
  const verpKeys = secrets.deriveKeys('verp')
  const { notices } = admission
  const desk = new Inbound({
    recipients: new Recipients({
      directory: store.directory,
      store: store.inbound,
      hostname,
      verpKeys,
      wayOutKeys: secrets.deriveKeys('tracking'),
      hasOperator: operator.ok,
    }),
    late: lateDeskOf(foundation, admission),
    leave: leaveByMail(foundation),
    reports: new ReportDesk({
      reader,
      store: store.inbound,
      directory: store.directory,
      hostname,
      ownAddresses: addressesOf(admission),
      clock,
      ids,
      log,
      meter,
    }),
    reader,
    store: store.inbound,
    backlog: new Backlog({ clock, store: store.inbound }),
    notices,
    hostname,
    onPost: () => posting.wake(),
    operator: operator.ok ? operator.value : null,
    maxReceived: config.submission.maxReceived,
    clock,
    log,
    meter,
  })
  posting.start()
  return {
    desk,
    stop: async () => {
      await Promise.all([reader.stop(), posting.stop()])
    },
  }
}

/** What his message was: its list, else all marketing mail. */
function leaveByMail(foundation: Foundation): InboundParts['leave'] {
  const leaving = leavingOf(foundation)
  return async (delivery) => {
    const leaver = await leaving.find(delivery)
    if (leaver === null) return ok('gone')
    const scope = Leaving.scopeOf(leaver)
    return leaving.leave(leaver, { scope, by: 'mailto', ip: null, userAgent: null })
  }
}

function lateDeskOf(foundation: Foundation, admission: Admission): LateDesk {
  const { clock, ids, log, secrets, store } = foundation
  const hearing = hearingOf(foundation, admission)
  const dsnDesk = dsnDeskOf(foundation, admission.notices)
  return new LateDesk({
    queue: store.queue,
    messages: store.messages,
    verpKeys: secrets.deriveKeys('verp'),
    feedbackKeys: secrets.deriveKeys('feedback'),
    onAdded: (event) => void hearing.heard(event),
    confirmed: (id, confirmation, now) => dsnDesk.confirmed(id, confirmation, now),
    clock,
    ids,
    log,
  })
}

function addressesOf({ departures }: Admission): ReadonlySet<string> {
  const sources = departures.sources.sources.map(({ name }) => name)
  return new Set([...ownAddresses().addresses, ...sources])
}

function hearingOf({ log, store }: Foundation, { book, departures }: Admission): Hearing {
  return new Hearing({
    messages: store.messages,
    ledger: departures.ledger,
    providerOf: (mx) => providerOfMx([{ preference: 0, exchange: mx }], book),
    log,
  })
}

/** Posts a letter that was made up to a route's webhook, for whoever asks for it. */
export function routeTesterOf({ clock, config, dice, resolver, secrets }: Foundation) {
  const http = new OutgoingHttp({
    resolver,
    clock,
    allow: config.webhooks.allow,
    allowPrivate: false,
    ca: null,
  })
  const secretKeys = secrets.deriveKeys(ROUTE_SECRETS)
  const agent = `MailWok/${VERSION}`
  return (route: InboundRoute) => testRoute(route, { http, secretKeys, agent, clock, dice })
}

function openPosting(foundation: Foundation, notices: Admission['notices']): Posting {
  const { clock, config, dice, log, meter, resolver, secrets, store } = foundation
  return new Posting({
    store: store.inbound,
    http: new OutgoingHttp({
      resolver,
      clock,
      allow: config.webhooks.allow,
      allowPrivate: false,
      ca: null,
    }),
    secretKeys: secrets.deriveKeys(ROUTE_SECRETS),
    agent: `MailWok/${VERSION}`,
    clock,
    dice,
    log,
    meter,
    alert: (subject, text, key) => notices.alert(subject, text, key),
  })
}
