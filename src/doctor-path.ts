//
// Owns: wiring looking whether all is well, on a running node and without one.

import { existsSync, readFileSync } from 'node:fs'
import type { DoctorNode } from './admin/doctor.ts'
import { directoryOf } from './certificate-path.ts'
import type { Config } from './config/schema.ts'
import type { Checkup } from './core/diagnosis.ts'
import { placeText } from './core/place.ts'
import type { Clock } from './core/ports.ts'
import { DAY, type Milliseconds, SECOND } from './core/time.ts'
import { isLab, secretLost, wantedFiles } from './doctor-facts.ts'
import { looksOf, portsOf } from './doctor-looks.ts'
import type { DoctorWorld, NodeFacts, OpenStore } from './doctor-world.ts'
import { type Foundation, machineWorld, openFoundation } from './foundation.ts'
import { chooseServers, type Endpoint, RESOLV_CONF } from './net/dns/servers.ts'
import { StubResolver } from './net/dns/stub.ts'
import { openFigures } from './ops/meter.ts'
import { ownAddresses } from './own-addresses.ts'
import { logOf } from './process-log.ts'
import type { BackupKeeper } from './services/backup/keeper.ts'
import { toldCertificates } from './services/certificates/told.ts'
import { type Advice, adviceFor } from './services/doctor/advice.ts'
import { type Depth, Doctor } from './services/doctor/doctor.ts'
import { seeFile } from './services/doctor/files.ts'
import { type Mended, mendFiles } from './services/doctor/mend.ts'
import { type Soundness, type StoreFacts, soundnessOf } from './services/doctor/store.ts'
import type { OwnNames } from './services/domains/records.ts'
import type { Queue } from './services/queue/queue.ts'
import { SCHEMA_VERSION } from './store/migrations/migration.ts'
import { storeFile } from './store/open.ts'
import { checkAndTell } from './store/sqlite/check-process.ts'
import { every } from './upkeep.ts'

/** A running node reads gigabytes once a day, not every hour. */
const SOUND_FOR: Milliseconds = DAY
const SOON: Milliseconds = 30 * SECOND
const SOUNDNESS_WITHIN: Milliseconds = 40 * SECOND

export interface OpenDoctor {
  readonly doctor: Doctor
  /** For `mailwok doctor bounce`. */
  readonly trip: Omit<DoctorNode, 'doctor' | 'weekly'>
  stop(): Promise<void>
}

/** On a running node. */
export function doctorOf(
  foundation: Foundation,
  { keeper, queue }: { readonly keeper: Pick<BackupKeeper, 'state'>; readonly queue: Pick<Queue, 'lanes'> },
  listeners: NodeFacts['listeners'],
): OpenDoctor {
  const node: NodeFacts = {
    readyz: () => foundation.health.readyz(),
    listeners,
    lanes: () => queue.lanes(),
    backupFailure: async () => (await keeper.state()).failed,
  }
  const { clock, config, log, meter, ownAuthorities, store } = foundation
  const resolver = resolverOf(config, clock)
  const sound = remembered(config, clock)
  const world: DoctorWorld = {
    config,
    configFile: null,
    clock,
    resolver: resolver.resolver,
    servers: resolver.servers,
    own: ownAddresses(),
    ca: ownAuthorities?.ca ?? null,
    node,
    open: openOf(foundation),
    storeFacts: async (depth) => ({
      place: placeOf(config),
      engine: store.engine,
      exists: true,
      fault: null,
      schema: await store.upkeep.schemaVersion(),
      known: SCHEMA_VERSION,
      damage: depth === 'quick' ? null : await sound(),
    }),
    ports: null,
  }
  const doctor = new Doctor({ looks: looksOf(world), clock, log, meter })
  const trip = {
    resolver: resolver.resolver,
    port: config.delivery.mxPort,
    verpKey: foundation.secrets.deriveKey('verp'),
  }
  return { doctor, trip, stop: async () => resolver.resolver.close() }
}

/** At the start, off the way of whatever listens already, and by the clock; what it returns ends that. */
export function startDoctorCare(
  foundation: Foundation,
  { doctor, stop }: OpenDoctor,
  hear: (checkup: Checkup) => Promise<void>,
): () => Promise<void> {
  const { clock, config, log } = foundation
  let stopping = false
  const look = async (depth: Depth): Promise<void> => {
    const checkup = await doctor.examine(depth)
    // What is said of a node that ends is no trouble.
    if (stopping) return
    doctor.tell(checkup)
    await hear(checkup)
  }
  const failed = (error: unknown): void => log.error('the doctor failed', { error: String(error) })
  // Where mail goes into a folder nobody waits for advice; who asks gets it.
  const first = config.delivery.mode === 'capture' ? Promise.resolve() : look('quick').catch(failed)
  const { every: period } = config.doctor
  // A lab is looked at when somebody asks.
  const stopLooking =
    period > 0 && !isLab(config)
      ? every(
          foundation,
          () => period,
          () => look('full'),
          'the doctor failed; it is tried again',
        )
      : async () => undefined
  // What asks others comes soon after: who looks by the API shall not wait for an hour.
  const cancelSoon =
    period > 0 && !isLab(config) ? clock.after(SOON, () => void look('full').catch(failed)) : () => undefined
  return async () => {
    stopping = true
    cancelSoon()
    await first
    await stopLooking()
    await stop()
  }
}

/** For one command, on a machine where no node runs: whatever cannot be opened is a finding, and the rest is looked at. */
export async function examineAlone(
  config: Config,
  {
    becomeOwner,
    configFile,
    depth,
  }: { readonly configFile: string | null; readonly depth: Depth; readonly becomeOwner: () => void },
): Promise<Checkup> {
  // Root sees whose the ports are, the owner of the data does not.
  const ports = await portsOf(config, null)
  becomeOwner()
  const { clock } = machineWorld()
  const { resolver, servers } = resolverOf(config, clock)
  const { facts, foundation } = await openStoreOf(config)
  const world: DoctorWorld = {
    config,
    configFile,
    clock,
    resolver,
    servers,
    own: ownAddresses(),
    ca: authoritiesIn(config.delivery.tlsCaFile),
    node: null,
    open: foundation === null ? null : openOf(foundation),
    storeFacts: async (wanted) =>
      wanted === 'full' ? { ...facts, damage: await damageOf(config, facts) } : facts,
    ports,
  }
  try {
    const { meter } = openFigures()
    return await new Doctor({ looks: looksOf(world), clock, log: logOf(config, clock), meter }).examine(depth)
  } finally {
    resolver.close()
    await foundation?.close()
  }
}

/** Never makes, migrates or touches what is not sound: it only looks. */
async function openStoreOf(
  config: Config,
): Promise<{ readonly facts: StoreFacts; readonly foundation: Foundation | null }> {
  const file = storeFile(config.store.url)
  const facts: StoreFacts = {
    place: placeOf(config),
    engine: file === null ? 'postgres' : 'sqlite',
    exists: file === null || existsSync(file),
    fault: null,
    schema: SCHEMA_VERSION,
    known: SCHEMA_VERSION,
    damage: null,
  }
  if (!facts.exists || (await secretLost(config)) !== null) return { facts, foundation: null }
  if (file !== null) {
    const seen = await soundnessOf(file, SOUNDNESS_WITHIN, 'quick')
    if (typeof seen === 'string') return { facts: { ...facts, fault: seen }, foundation: null }
    if (seen.schema !== SCHEMA_VERSION) return { facts: { ...facts, schema: seen.schema }, foundation: null }
  }
  try {
    return { facts, foundation: await openFoundation(config, machineWorld()) }
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error)
    return { facts: { ...facts, fault }, foundation: null }
  }
}

const damageOf = async (config: Config, { fault, place }: StoreFacts): Promise<StoreFacts['damage']> => {
  const file = storeFile(config.store.url)
  if (file === null || fault !== null || !existsSync(place)) return null
  return damageIn(await soundnessOf(file, SOUNDNESS_WITHIN, 'full'))
}

const damageIn = (seen: Soundness | 'timeout' | string): StoreFacts['damage'] => {
  if (typeof seen !== 'string') return seen.damage
  return seen === 'timeout' ? 'timeout' : [seen]
}

function remembered(config: Config, clock: Clock): () => Promise<StoreFacts['damage']> {
  let known: { readonly damage: StoreFacts['damage']; readonly at: Milliseconds } | null = null
  return async () => {
    const file = storeFile(config.store.url)
    if (file === null) return null
    if (known === null || clock.monotonic() - known.at > SOUND_FOR) {
      const damage = damageIn(await soundnessOf(file, SOUNDNESS_WITHIN, 'full'))
      known = { damage, at: clock.monotonic() }
    }
    return known.damage
  }
}

const openOf = ({ clock, config, domains, secrets, store }: Foundation): OpenStore => ({
  store,
  domains,
  names: namesOf(config),
  certificates: () =>
    toldCertificates({
      store: store.certificates,
      seals: secrets,
      clock,
      directory: directoryOf(config),
    }),
})

const authoritiesIn = (file: string): string | null =>
  file !== '' && existsSync(file) ? readFileSync(file, 'utf8') : null

const namesOf = ({ domains, server }: Config): OwnNames => ({
  hostname: server.hostname,
  publicHost: new URL(server.publicUrl).hostname,
  dkimZone: domains.dkimZone.toLowerCase(),
})

/** A URL may hold a password. */
const placeOf = ({ store }: Config): string => {
  const file = storeFile(store.url)
  if (file !== null) return file
  const url = URL.parse(store.url)
  return url === null ? 'postgres' : `postgres://${url.host}${url.pathname}`
}

function resolverOf(
  config: Config,
  clock: Clock,
): { readonly resolver: StubResolver; readonly servers: readonly Endpoint[] } {
  const { servers: named, timeout, trustAd } = config.dns
  const written = named.map(({ host, port }) => placeText(host, port))
  const chosen = chooseServers(written, existsSync(RESOLV_CONF) ? readFileSync(RESOLV_CONF, 'utf8') : '')
  const servers = chosen.ok ? chosen.value : []
  const resolver = new StubResolver({ servers, clock, patience: timeout, trustAd, cacheEntries: 0 })
  return { resolver, servers }
}

/** Modes, owners and missing folders; what was right already is not told. */
export async function mendAll(config: Config, configFile: string | null): Promise<readonly Mended[]> {
  const wanted = await wantedFiles(config, configFile)
  return mendFiles(await Promise.all(wanted.map(seeFile)), config.server.dataDir)
}

/** For the command: null for a day of which there is nothing to say. */
export const adviceOn = (day: string): Advice | null => adviceFor(day)

/** For this executable as a child of itself; the exit code. */
export const tellSoundness = (file: string, depth: string): number => checkAndTell(file, depth)
