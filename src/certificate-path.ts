//
// Owns: wires certificates: those that an authority issues by itself, the port on which it asks, what operators are told.

import { readFileSync } from 'node:fs'
import { certificateActions } from './admin/certificates.ts'
import type { Config } from './config/schema.ts'
import { placeText } from './core/place.ts'
import { MINUTE, type Milliseconds } from './core/time.ts'
import { type ChallengeParts, plainPort } from './edge/public/challenge.ts'
import type { Foundation } from './foundation.ts'
import { OutgoingHttp } from './net/http/outgoing.ts'
import { type Certificates, openCertificates } from './net/tls/certificates.ts'
import { readPair } from './net/tls/pair.ts'
import { VERSION } from './ops/version.ts'
import { CertificateCare } from './services/certificates/care.ts'
import { certifiedHosts } from './services/certificates/hosts.ts'
import type { Authority } from './services/certificates/ordering.ts'
import { trackingHostOf } from './services/domains/records.ts'

const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory'
const LETS_ENCRYPT_STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory'
/** Reading every domain costs; a tracking host that was just seen waits no longer for its certificate. */
const HOSTS_HOLD: Milliseconds = 2 * MINUTE

export interface CertificatePath {
  readonly certificates: Certificates
  readonly challenges: ChallengeParts['challenges']
  /** All that a certificate is for. */
  readonly hosts: () => Promise<readonly string[]>
  /** Once everything listens that an authority could ask. */
  begin(): void
  /** Looks now, for whoever asked for a certificate. */
  wake(): void
  stop(): Promise<void>
}

export async function openCertificatePath(foundation: Foundation): Promise<CertificatePath> {
  const { clock, config, log, meter, store } = foundation
  const certificates = await openCertificates({
    ...config.tls,
    hostname: config.server.hostname,
    dataDir: config.server.dataDir,
    clock,
    log,
  })
  if (!certificates.ok) throw new Error(certificates.error)
  const own = certificates.value
  const tell = (): void => {
    const facts = readPair(own.current())
    if (facts.ok && config.tls.mode !== 'acme') {
      const host = config.server.hostname
      meter.gauge('certificate_expiry_seconds', Math.floor(facts.value.notAfter / 1000), { host })
    }
  }
  tell()
  const forget = own.onChange(tell)
  const hosts = hostsOf(foundation)
  const care = config.tls.mode === 'acme' ? careOf(foundation, own, hosts) : null
  await care?.start()
  return {
    certificates: own,
    hosts,
    challenges: {
      answerTo: async (token) => (care === null ? null : store.certificates.challenge(token, clock.now())),
    },
    begin: () => care?.wake(),
    wake: () => care?.wake(),
    stop: async () => {
      forget()
      await care?.stop()
      own.stop()
    },
  }
}

function careOf(
  foundation: Foundation,
  certificates: Certificates,
  hosts: CertificatePath['hosts'],
): CertificateCare {
  const { clock, config, dice, freshResolver, health, holder, log, meter, secrets, store } = foundation
  health.expect('certificate')
  return new CertificateCare({
    store: store.certificates,
    seals: secrets,
    clock,
    dice,
    log,
    meter,
    // Who has just published the record does not want to hear from memory that it is missing.
    resolver: freshResolver,
    node: holder.node,
    http: authorityHttp(foundation),
    authority: authorityOf(config),
    hosts,
    serve: (pairs) => certificates.serve(pairs),
    judged: (lack) => (lack === null ? health.ready('certificate') : health.unready('certificate', lack)),
  })
}

export const directoryOf = ({ tls }: Pick<Config, 'tls'>): string =>
  tls.acmeDirectory || (tls.acmeStaging ? LETS_ENCRYPT_STAGING : LETS_ENCRYPT)

function authorityOf(config: Config): Authority {
  const { acmeEabKey, acmeEabKid } = config.tls
  return {
    directory: directoryOf(config),
    contact: config.server.operator,
    binding: acmeEabKid === '' ? null : { kid: acmeEabKid, macKey: acmeEabKey },
    // RFC 8555 §6.1 wants to know who asks.
    userAgent: `mailwok/${VERSION}`,
  }
}

/** An authority on the inside may be asked where the operator names it, and at no other place there. */
function authorityHttp({ clock, config, resolver }: Foundation): OutgoingHttp {
  const directory = new URL(directoryOf(config))
  const port = Number(directory.port) || (directory.protocol === 'http:' ? 80 : 443)
  const host = directory.hostname.replace(/^\[|\]$/g, '')
  const { acmeCaFile } = config.tls
  return new OutgoingHttp({
    resolver,
    clock,
    allow: [{ host, port }],
    allowPrivate: config.delivery.allowPrivateDestinations,
    ca: acmeCaFile === '' ? null : rootsIn(acmeCaFile),
  })
}

function rootsIn(file: string): string {
  const text = readFileSync(file, 'utf8')
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Error(`tls.acme_ca_file: ${file} holds no certificate; want a PEM file`)
  }
  return text
}

/** Read again after a while. */
function hostsOf({ clock, config, store }: Foundation): CertificatePath['hosts'] {
  const { api, domains, server, tls } = config
  const own = [server.hostname, ...tls.hosts]
  if (api.https.length > 0) own.push(new URL(server.publicUrl).hostname)
  const read = async (): Promise<readonly string[]> => {
    // Where a proxy has the TLS of these hosts, their certificates are its business.
    const sending = api.https.length === 0 ? [] : await store.directory.domains(null)
    const tracking = sending
      .filter((one) => one.checks.tracking && (one.verifiedAt !== null || !domains.requireVerification))
      .map(trackingHostOf)
    return certifiedHosts(own, tracking)
  }
  let known: { readonly at: Milliseconds; readonly hosts: Promise<readonly string[]> } | null = null
  return () => {
    if (known !== null && clock.monotonic() - known.at < HOSTS_HOLD) return known.hosts
    const hosts = read()
    known = { at: clock.monotonic(), hosts }
    // What could not be read is read again by the next who asks.
    hosts.catch(() => {
      known = null
    })
    return hosts
  }
}

/** Port 80, or wherever a proxy leads what comes there. One that cannot be had costs certificates, and no mail. */
export function openPlainPort(
  { config, log }: Pick<Foundation, 'config' | 'log'>,
  { challenges, hosts }: Pick<CertificatePath, 'challenges' | 'hosts'>,
): { readonly book: Readonly<Record<string, readonly string[]>>; stop(): Promise<void> } {
  const { api, server, tls } = config
  if (tls.mode !== 'acme') return { book: {}, stop: async () => {} }
  const { port } = new URL(server.publicUrl)
  const answer = plainPort({
    challenges,
    secureBaseOf: async (host) => {
      // Without the store our own names are led on all the same.
      const ours = await hosts().catch(() => [server.hostname, ...tls.hosts])
      if (api.https.length === 0 || !ours.includes(host)) return null
      return `https://${host}${port === '' ? '' : `:${port}`}`
    },
  })
  const servers = tls.acmeHttp.flatMap((place) => {
    try {
      return [
        Bun.serve({
          hostname: place.host,
          port: place.port,
          idleTimeout: 10,
          maxRequestBodySize: 4096,
          development: false,
          fetch: answer,
        }),
      ]
    } catch (error) {
      log.error(
        'the port on which authorities ask could not be opened: no certificates will come, unless a proxy leads /.well-known/acme-challenge/ to api.http',
        {
          listener: `${place.host}:${place.port}`,
          error: String(error),
        },
      )
      return []
    }
  })
  return {
    book: {
      'tls.acme_http': servers.map(({ hostname = '', port = 0 }) => placeText(hostname, port)),
    },
    stop: async () => void (await Promise.all(servers.map((each) => each.stop(true)))),
  }
}

/** What an operator may ask of certificates; `wake` reaches the node, if one runs. */
export const certificateDeskOf = (
  { clock, config, secrets, store }: Pick<Foundation, 'clock' | 'config' | 'secrets' | 'store'>,
  wake: () => void,
): ReturnType<typeof certificateActions> =>
  certificateActions({
    store: store.certificates,
    seals: secrets,
    clock,
    directory: directoryOf(config),
    config,
    wake,
  })
