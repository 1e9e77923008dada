//
// Owns: every look of the doctor with what it needs: which facts, from where, and at which depth.

import type { Config } from './config/schema.ts'
import type { Check, Diagnosis } from './core/diagnosis.ts'
import { DAY, type Milliseconds, SECOND } from './core/time.ts'
import {
  certificateNames,
  isLab,
  newestBackup,
  pairOf,
  secretLost,
  sourceAsks,
  wantedFiles,
  wantedPorts,
} from './doctor-facts.ts'
import type { DoctorWorld, NodeFacts } from './doctor-world.ts'
import { clockAhead } from './net/probe/sntp.ts'
import { askList, judgeListing } from './services/doctor/blocklist.ts'
import {
  certificateUnreadable,
  judgeCertificate,
  judgeOrdered,
  seeCertificate,
} from './services/doctor/certificate.ts'
import { judgeClock } from './services/doctor/clock.ts'
import { judgeDisk, tryDisk } from './services/doctor/disk.ts'
import type { Depth, Look } from './services/doctor/doctor.ts'
import { domainNone, judgeDomain, seeDomain } from './services/doctor/domain.ts'
import { judgeEgress, tryEgress } from './services/doctor/egress.ts'
import { judgeFiles, openFilesOf, seeFile } from './services/doctor/files.ts'
import { judgeHostname, judgeNames, seeHostname } from './services/doctor/hostname.ts'
import { judgeBackup, judgeQueue, judgeWebhooks } from './services/doctor/mail.ts'
import { judgePorts, type PortFacts, seePorts } from './services/doctor/ports.ts'
import { judgeRelay, tryRelay } from './services/doctor/relay.ts'
import { judgeResolver, tryServers } from './services/doctor/resolver.ts'
import { judgeSource, seeSource } from './services/doctor/source.ts'
import { judgeStore } from './services/doctor/store.ts'

const CONNECT: Milliseconds = 10 * SECOND
const TIME_WITHIN: Milliseconds = 3 * SECOND
const NTP_PORT = 123
/** Where the operator makes them himself. */
const WEEK: Milliseconds = 7 * DAY
/** Of domains, the newest: a look asks some thirty questions each. */
const MOST_DOMAINS = 200
const DOMAINS_AT_ONCE = 8

type Run = (depth: Depth) => Promise<readonly Diagnosis[]>

export function looksOf(world: DoctorWorld): readonly Look[] {
  const isQuiet = isLab(world.config)
  const look = (check: Check, quick: boolean, run: Run): Look => ({ check, quick, run })
  return [
    look('configuration', true, async () => judgeNames(await hostnameFacts(world, []))),
    look('files', true, () => lookAtFiles(world)),
    look('disk', true, async () => judgeDisk(await tryDisk(world.config.server.dataDir, world.clock))),
    look('clock', false, () => lookAtClock(world)),
    look('store', true, async (depth) => judgeStore(await world.storeFacts(depth))),
    look('backup', true, () => lookAtBackups(world)),
    look('resolver', false, () => lookAtServers(world)),
    look('ports', true, () => lookAtPorts(world)),
    look('egress', false, () => lookOutside(world)),
    look('relay', false, () => lookAtRelays(world)),
    look('hostname', !isQuiet, async () => {
      const { config, resolver } = world
      return judgeHostname(await hostnameFacts(world, await seeHostname(config.server.hostname, resolver)))
    }),
    look('source', !isQuiet, () => lookAtSources(world)),
    look('blocklist', false, () => lookAtLists(world)),
    look('certificate', true, () => lookAtCertificate(world)),
    look('domain', false, () => lookAtDomains(world)),
    look('queue', true, () => lookAtQueue(world)),
    look('webhooks', true, async () => {
      const { clock, open } = world
      return open === null ? [] : judgeWebhooks(await open.store.webhooks.list(null), clock.now())
    }),
  ]
}

const hostnameFacts = async ({ config, own }: DoctorWorld, addresses: readonly string[] | null) => ({
  hostname: config.server.hostname,
  operator: config.server.operator,
  addresses,
  own: own.addresses,
  lab: isLab(config),
})

async function lookAtFiles({ config, configFile, node }: DoctorWorld): Promise<readonly Diagnosis[]> {
  const wanted = await wantedFiles(config, configFile)
  return judgeFiles({
    seen: await Promise.all(wanted.map(seeFile)),
    uid: process.getuid?.() ?? 0,
    openFiles: node === null ? null : await openFilesOf('self'),
    secretLost: await secretLost(config),
  })
}

async function lookAtClock({ clock, config, resolver }: DoctorWorld): Promise<readonly Diagnosis[]> {
  const servers = config.doctor.timeServers
  const ahead = await Promise.all(
    servers.map(async (place) => {
      const [, host = place, port] = /^(.*?)(?::(\d+))?$/.exec(place) ?? []
      const name = host.replace(/^\[|\]$/g, '')
      const found = /^[\d.]+$|:/.test(name) ? null : await resolver.addresses(name)
      const [address] = found === null ? [name] : found.ok ? found.value.records : []
      if (address === undefined) return null
      const told = await clockAhead({ host: address, port: Number(port ?? NTP_PORT) }, clock, TIME_WITHIN)
      return told.ok ? told.value : null
    }),
  )
  return judgeClock({ servers, ahead: ahead.filter((one) => one !== null) })
}

async function lookAtBackups({ clock, config, node, open }: DoctorWorld): Promise<readonly Diagnosis[]> {
  // Of a lab, and of what was not even started, nothing is to be kept.
  if (isLab(config) || open === null) return []
  const folder = config.backup.path || `${config.server.dataDir}/backups`
  return [
    judgeBackup({
      folder,
      lastAt: await newestBackup(folder),
      every: config.backup.every || WEEK,
      failure: (await node?.backupFailure()) ?? null,
      now: clock.now(),
    }),
  ].flat()
}

async function lookAtServers({ clock, config, servers }: DoctorWorld): Promise<readonly Diagnosis[]> {
  const { delivery, dns, doctor, server } = config
  const questions = doctor.receivers.length > 0 ? doctor.receivers : [server.hostname]
  const facts = await tryServers({ servers, clock, trustAd: dns.trustAd, patience: dns.timeout, questions })
  const isDirect = delivery.mode === 'direct' || delivery.mode === 'hybrid'
  return judgeResolver({
    servers: facts,
    question: questions[0] ?? '',
    wantsDane: delivery.dane === 'auto' && isDirect,
  })
}

async function lookAtPorts(world: DoctorWorld): Promise<readonly Diagnosis[]> {
  const { config, node } = world
  const [behind] = config.api.http
  return judgePorts({
    ports: world.ports ?? (await portsOf(config, node)),
    running: node !== null,
    behind: behind === undefined ? '' : `${behind.host}:${behind.port}`,
    hostname: config.server.hostname,
  })
}

export const portsOf = (config: Config, node: NodeFacts | null): Promise<readonly PortFacts[]> =>
  seePorts(wantedPorts(config, node?.listeners() ?? null), ({ name, pid }) =>
    node === null ? name === 'mailwok' : pid === process.pid,
  )

async function lookOutside({ config, own, resolver }: DoctorWorld): Promise<readonly Diagnosis[]> {
  const { delivery, doctor, relay, server } = config
  const { mode, mxPort: port } = delivery
  if ((mode === 'direct' || mode === 'hybrid') && doctor.receivers.length === 0) return []
  const isDirect = mode === 'direct' || mode === 'hybrid'
  const sources = sourceAsks(config, own.addresses).map(({ address }) => address)
  const seen = isDirect
    ? await tryEgress({
        resolver,
        receivers: doctor.receivers,
        families: own.families,
        port,
        allowPrivate: delivery.allowPrivateDestinations,
        connect: Math.min(CONNECT, delivery.timeouts.connect),
      })
    : { tried: [], unknown: [] }
  return judgeEgress({
    mode,
    port,
    hostname: server.hostname,
    hasRelay: relay.length > 0 && mode === 'hybrid',
    sources,
    ...seen,
  })
}

async function lookAtRelays({ config, resolver }: DoctorWorld): Promise<readonly Diagnosis[]> {
  const { delivery, relay } = config
  if (delivery.mode !== 'relay' && delivery.mode !== 'hybrid') return []
  return (await Promise.all(relay.map((one) => tryRelay(one, resolver, CONNECT)))).map(judgeRelay)
}

async function lookAtSources({ config, own, resolver }: DoctorWorld): Promise<readonly Diagnosis[]> {
  if (config.delivery.mode === 'relay' || config.delivery.mode === 'capture') return []
  const asks = sourceAsks(config, own.addresses)
  return (await Promise.all(asks.map((ask) => seeSource(ask, resolver)))).flatMap(judgeSource)
}

async function lookAtLists({ config, own, resolver }: DoctorWorld): Promise<readonly Diagnosis[]> {
  const asks = sourceAsks(config, own.addresses).flatMap(({ address }) =>
    config.doctor.blocklists.map((list) => askList(address, list, resolver)),
  )
  return (await Promise.all(asks)).map(judgeListing)
}

async function lookAtCertificate({
  ca,
  clock,
  config,
  node,
  open,
}: DoctorWorld): Promise<readonly Diagnosis[]> {
  const { mode } = config.tls
  if (mode === 'acme') {
    return ((await open?.certificates()) ?? []).map((facts) => judgeOrdered(facts, clock.now()))
  }
  const pair = await pairOf(config)
  // It is made at the first start.
  if (!pair.ok && mode === 'self-signed' && node === null) return []
  const seen = await seeCertificate({ pair, names: certificateNames(config), mode, files: config.tls, ca })
  if (typeof seen === 'string') return [certificateUnreadable(seen)]
  return seen.map((facts) => judgeCertificate(facts, clock.now()))
}

async function lookAtDomains({ config, open, resolver }: DoctorWorld): Promise<readonly Diagnosis[]> {
  if (open === null) return []
  const { domains, names } = open
  const all = await domains.list(null)
  if (all.length === 0) return [domainNone()]
  const inbound = config.server.roles.includes('inbound') && config.inbound.listen.length > 0
  const found: Diagnosis[] = []
  const some = all.toSorted((a, b) => b.createdAt - a.createdAt).slice(0, MOST_DOMAINS)
  for (let at = 0; at < some.length; at += DOMAINS_AT_ONCE) {
    const looked = await Promise.all(
      some.slice(at, at + DOMAINS_AT_ONCE).map(async ({ name }) => {
        const known = await domains.find(name, null)
        if (known === null) return []
        const ask = { domain: known.domain, keys: known.keys, own: names }
        return judgeDomain({
          ...ask,
          inbound,
          mustBeVerified: config.domains.requireVerification,
          ...(await seeDomain(ask, resolver)),
        })
      }),
    )
    found.push(...looked.flat())
  }
  return found
}

async function lookAtQueue({ clock, node, open }: DoctorWorld): Promise<readonly Diagnosis[]> {
  if (open === null) return []
  const overview = await open.store.queue.overview(100)
  return judgeQueue({
    overview,
    running: node !== null,
    lanes: node?.lanes() ?? [],
    reasons: node?.readyz().reasons ?? [],
    now: clock.now(),
  })
}
