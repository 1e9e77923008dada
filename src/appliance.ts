//
// Owns: the composition root: the one place where all parts meet, their start order, and the reverse at the end.
// Never: decides anything about mail.

import { accountDeskOf, startAccountCare } from './account-path.ts'
import { adminActions } from './admin/actions.ts'
import { noterOf } from './admin/audited.ts'
import { domainActions } from './admin/domains.ts'
import { inboundActions } from './admin/inbound.ts'
import { sendingActions } from './admin/sending.ts'
import { type AdminSocket, serveAdmin } from './admin/socket.ts'
import { webhookActions } from './admin/webhooks.ts'
import { alertsOf } from './alert-path.ts'
import { type Backups, backupsOf, startBackups } from './backup-path.ts'
import { type CertificatePath, certificateDeskOf, openCertificatePath } from './certificate-path.ts'
import type { Config } from './config/schema.ts'
import { doctorOf, type OpenDoctor, startDoctorCare } from './doctor-path.ts'
import { startDomainCare } from './domain-path.ts'
import { openEngagementPath } from './engagement-path.ts'
import { startFollowers } from './followers.ts'
import { type Foundation, machineWorld, openFoundation, type World } from './foundation.ts'
import { inboundRoutesOf, openInboundPath } from './inbound-path.ts'
import { type ListenerBook, openListeners } from './listeners.ts'
import { type Admission, openDoor } from './mail-path.ts'
import type { Certificates } from './net/tls/certificates.ts'
import { claimNode } from './one-node.ts'
import { openServiceManager, type ServiceManager } from './ops/systemd.ts'
import { accountIdsOf, peopleDeskOf, postOf } from './people-path.ts'
import { steeringOf } from './scheduling-path.ts'
import { readPaused, sendingDeskOf, startSendingCare } from './sending-care.ts'
import { ensureDeclared } from './services/domains/declared.ts'
import { Finding } from './services/search/finding.ts'
import { startStatistics, statsOf } from './statistics.ts'
import { startUpkeep } from './upkeep.ts'
import { openWebhookPath, type WebhookPath } from './webhook-path.ts'
import { startWeekly, weeklyReport } from './weekly-path.ts'

export interface ApplianceHooks {
  /** Every listener answers; addresses by configuration key, with the ports that port 0 became. */
  onReady(listeners: ListenerBook): void
  /** Hands out what SIGHUP calls with the configuration as it reads now. */
  onReloadable?(reload: (config: Config) => Promise<void>): void
  /** Replaced in tests that move the time by hand. */
  readonly world?: World
  /** For backups; none where nobody says. */
  readonly configFile?: string | null
  readonly notify?: { readonly socket: string | null; readonly watchdog: number | null }
}

/** Runs until `stop`; rejects when it cannot start, or when a part dies: a service manager restarts a whole process, not a half. */
export async function runAppliance(config: Config, stop: AbortSignal, hooks: ApplianceHooks): Promise<void> {
  const claim = await claimNode(config.server)
  if (!claim.ok) throw new Error(claim.error)
  try {
    await runClaimed(config, stop, hooks)
  } finally {
    await claim.value()
  }
}

async function runClaimed(config: Config, stop: AbortSignal, hooks: ApplianceHooks): Promise<void> {
  const { configFile = null } = hooks
  const foundation = await openFoundation(config, { ...(hooks.world ?? machineWorld()), configFile })
  const ending: (() => Promise<void> | void)[] = [() => foundation.close()]
  const manager = openServiceManager({
    socket: hooks.notify?.socket ?? null,
    watchdog: hooks.notify?.watchdog ?? null,
    clock: foundation.clock,
    isAlive: () => foundation.health.livez().ok,
  })
  try {
    const started = await start(foundation, ending)
    hooks.onReloadable?.((next) => reload({ foundation, certificates: started.certificates, manager }, next))
    hooks.onReady(started.listeners)
    manager.ready('serving')
    foundation.log.info('ready', { listeners: JSON.stringify(started.listeners) })
    await aborted(stop)
    foundation.log.info('stopping')
  } finally {
    manager.stopping()
    foundation.health.stopping()
    for (const end of ending.reverse()) await end()
  }
}

interface Started {
  readonly listeners: ListenerBook
  readonly certificates: Certificates
}

async function start(foundation: Foundation, ending: (() => Promise<void> | void)[]): Promise<Started> {
  const { config } = foundation
  const account = await ensureDeclared(foundation, { keys: config.key, domains: config.domain })
  if (!account.ok) throw new Error(account.error)
  const certificates = await openCertificatePath(foundation)
  ending.push(() => certificates.stop())
  await readPaused(foundation)
  const admission = openDoor(foundation)
  await admission.departures.start()
  ending.push(() => admission.departures.stop())
  await admission.queue.start()
  // Ends run backwards: after the last delivery.
  ending.push(() => admission.stage.stop())
  void admission.stage.start()
  // After the last session.
  ending.push(() => admission.tls.tallies.flush())
  ending.push(() => admission.queue.stop())
  ending.push(await startUpkeep(foundation, admission))
  ending.push(startFollowers(foundation, admission))
  ending.push(startDomainCare(foundation, admission))
  ending.push(startStatistics(foundation, admission))
  ending.push(startSendingCare(foundation, admission))
  ending.push(startAccountCare(foundation, admission))
  const backups = backupsOf(foundation, (...alert) => admission.notices.alert(...alert))
  ending.push(startBackups(foundation, backups))
  const webhooks = openWebhookPath(foundation, admission.notices)
  ending.push(() => webhooks.stop())
  await webhooks.start()
  const inbound = config.server.roles.includes('inbound') ? openInboundPath(foundation, admission) : null
  if (inbound) ending.push(() => inbound.stop())
  const engagement = openEngagementPath(foundation)
  ending.push(() => engagement.stop())
  const book: { now: ListenerBook } = { now: {} }
  const doctor = doctorOf(foundation, { keeper: backups.keeper, queue: admission.queue }, () => book.now)
  const answering = {
    admission,
    doctor: doctor.doctor,
    engagement,
    inbound,
    webhooks,
    certified: certificates,
  }
  const listeners = await openListeners(foundation, answering, certificates.certificates)
  ending.push(() => listeners.drain())
  book.now = listeners.book
  ending.push(...startNights(foundation, admission, doctor))
  foundation.trackingHosts.listens(labBase(config, listeners.book))
  certificates.begin()
  const admin = await openAdmin(
    foundation,
    { admission, backups, certificates, doctor, webhooks },
    listeners.book,
  )
  if (admin) ending.push(() => admin.stop())
  return { listeners: listeners.book, certificates: certificates.certificates }
}

/** What looks and tells while nobody is there. */
const startNights = (foundation: Foundation, admission: Admission, doctor: OpenDoctor) => [
  startDoctorCare(foundation, doctor, alertsOf(foundation, admission)),
  startWeekly(foundation, admission, doctor.doctor),
]

/** Where links of a lab's mail lead: what was configured, else the API as it listens. */
function labBase({ server }: Config, book: ListenerBook): string {
  if (server.publicUrl !== `https://${server.hostname}`) return server.publicUrl
  const [plain] = book['api.http'] ?? []
  const [secure] = book['api.https'] ?? []
  const place = plain ?? secure
  if (place === undefined) return server.publicUrl
  const here = place.replace(/^(?:\[::\]|0\.0\.0\.0)(?=:\d+$)/, server.hostname)
  return `${plain === undefined ? 'https' : 'http'}://${here}`
}

async function openAdmin(
  foundation: Foundation,
  {
    admission,
    backups,
    certificates,
    doctor,
    webhooks,
  }: {
    admission: Admission
    backups: Backups
    certificates: CertificatePath
    doctor: OpenDoctor
    webhooks: WebhookPath
  },
  book: ListenerBook,
): Promise<AdminSocket | null> {
  const { contents, departures, door, explainer, queue, tls } = admission
  const { accounts, clock, config, figures, health, log, store } = foundation
  if (config.api.adminSocket === '') return null
  const startedAt = clock.now()
  const actions = adminActions({
    ...foundation,
    accountDesk: accountDeskOf(foundation, queue),
    departures,
    tls,
    door,
    doctorNode: {
      ...doctor.trip,
      doctor: doctor.doctor,
      weekly: () => weeklyReport(foundation, doctor.doctor),
    },
    queue: store.queue,
    messages: store.messages,
    schedules: store.schedules,
    steering: steeringOf(foundation, () => queue.wake()),
    stats: statsOf(foundation),
    explainer,
    contents,
    finding: new Finding(foundation.store.search),
    wake: () => queue.wake(),
    probe: (provider) => queue.probe(provider),
    lanes: () => queue.lanes(),
    domains: domainActions(foundation),
    inbound: inboundActions({ accounts, routes: inboundRoutesOf(foundation), store: store.inbound }),
    webhooks: webhookActions({ accounts, clock, posts: (ask) => store.webhooks.posts(ask), ...webhooks }),
    sending: sendingActions(sendingDeskOf(foundation, queue)),
    certificates: certificateDeskOf(foundation, () => certificates.wake()),
    node: { startedAt, readyz: () => health.readyz(), listeners: () => book },
    metrics: () => figures.text(),
    people: peopleDeskOf(foundation, postOf(admission.notices)),
    auditLog: store.audit,
    backups,
  })
  const note = noterOf({ trail: foundation.trail, accountNamed: accountIdsOf(accounts) })
  const socket = await serveAdmin(config.api.adminSocket, actions, { log, note })
  if (!socket.ok) throw new Error(`api.admin_socket: ${socket.error}`)
  return socket.value
}

interface Reloadable {
  readonly foundation: Foundation
  readonly certificates: Certificates
  readonly manager: ServiceManager
}

/** What may change while mail flows: certificate, plans, and what the configuration declares. The rest wants a restart. */
async function reload({ foundation, certificates, manager }: Reloadable, next: Config): Promise<void> {
  const { config, log, plans } = foundation
  manager.reloading()
  const certificate = await certificates.reload()
  if (certificate.ok) log.info('reloaded', { certificate: certificate.value })
  else log.error('the certificate could not be reloaded; the old one stays', { detail: certificate.error })
  plans.replace(next.plans)
  const declared = await ensureDeclared(foundation, { keys: next.key, domains: next.domain })
  if (!declared.ok) log.error('what is declared could not be made', { detail: declared.error })
  const later = Object.keys(config).filter(
    (section) => !RELOADED.has(section) && differs(config, next, section),
  )
  if (later.length > 0) log.warn('these sections changed and want a restart', { sections: later.join(', ') })
  manager.ready('serving')
}

const RELOADED: ReadonlySet<string> = new Set(['plans', 'key', 'domain'])

const differs = (now: Config, next: Config, section: string): boolean =>
  JSON.stringify(Reflect.get(now, section)) !== JSON.stringify(Reflect.get(next, section))

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
