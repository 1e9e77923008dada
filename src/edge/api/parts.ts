//
// Owns: what the API needs of its neighbours, handed in by the root, and what a route knows of its caller.

import type { ApiKey } from '../../core/account.ts'
import type { Ids } from '../../core/ids.ts'
import type { Role, Session } from '../../core/person.ts'
import type { Clock, Log, Meter } from '../../core/ports.ts'
import type { MergeTemplates } from '../../mail/templates/merge.ts'
import type { Authenticator, Limiter } from '../../services/accounts/authenticate.ts'
import type { AccountDesk } from '../../services/accounts/desk.ts'
import type { FailureBrake } from '../../services/accounts/failure-brake.ts'
import type { Keys } from '../../services/accounts/keys.ts'
import type { Trail } from '../../services/audit/trail.ts'
import type { Contents } from '../../services/contents/contents.ts'
import type { Doctor } from '../../services/doctor/doctor.ts'
import type { Domains } from '../../services/domains/domains.ts'
import type { Explainer } from '../../services/explain/explainer.ts'
import type { RouteTested } from '../../services/inbound/route-test.ts'
import type { InboundRoutes } from '../../services/inbound/routes.ts'
import type { PeopleDesk } from '../../services/people/desk.ts'
import type { Steering } from '../../services/scheduling/steering.ts'
import type { Finding } from '../../services/search/finding.ts'
import type { Stats } from '../../services/stats/stats.ts'
import type { Door } from '../../services/submission/door.ts'
import type { Suppression } from '../../services/suppression/suppression.ts'
import type { TemplateDesk } from '../../services/templates/desk.ts'
import type { WebhooksByHand } from '../../services/webhooks/by-hand.ts'
import type { EventStreams } from '../../services/webhooks/streams.ts'
import type { Webhooks } from '../../services/webhooks/webhooks.ts'
import type { AuditStore } from '../../store/audit-store.ts'
import type { EventStore } from '../../store/event-store.ts'
import type { InboundRoute } from '../../store/inbound-store.ts'
import type { SendingStore } from '../../store/sending-store.ts'
import type { MessageStore } from '../../store/store.ts'
import type { SuppressionStore } from '../../store/suppression-store.ts'
import type { WebhookStore } from '../../store/webhook-store.ts'
import type { HealthView } from './routes/health.ts'

export interface ApiParts {
  readonly door: Door
  readonly authenticator: Authenticator
  readonly accountDesk: AccountDesk
  readonly doctor: Pick<Doctor, 'examine' | 'last'>
  readonly keys: Pick<Keys, 'list' | 'get' | 'create' | 'change' | 'rotate' | 'revoke' | 'opens'>
  readonly limiter: Limiter
  readonly brake: FailureBrake
  readonly messages: MessageStore
  readonly steering: Steering
  readonly inbound: InboundRoutes
  /** Posts a letter that was made up, at once. */
  readonly testRoute: (route: InboundRoute) => Promise<RouteTested>
  readonly explainer: Explainer
  readonly contents: Pick<Contents, 'copy'>
  readonly suppression: Pick<Suppression, 'put' | 'remove'>
  readonly suppressions: Pick<SuppressionStore, 'list' | 'entries'>
  readonly domains: Domains
  readonly events: Pick<EventStore, 'page' | 'messageFacts'>
  readonly streams: Pick<EventStreams, 'open'>
  readonly webhooks: Webhooks
  readonly webhooksByHand: WebhooksByHand
  readonly webhookLog: Pick<WebhookStore, 'posts'>
  readonly stats: Pick<Stats, 'report'>
  readonly finding: Pick<Finding, 'find'>
  readonly sending: Pick<SendingStore, 'list'>
  readonly people: PeopleDesk
  readonly trail: Pick<Trail, 'note'>
  readonly auditLog: Pick<AuditStore, 'page'>
  readonly health: HealthView
  readonly ids: Ids
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly templates: MergeTemplates
  readonly templateDesk: TemplateDesk
  readonly options: ApiOptions
}

export interface ApiOptions {
  /** Octets of a request body. */
  readonly maxBody: number
  /** Where this node is reached, and which version it is: for the reference. */
  readonly publicUrl: string
  readonly version: string
}

/** What a route sees of whoever asks. */
export interface Caller {
  /** Of a person: what his role may do, as if it were a key. */
  readonly key: ApiKey
  /** Absent: a key asks. */
  readonly person?: CallerPerson
}

/** Who is logged in. */
export interface CallerPerson {
  readonly session: Session
  readonly role: Role
  readonly address: string
  readonly name: string
  /** Null: no cookie brought the session. */
  readonly csrf: string | null
}
