//
// Owns: what the REST API is made of: parts of the foundation and of the ways of mail, handed over by name.

import { accountDeskOf } from './account-path.ts'
import type { ApiParts } from './edge/api/parts.ts'
import type { Foundation } from './foundation.ts'
import { inboundRoutesOf, routeTesterOf } from './inbound-path.ts'
import type { Admission } from './mail-path.ts'
import { VERSION } from './ops/version.ts'
import { peopleDeskOf, postOf } from './people-path.ts'
import { steeringOf } from './scheduling-path.ts'
import type { Doctor } from './services/doctor/doctor.ts'
import { Finding } from './services/search/finding.ts'
import { statsOf } from './statistics.ts'
import type { WebhookPath } from './webhook-path.ts'

export function apiPartsOf(
  foundation: Foundation,
  {
    admission,
    doctor,
    webhooks,
  }: { readonly admission: Admission; readonly doctor: Doctor; readonly webhooks: WebhookPath },
): ApiParts {
  const { config, keys, limits, store } = foundation
  return {
    ...foundation,
    doctor,
    accountDesk: accountDeskOf(foundation, admission.queue),
    door: admission.door,
    authenticator: keys,
    limiter: limits,
    messages: store.messages,
    steering: steeringOf(foundation, () => admission.queue.wake()),
    inbound: inboundRoutesOf(foundation),
    testRoute: routeTesterOf(foundation),
    suppressions: store.suppressions,
    explainer: admission.explainer,
    contents: admission.contents,
    events: store.events,
    streams: webhooks.streams,
    webhooks: webhooks.webhooks,
    webhooksByHand: webhooks.byHand,
    webhookLog: store.webhooks,
    stats: statsOf(foundation),
    finding: new Finding(store.search),
    sending: store.sending,
    people: peopleDeskOf(foundation, postOf(admission.notices)),
    auditLog: store.audit,
    options: { maxBody: config.api.maxBodySize, publicUrl: config.server.publicUrl, version: VERSION },
  }
}
