//
// Owns: the admin actions without a running node: the store is opened for one command and closed again.

import { existsSync } from 'node:fs'
import { accountDeskOf } from './account-path.ts'
import { adminActions } from './admin/actions.ts'
import { ADMIN_ACTIONS, type Admin, type AdminActionName } from './admin/admin.ts'
import { audited, noterOf } from './admin/audited.ts'
import { domainActions } from './admin/domains.ts'
import { inboundActions } from './admin/inbound.ts'
import { sendingActions } from './admin/sending.ts'
import { webhookActions } from './admin/webhooks.ts'
import { backupsOf } from './backup-path.ts'
import { certificateDeskOf } from './certificate-path.ts'
import type { Config } from './config/schema.ts'
import { fault } from './core/result.ts'
import { openDepartures } from './departures.ts'
import { type Foundation, machineWorld, openFoundation } from './foundation.ts'
import { inboundRoutesOf } from './inbound-path.ts'
import { bookOf, contentsOf, doorOf, explainerOf, tlsCareOf } from './mail-path.ts'
import { ownAddresses } from './own-addresses.ts'
import { accountIdsOf, NO_POST, peopleDeskOf } from './people-path.ts'
import { steeringOf } from './scheduling-path.ts'
import { readPaused, sendingDeskOf } from './sending-care.ts'
import { unfinishedRestore } from './services/backup/mark.ts'
import { Finding } from './services/search/finding.ts'
import { statsOf } from './statistics.ts'
import { storeFile } from './store/open.ts'
import { webhookDeskOf } from './webhook-path.ts'

/** What sets up a server before its first start, or asks no store. Everything else looks for what is in one. */
const BEGINS: ReadonlySet<AdminActionName> = new Set([
  'accountAdd',
  'domainAdd',
  'inboundRouteAdd',
  'keyCreate',
  'send',
  'sourceList',
  'suppressionPut',
  'templatePut',
  'tlsShow',
  'userAdd',
  'webhookAdd',
])

/** `user` is as whom the command runs, for the audit log. */
export async function openOffline(
  config: Config,
  user = '',
  configFile: string | null = null,
): Promise<Admin> {
  const unfinished = unfinishedRestore(config.server.dataDir)
  if (unfinished !== null) throw new Error(unfinished)
  const file = storeFile(config.store.url)
  return file === null || file === '' || existsSync(file)
    ? openStored(config, user, configFile)
    : openAbsent(config, file, { user, configFile })
}

const webhooksOf = (foundation: Foundation) =>
  webhookActions({
    accounts: foundation.accounts,
    clock: foundation.clock,
    posts: (ask) => foundation.store.webhooks.posts(ask),
    ...webhookDeskOf(foundation),
  })

/** No file is there: a question must not make an empty one, least of all where the configuration is the wrong one. */
function openAbsent(
  config: Config,
  file: string,
  { user, configFile }: { readonly user: string; readonly configFile: string | null },
): Admin {
  let made: Promise<Admin> | null = null
  const absent = fault({
    code: 'no_store',
    message: `no node runs, and there is no store at ${file}; mailwok serve makes one, if this is the right configuration`,
  })
  const actions = ADMIN_ACTIONS.map((name) => [
    name,
    async (ask: never) => {
      if (!BEGINS.has(name)) return absent
      made ??= openStored(config, user, configFile)
      return (await made)[name](ask)
    },
  ])
  // The list of names is complete by its type.
  const all = Object.fromEntries(actions) as unknown as Admin
  return { ...all, close: async () => (await made)?.close() }
}

async function openStored(config: Config, user: string, configFile: string | null): Promise<Admin> {
  const foundation = await openFoundation(config, { ...machineWorld(), configFile })
  const { accounts, figures, health, holder, store } = foundation
  await readPaused(foundation)
  const account = await accounts.ensureDefaultAccount()
  if (!account.ok) {
    await foundation.close()
    throw new Error(`the store cannot be written to: ${account.error}`)
  }
  const own = ownAddresses()
  const departures = openDepartures(foundation, own)
  await departures.ledger.load()
  // What is sent now waits in the store until a node runs.
  const waiting = {
    holder,
    reserve: () => false,
    forgo: () => {},
    handOver: () => {},
    wake: () => {},
    estimate: () => '<1h',
  }
  const actions = adminActions({
    ...foundation,
    accountDesk: accountDeskOf(foundation, null),
    departures,
    tls: tlsCareOf(foundation, { departures, own, book: bookOf(config) }),
    door: doorOf(foundation, waiting),
    queue: store.queue,
    messages: store.messages,
    schedules: store.schedules,
    steering: steeringOf(foundation, () => {}),
    stats: statsOf(foundation),
    contents: contentsOf(foundation),
    finding: new Finding(foundation.store.search),
    explainer: explainerOf(foundation, {
      whyWaiting: () => 'No node runs: `mailwok serve` sends what waits.',
      isUnderWay: () => false,
    }),
    wake: () => {},
    probe: () => {},
    doctorNode: null,
    lanes: () => null,
    domains: domainActions(foundation),
    inbound: inboundActions({ accounts, routes: inboundRoutesOf(foundation), store: store.inbound }),
    sending: sendingActions(sendingDeskOf(foundation, null)),
    certificates: certificateDeskOf(foundation, () => {}),
    webhooks: webhooksOf(foundation),
    node: { startedAt: null, readyz: () => health.readyz(), listeners: () => ({}) },
    metrics: () => figures.text(),
    people: peopleDeskOf(foundation, NO_POST),
    auditLog: store.audit,
    backups: backupsOf(foundation, async () => undefined),
  })
  const note = noterOf({ trail: foundation.trail, accountNamed: accountIdsOf(accounts) })
  return audited({ ...actions, close: () => foundation.close() }, note, user)
}
