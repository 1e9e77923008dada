//
// Owns: what a running node and a single command both stand on: store, secret, directory services, name servers.
// Never: listens, delivers or decides; it makes the parts and hands them out.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import type { Config } from './config/schema.ts'
import { type Domain, parseDomain } from './core/address.ts'
import { type Ids, idsFor } from './core/ids.ts'
import { placeText } from './core/place.ts'
import type { Clock, Dice, Log, Meter } from './core/ports.ts'
import { verpFor } from './mail/tracking/verp.ts'
import { chooseServers, RESOLV_CONF } from './net/dns/servers.ts'
import { StubResolver } from './net/dns/stub.ts'
import { OutgoingHttp, type OutgoingHttpOptions } from './net/http/outgoing.ts'
import { systemClock } from './ops/clock.ts'
import { systemDice } from './ops/dice.ts'
import { type Health, openHealth } from './ops/health.ts'
import { type FigureBook, openFigures } from './ops/meter.ts'
import { logOf } from './process-log.ts'
import { Accounts } from './services/accounts/accounts.ts'
import { FailureBrake } from './services/accounts/failure-brake.ts'
import { Keys } from './services/accounts/keys.ts'
import { Limits } from './services/accounts/limits.ts'
import { PlanBook } from './services/accounts/plans.ts'
import { Quotas } from './services/accounts/quota.ts'
import { Trail } from './services/audit/trail.ts'
import { Domains } from './services/domains/domains.ts'
import { Identities, type IdentityFacts } from './services/domains/identities.ts'
import type { OwnNames } from './services/domains/records.ts'
import type { Secrets } from './services/domains/secret.ts'
import { openMasterSecret } from './services/domains/secret-file.ts'
import { Senders } from './services/domains/senders.ts'
import { TrackingHosts } from './services/domains/tracking-hosts.ts'
import { Paused } from './services/feedback/paused.ts'
import { Bell, ringing } from './services/following/bell.ts'
import type { Identity } from './services/queue/parts.ts'
import { Recall, recalling } from './services/queue/recall.ts'
import { Suppression } from './services/suppression/suppression.ts'
import { openStore } from './store/open.ts'
import type { Holder, Store } from './store/store.ts'
import { type TemplateParts, templatesOf } from './template-path.ts'

/** Replaced in tests that move the time by hand; everywhere else the machine's own. */
export interface World {
  readonly clock: Clock
  readonly dice: Dice
  readonly configFile?: string | null // of backups; absent where nobody knows which it was
}

export interface Foundation extends TemplateParts, World {
  readonly config: Config
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
  readonly figures: FigureBook
  readonly health: Health
  readonly store: Store
  /** Rings when the log has something that followers should hear of at once. */
  readonly bell: Bell
  readonly recall: Recall
  readonly secrets: Secrets
  /** Our own name, as a domain that can stand behind an @. */
  readonly hostDomain: Domain
  readonly holder: Holder
  readonly plans: PlanBook
  readonly accounts: Accounts
  readonly keys: Keys
  readonly limits: Limits
  readonly quotas: Quotas
  /** One for all doors: changing the door gives no second series of guesses. */
  readonly brake: FailureBrake
  readonly domains: Domains
  readonly senders: Senders
  readonly identities: Identities<Identity>
  readonly suppression: Suppression
  /** Whose marketing mail waits. */
  readonly paused: Paused
  readonly resolver: StubResolver
  /** Without memory: for who has just published a record. */
  readonly freshResolver: StubResolver
  /** For URLs of others' choice: policies, reports, webhooks. */
  readonly http: OutgoingHttp
  /** Where links of mail lead: for opens, clicks and leaving. */
  readonly trackingHosts: TrackingHosts
  /** What the operator trusts beside the public authorities. */
  readonly ownAuthorities: { readonly ca: string } | null
  /** What was done, and by whom. */
  readonly trail: Trail
  close(): Promise<void>
}

export const machineWorld = (): World => ({ clock: systemClock(), dice: systemDice() })

export async function openFoundation(config: Config, world: World): Promise<Foundation> {
  const { clock } = world
  const log = logOf(config, clock)
  const figures = openFigures()
  const { meter } = figures
  mkdirSync(config.server.dataDir, { recursive: true, mode: 0o750 })
  const secrets = await openMasterSecret(config.server.secretFile)
  if (!secrets.ok) throw new Error(secrets.error)
  const ownAuthorities = readAuthorities(config.delivery.tlsCaFile)
  const resolver = openResolver(config, clock)
  // Who has just published a record does not want to hear from memory that it is missing.
  const freshResolver = openResolver(config, clock, 0)
  const opened = await openStore(config.store.url, { clock, log, meter, inboxBytes: config.store.inbox })
  const { store, ...ears } = heard(opened, clock)
  const ca = ownAuthorities?.ca ?? null
  const keys = secrets.value.deriveKeys('tracking')
  const trackingHosts = trackingHostsOf(config, { clock, log, resolver, store, ca, keys })
  const directory = openDirectory(config, {
    clock,
    log,
    resolver: freshResolver,
    store,
    secrets: secrets.value,
    onLooked: (domain) => trackingHosts.forget(domain),
  })
  const templates = templatesOf({ clock, ids: directory.ids, log, store })
  const trail = new Trail({ store: store.audit, clock, ids: directory.ids, log, meter })
  return {
    ...world,
    config,
    log,
    meter,
    figures,
    health: openHealth(),
    store,
    ...ears,
    secrets: secrets.value,
    resolver,
    freshResolver,
    http: outgoingOf(config, { resolver, clock, ca }),
    ownAuthorities,
    trackingHosts,
    ...templates,
    ...directory,
    trail,
    close: async () => {
      await directory.keys.flush()
      await trail.stop()
      await directory.quotas.flush()
      await templates.templateDesk.stop()
      await store.close()
      resolver.close()
      freshResolver.close()
    },
  }
}

const outgoingOf = (
  config: Config,
  parts: Pick<OutgoingHttpOptions, 'resolver' | 'clock' | 'ca'>,
): OutgoingHttp =>
  new OutgoingHttp({ ...parts, allow: [], allowPrivate: config.delivery.allowPrivateDestinations })

/** Followers hear what is written; commands reach what waits in memory. */
function heard(opened: Store, clock: Clock): Pick<Foundation, 'store' | 'bell' | 'recall'> {
  const bell = new Bell(clock)
  const recall = new Recall()
  return { bell, recall, store: { ...opened, queue: recalling(ringing(opened.queue, bell), recall) } }
}

const idsOf = (config: Config, clock: Clock): Ids => idsFor(config.server.node, () => clock.now())

function openResolver(config: Config, clock: Clock, cacheEntries?: number): StubResolver {
  const system = existsSync(RESOLV_CONF) ? readFileSync(RESOLV_CONF, 'utf8') : ''
  const servers = chooseServers(
    config.dns.servers.map(({ host, port }) => placeText(host, port)),
    system,
  )
  if (!servers.ok) throw new Error(`dns.servers: ${servers.error}`)
  return new StubResolver({
    servers: servers.value,
    clock,
    patience: config.dns.timeout,
    trustAd: config.dns.trustAd,
    ...(cacheEntries === undefined ? {} : { cacheEntries }),
  })
}

function readAuthorities(file: string): { readonly ca: string } | null {
  if (file === '') return null
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Error(`delivery.tls_ca_file: ${file} holds no certificate; want a PEM file`)
  }
  return { ca: text }
}

interface DirectoryNeeds {
  readonly clock: Clock
  readonly log: Log
  readonly resolver: StubResolver
  readonly store: Store
  readonly secrets: Secrets
  readonly onLooked: (domain: Domain) => void
}

function openDirectory(config: Config, needs: DirectoryNeeds) {
  const { clock, log, resolver, store, secrets, onLooked } = needs
  const ids = idsOf(config, clock)
  const { directory } = store
  const own: OwnNames = {
    hostname: config.server.hostname,
    publicHost: new URL(config.server.publicUrl).hostname,
    dkimZone: config.domains.dkimZone.toLowerCase(),
  }
  const plans = new PlanBook(config.plans)
  const quotas = new Quotas({ store: directory, clock, ids, log })
  const limits = new Limits({ directory, clock, plans, quotas })
  const accounts = new Accounts({ directory, clock, ids, plans, onChanged: (id) => limits.forget(id) })
  const senders = new Senders({ directory, clock, own })
  const domains: Domains = new Domains({
    directory,
    resolver,
    secrets,
    clock,
    ids,
    own,
    planOf: (account) => limits.planOf(account),
    options: { checkEvery: config.domains.checkEvery, rotateEvery: config.domains.dkimRotation || null },
    onChanged: (domain) => {
      senders.forget()
      identities.forget(domain)
      onLooked(domain)
    },
  })
  const verpKey = secrets.deriveKey('verp')
  const fallback = hostAsDomain(config.server.hostname, log)
  const make = (facts: IdentityFacts): Identity => identityFrom(facts, verpKey, fallback)
  const identities: Identities<Identity> = new Identities({ directory, domains, clock, own, make })
  return {
    ids,
    plans,
    // A holder per start: leases of an earlier one are void.
    holder: { node: config.server.node, boot: ids.request() },
    hostDomain: fallback,
    accounts,
    keys: new Keys({ directory, queue: store.queue, clock, ids }),
    limits,
    quotas,
    brake: new FailureBrake(),
    domains,
    senders,
    identities,
    suppression: new Suppression({ store: store.suppressions, clock }),
    paused: new Paused(),
  }
}

function trackingHostsOf(
  { delivery, server }: Config,
  {
    resolver,
    store,
    ca,
    ...parts
  }: Pick<Foundation, 'clock' | 'log' | 'resolver' | 'store'> & {
    ca: string | null
    keys: readonly Uint8Array[]
  },
): TrackingHosts {
  const own = new URL(server.publicUrl)
  const { allowPrivateDestinations: allowPrivate } = delivery
  // Our own name may well be one of the inside, with a proxy that is known outside.
  const allow = [{ host: own.hostname, port: Number(own.port) || 443 }]
  return new TrackingHosts({
    ...parts,
    http: new OutgoingHttp({ resolver, clock: parts.clock, allow, allowPrivate, ca }),
    publicUrl: server.publicUrl,
    named: () => store.directory.trackingHosts(),
    lab: allowPrivate || delivery.mode === 'capture',
  })
}

function identityFrom(facts: IdentityFacts, verpKey: Uint8Array, fallback: Domain): Identity {
  const host = parseDomain(facts.returnPathHost)
  const domain = host.ok ? host.value : fallback
  return {
    keys: facts.keys,
    // A notice keeps its null reverse-path (invariant I5); everything else comes back to us by its own address.
    returnPath: (delivery) => (delivery.reversePath === null ? null : verpFor(delivery.id, domain, verpKey)),
  }
}

/** A machine without a full name still delivers, in labs; its bounces find no way back, and the log says so. */
function hostAsDomain(hostname: string, log: Log): Domain {
  const full = parseDomain(hostname)
  if (full.ok) return full.value
  log.warn('server.hostname is no full host name: bounces will not come back', { hostname })
  const local = parseDomain(`${hostname}.localdomain`)
  if (!local.ok)
    throw new Error(
      `server.hostname is ${JSON.stringify(hostname)}; want a host name such as "mail.example.com"`,
    )
  return local.value
}
