//
// Owns: the admin actions over the services of a node. The same for a running node and for a store opened by the CLI.

import type { Config } from '../config/schema.ts'
import { ok } from '../core/result.ts'
import type { Milliseconds } from '../core/time.ts'
import type { HealthAnswer } from '../ops/health.ts'
import { VERSION } from '../ops/version.ts'
import type { SendingState } from '../store/sending-store.ts'
import type { Store } from '../store/store.ts'
import type { AdminActions } from './admin.ts'
import { type BackupParts, backupActions } from './backup.ts'
import type { CertificateActions } from './certificate-rows.ts'
import { accountActions, type DirectoryParts } from './directory.ts'
import { type DoctorActionParts, doctorActions } from './doctor.ts'
import { type ExplainParts, explainActions } from './explain.ts'
import { iso } from './faults.ts'
import type { InboundActions } from './inbound.ts'
import { type KeyParts, keyActions } from './keys.ts'
import { type LaneParts, laneActions } from './lanes.ts'
import { type MailParts, mailActions } from './mail.ts'
import { type MessageParts, messageActions } from './messages.ts'
import { type PeopleAdminParts, peopleActions } from './people.ts'
import type { SendingActions } from './sending.ts'
import { type SourceParts, sourceActions } from './sources.ts'
import { type StatsActionParts, statsActions } from './stats.ts'
import { type SteeringActionParts, steeringActions } from './steering.ts'
import { type SuppressionActionParts, suppressionActions } from './suppressions.ts'
import { type TemplateAdminParts, templateActions } from './templates.ts'
import { type TlsParts, tlsActions } from './tls.ts'
import type { WebhookActions } from './webhooks.ts'

export type DomainActions = Pick<AdminActions, `domain${string}` & keyof AdminActions>

export interface AdminParts
  extends BackupParts,
    DirectoryParts,
    KeyParts,
    DoctorActionParts,
    ExplainParts,
    LaneParts,
    MailParts,
    MessageParts,
    PeopleAdminParts,
    SourceParts,
    StatsActionParts,
    SteeringActionParts,
    SuppressionActionParts,
    TemplateAdminParts,
    TlsParts {
  readonly config: Config
  readonly store: Store
  /** See admin-domains.ts. */
  readonly domains: DomainActions
  readonly inbound: InboundActions
  readonly webhooks: WebhookActions
  readonly sending: SendingActions
  readonly certificates: CertificateActions
  readonly node: NodeFacts
  /** Prometheus' text. */
  readonly metrics: () => Promise<string>
}

/** What only the root knows of this node. */
export interface NodeFacts {
  /** Null: the store was opened for one command. */
  readonly startedAt: Milliseconds | null
  readyz(): HealthAnswer
  /** By key of the configuration, such as `api.http`. */
  listeners(): Readonly<Record<string, readonly string[]>>
}

export function adminActions(parts: AdminParts): AdminActions {
  return {
    ...accountActions(parts),
    ...keyActions(parts),
    ...doctorActions(parts),
    ...parts.domains,
    ...parts.inbound,
    ...parts.webhooks,
    ...parts.sending,
    ...peopleActions(parts),
    ...mailActions(parts),
    ...messageActions(parts),
    ...steeringActions(parts),
    ...laneActions(parts),
    ...sourceActions(parts),
    ...tlsActions(parts),
    ...parts.certificates,
    ...templateActions(parts),
    ...explainActions(parts),
    ...suppressionActions(parts),
    ...statsActions(parts),
    ...backupActions(parts),
    status: () => status(parts),
    metrics: async () => ok(await parts.metrics()),
  }
}

async function status({ config, store, queue, node }: AdminParts): ReturnType<AdminActions['status']> {
  const [overview, size, schema, sending] = await Promise.all([
    queue.overview(0),
    store.upkeep.size(),
    store.upkeep.schemaVersion(),
    store.sending.list(null),
  ])
  const ready = node.readyz()
  const isRunning = node.startedAt !== null
  return ok({
    version: VERSION,
    hostname: config.server.hostname,
    running: isRunning,
    ready: isRunning && ready.ok,
    reasons: isRunning ? ready.reasons : [{ part: 'node', reason: 'not running' }],
    started_at: node.startedAt === null ? null : iso(node.startedAt),
    listeners: node.listeners(),
    sending: { warned: countOf(sending, 'warned'), paused: countOf(sending, 'paused') },
    queue: { waiting: overview.waiting, leased: overview.leased, held: overview.held },
    store: { engine: store.engine, schema, database_bytes: size.database, wal_bytes: size.wal },
  })
}

const countOf = (all: readonly SendingState[], state: SendingState['state']): number =>
  all.filter((one) => one.state === state).length
