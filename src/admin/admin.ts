//
// Owns: what the operator can ask of a node: plain data in, plain data out, over the admin socket or offline.
// Never: how it is done (admin-actions.ts) or shown (cli/).
//
// Keys are snake_case, as in the REST API: what `--json` prints is what came over the socket. Times are ISO 8601.

import type { Explanation } from '../core/explanation.ts'
import type { Result } from '../core/result.ts'
import { ACCOUNT_ACTIONS, type AccountActions } from './account-rows.ts'
import { CERTIFICATE_ACTIONS, type CertificateActions } from './certificate-rows.ts'
import { DOCTOR_ACTIONS, type DoctorAdminActions } from './doctor-rows.ts'
import { DOMAIN_ACTIONS, type DomainAdminActions } from './domain-rows.ts'
import type {
  InboundRouteAsk,
  InboundRouteRow,
  MadeInboundRoute,
  ReportListAsk,
  ReportRow,
  ReportView,
} from './inbound-rows.ts'
import type { LaneRow } from './lane-rows.ts'
import type {
  MessageContentAsk,
  MessageCopy,
  MessageListAsk,
  MessageListing,
  MessageReport,
  MessageRescheduleAsk,
  SendAsk,
  Sent,
  SteeredRow,
} from './message-rows.ts'
import type { BackupReport, BackupRow, StatusReport, StoreSizeReport } from './node-rows.ts'
import type {
  AuditListAsk,
  AuditRow,
  UserAddAsk,
  UserAdded,
  UserReset,
  UserResetAsk,
  UserRoleAsk,
  UserRow,
  UserStateAsk,
} from './people-rows.ts'
import type { Moved, QueueAsk, QueueReport } from './queue-rows.ts'
import type { SendingResumeAsk, SendingRow } from './sending-rows.ts'
import type { SourceRow } from './source-rows.ts'
import type { StatsShowAsk, StatsTold } from './stats-rows.ts'
import type {
  SuppressionPage,
  SuppressionPageAsk,
  SuppressionPutAsk,
  SuppressionPutReport,
  SuppressionRow,
} from './suppression-rows.ts'
import { TEMPLATE_ACTIONS, type TemplateActions } from './template-rows.ts'
import type { TlsView } from './tls-rows.ts'
import type {
  MadeWebhookRow,
  WebhookAsk,
  WebhookPostRow,
  WebhookPostsAsk,
  WebhookReplayAsk,
  WebhookReplayRow,
  WebhookRow,
  WebhookTestRow,
} from './webhook-rows.ts'

export interface AdminFault {
  /** Stable, snake_case: scripts branch on it. */
  readonly code: string
  /** What is wrong and what to do next. */
  readonly message: string
}

export type AdminAnswer<T> = Promise<Result<T, AdminFault>>

export interface AdminActions
  extends AccountActions,
    CertificateActions,
    DomainAdminActions,
    TemplateActions,
    DoctorAdminActions {
  inboundRouteAdd(ask: InboundRouteAsk): AdminAnswer<MadeInboundRoute>
  inboundRouteList(ask: { readonly account: string | null }): AdminAnswer<readonly InboundRouteRow[]>
  inboundRouteOpen(ask: { readonly pattern: string }): AdminAnswer<{ readonly pattern: string }>
  inboundRouteRemove(ask: { readonly pattern: string }): AdminAnswer<{ readonly pattern: string }>
  reportList(ask: ReportListAsk): AdminAnswer<readonly ReportRow[]>
  reportShow(ask: { readonly id: string }): AdminAnswer<ReportView>

  webhookAdd(ask: WebhookAsk): AdminAnswer<MadeWebhookRow>
  webhookList(ask: { readonly account: string | null }): AdminAnswer<readonly WebhookRow[]>
  webhookState(ask: { readonly id: string; readonly state: 'enabled' | 'disabled' }): AdminAnswer<WebhookRow>
  webhookRotate(ask: { readonly id: string }): AdminAnswer<MadeWebhookRow>
  webhookRemove(ask: { readonly id: string }): AdminAnswer<{ readonly id: string }>
  /** Posted at once, whatever state it is in. */
  webhookTest(ask: { readonly id: string }): AdminAnswer<WebhookTestRow>
  webhookPosts(ask: WebhookPostsAsk): AdminAnswer<readonly WebhookPostRow[]>
  webhookReplay(ask: WebhookReplayAsk): AdminAnswer<WebhookReplayRow>

  userAdd(ask: UserAddAsk): AdminAnswer<UserAdded>
  userList(ask: { readonly account: string | null }): AdminAnswer<readonly UserRow[]>
  userState(ask: UserStateAsk): AdminAnswer<UserStateAsk>
  userReset(ask: UserResetAsk): AdminAnswer<UserReset>
  userRole(ask: UserRoleAsk): AdminAnswer<UserRow>
  auditList(ask: AuditListAsk): AdminAnswer<readonly AuditRow[]>

  send(ask: SendAsk): AdminAnswer<Sent>

  queueOverview(ask: { readonly limit: number }): AdminAnswer<QueueReport>
  queueCommand(ask: QueueAsk): AdminAnswer<Moved>
  queueLanes(ask: { readonly provider: string | null }): AdminAnswer<readonly LaneRow[]>

  /** `provider`: the warm-up there alone. */
  sourceList(ask: { readonly provider: string | null }): AdminAnswer<readonly SourceRow[]>

  /** Up to 1,000 entries at once; those that are at fault are told by their place, the others are added. */
  suppressionPut(ask: SuppressionPutAsk): AdminAnswer<SuppressionPutReport>
  suppressionList(ask: SuppressionPageAsk): AdminAnswer<SuppressionPage>
  suppressionShow(ask: {
    readonly account: string
    readonly address: string
  }): AdminAnswer<readonly SuppressionRow[]>
  suppressionRemove(ask: {
    readonly account: string
    readonly address: string
    /** Null: all entries of the address. */
    readonly scope: string | null
  }): AdminAnswer<{ readonly removed: number }>

  /** What is demanded of encryption to a recipient domain, and by whom. */
  tlsShow(ask: { readonly domain: string }): AdminAnswer<TlsView>

  messageShow(ask: { readonly id: string }): AdminAnswer<MessageReport>
  /** The newest first. */
  messageList(ask: MessageListAsk): AdminAnswer<MessageListing>
  /** What a recipient got or will get. */
  messageContent(ask: MessageContentAsk): AdminAnswer<MessageCopy>
  /** What happened, who is at fault, what to do, what happens next. */
  messageExplain(ask: { readonly id: string }): AdminAnswer<Explanation>
  messageCancel(ask: { readonly id: string }): AdminAnswer<SteeredRow>
  messageRetry(ask: { readonly id: string }): AdminAnswer<SteeredRow>
  messageReschedule(ask: MessageRescheduleAsk): AdminAnswer<SteeredRow>

  /** Who is warned, paused, or was resumed. */
  sendingList(ask: { readonly account: string | null }): AdminAnswer<readonly SendingRow[]>
  /** What was paused goes on; only what happens anew counts against it. */
  sendingResume(ask: SendingResumeAsk): AdminAnswer<SendingRow>

  /** What became of an account's mail. */
  statsShow(ask: StatsShowAsk): AdminAnswer<StatsTold>

  status(ask: Nothing): AdminAnswer<StatusReport>
  /** Prometheus' text. */
  metrics(ask: Nothing): AdminAnswer<string>
  /** Everything into a folder that is empty or does not exist; null: among those that are kept by their time. */
  backupCreate(ask: { readonly folder: string | null }): AdminAnswer<BackupReport>
  dbSize(ask: Nothing): AdminAnswer<StoreSizeReport>
  /** The newest first. */
  backupList(ask: Nothing): AdminAnswer<readonly BackupRow[]>
}

/** The actions and their end: a socket to let go of, or a store that was opened for them. */
export interface Admin extends AdminActions {
  close(): Promise<void>
}

export type AdminActionName = keyof AdminActions
export type Nothing = Readonly<Record<string, never>>

/** The names that a socket may be asked for; the compiler holds the list complete. */
export const ADMIN_ACTIONS = Object.keys({
  ...ACCOUNT_ACTIONS,
  ...CERTIFICATE_ACTIONS,
  ...DOMAIN_ACTIONS,
  ...DOCTOR_ACTIONS,
  inboundRouteAdd: 0,
  inboundRouteList: 0,
  inboundRouteOpen: 0,
  inboundRouteRemove: 0,
  reportList: 0,
  reportShow: 0,
  webhookAdd: 0,
  webhookList: 0,
  webhookState: 0,
  webhookRotate: 0,
  webhookRemove: 0,
  webhookTest: 0,
  webhookPosts: 0,
  webhookReplay: 0,
  ...TEMPLATE_ACTIONS,
  userAdd: 0,
  userList: 0,
  userState: 0,
  userReset: 0,
  userRole: 0,
  auditList: 0,
  send: 0,
  queueOverview: 0,
  queueCommand: 0,
  queueLanes: 0,
  sourceList: 0,
  suppressionPut: 0,
  suppressionList: 0,
  suppressionShow: 0,
  suppressionRemove: 0,
  tlsShow: 0,
  messageShow: 0,
  messageList: 0,
  messageContent: 0,
  messageExplain: 0,
  messageCancel: 0,
  messageRetry: 0,
  messageReschedule: 0,
  sendingList: 0,
  sendingResume: 0,
  statsShow: 0,
  status: 0,
  metrics: 0,
  backupCreate: 0,
  backupList: 0,
  dbSize: 0,
} satisfies Record<AdminActionName, 0>) as readonly AdminActionName[]
