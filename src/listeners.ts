//
// Owns: everything that answers strangers and applications: REST, SMTP submission, the inbound MX, metrics.

import { apiPartsOf } from './api-parts.ts'
import { type CertificatePath, openPlainPort } from './certificate-path.ts'
import { placeText } from './core/place.ts'
import type { Submitter } from './core/submission.ts'
import { createApi } from './edge/api/api.ts'
import { clientAddress } from './edge/api/client-address.ts'
import { type HttpListener, HttpServers } from './edge/api/listen.ts'
import { createFacades } from './edge/compat/facades.ts'
import { createPublic } from './edge/public/public.ts'
import { startInbound } from './edge/smtpd/inbound.ts'
import type { Listening } from './edge/smtpd/listening.ts'
import type { ListenerKind, ListenerPlace } from './edge/smtpd/options.ts'
import { startSubmission } from './edge/smtpd/submission.ts'
import type { EngagementPath } from './engagement-path.ts'
import type { Foundation } from './foundation.ts'
import type { InboundPath } from './inbound-path.ts'
import { leavingOf } from './leaving.ts'
import type { Admission } from './mail-path.ts'
import type { Certificates } from './net/tls/certificates.ts'
import { DEFAULT_ACCOUNT } from './services/accounts/accounts.ts'
import type { Doctor } from './services/doctor/doctor.ts'
import type { WebhookPath } from './webhook-path.ts'

/** Addresses by configuration key, with the ports that port 0 became. */
export type ListenerBook = Readonly<Record<string, readonly string[]>>

export interface Listeners {
  readonly book: ListenerBook
  /** Finishes what is under way, then closes. */
  drain(): Promise<void>
}

interface Place {
  readonly host: string
  readonly port: number
}

/** What listeners answer from. */
export interface Answering {
  readonly admission: Admission
  /** Null: this node takes no mail from outside. */
  readonly inbound: InboundPath | null
  readonly webhooks: WebhookPath
  readonly engagement: EngagementPath
  readonly certified: Pick<CertificatePath, 'challenges' | 'hosts'>
  readonly doctor: Doctor
}

export async function openListeners(
  foundation: Foundation,
  { inbound, ...answering }: Answering,
  certificates: Certificates,
): Promise<Listeners> {
  const { admission, webhooks } = answering
  const { clock, config } = foundation
  const wait = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve))
  const http = config.server.roles.includes('api') ? openApi(foundation, answering, certificates) : null
  const plain = openPlainPort(foundation, answering.certified)
  const metrics = openMetrics(foundation)
  const smtp = config.server.roles.includes('submission')
    ? await openSubmission(foundation, admission, certificates)
    : null
  const mx = inbound === null ? null : await openInbound(foundation, inbound, certificates)
  const forget = certificates.onChange((certificate) => {
    smtp?.reloadCertificate(certificate)
    mx?.reloadCertificate(certificate)
    http?.servers
      .reloadCertificate(certificate)
      .catch((error) =>
        foundation.log.error('the API could not take the new certificate', { error: String(error) }),
      )
  })
  return {
    book: {
      ...http?.book,
      ...plain.book,
      ...metrics.book,
      ...(smtp ? smtpBook(smtp) : {}),
      ...(mx ? { 'inbound.listen': mx.listeners.map(written) } : {}),
    },
    drain: async () => {
      forget()
      // They never end by themselves.
      webhooks.streams.stop()
      const { stopWithin } = config.server
      await Promise.all([
        http?.servers.stop(stopWithin, wait),
        smtp?.drain(stopWithin),
        mx?.drain(stopWithin),
        metrics.stop(),
        plain.stop(),
      ])
    },
  }
}

function openApi(
  foundation: Foundation,
  { admission, certified, doctor, engagement, webhooks }: Omit<Answering, 'inbound'>,
  certificates: Certificates,
) {
  const { clock, config, keys, log } = foundation
  const api = createApi(apiPartsOf(foundation, { admission, doctor, webhooks }))
  const places: HttpListener[] = [
    ...config.api.https.map((place) => ({ ...place, tls: true })),
    ...config.api.http.map((place) => ({ ...place, tls: false })),
  ]
  const clientOf = clientAddress(config.api.trustedProxies)
  const forRecipients = publicOf(foundation, engagement, certified.challenges)
  const facades = createFacades({
    api: api.fetch,
    isKnown: async (secret, peer) => (await keys.authenticate(secret, peer)) !== null,
    log,
    maxBody: config.api.maxBodySize,
  })
  const servers = new HttpServers({
    listeners: places,
    certificate: certificates.current(),
    fetch: (request, peer) => {
      const client = clientOf(request, peer)
      return forRecipients(request, client) ?? facades(request, client) ?? api.fetch(request, client)
    },
    maxBody: config.api.maxBodySize,
    wait: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
  })
  const bound = servers.start()
  const book: ListenerBook = {
    'api.https': bound.filter(({ tls }) => tls).map(written),
    'api.http': bound.filter(({ tls }) => !tls).map(written),
  }
  return { servers, book }
}

function publicOf(
  foundation: Foundation,
  { readings }: EngagementPath,
  challenges: CertificatePath['challenges'],
) {
  const { clock, log, secrets } = foundation
  return createPublic({
    tracking: { keys: secrets.deriveKeys('tracking'), noted: (reading) => readings.note(reading) },
    leaving: leavingOf(foundation),
    challenges,
    clock,
    log,
  })
}

function openMetrics({ config, figures }: Foundation) {
  const servers = config.metrics.listen.map(({ host, port }) =>
    Bun.serve({
      hostname: host,
      port,
      fetch: async (request) =>
        new URL(request.url).pathname === '/metrics'
          ? new Response(await figures.text(), { headers: { 'content-type': figures.contentType } })
          : new Response('want /metrics\n', { status: 404 }),
    }),
  )
  const book: ListenerBook = {
    'metrics.listen': servers.map((server) =>
      written({ host: server.hostname ?? '', port: server.port ?? 0 }),
    ),
  }
  return { book, stop: async () => void (await Promise.all(servers.map((server) => server.stop(true)))) }
}

async function openSubmission(
  foundation: Foundation,
  { door }: Admission,
  certificates: Certificates,
): Promise<Listening> {
  const { accounts, brake, clock, config, ids, keys, log, meter } = foundation
  const { submission } = config
  const keyless = await accounts.named(submission.keylessAccount || DEFAULT_ACCOUNT)
  const keylessSubmitter: Submitter | null = keyless
    ? { accountId: keyless.id, keyId: null, mode: 'live' }
    : null
  const placesOf = (kind: ListenerKind, places: readonly Place[]): ListenerPlace[] =>
    places.map((place) => ({ kind, ...place }))
  return startSubmission({
    hostname: config.server.hostname,
    listeners: [
      ...placesOf('starttls', submission.starttls),
      ...placesOf('tls', submission.tls),
      ...placesOf('plain', submission.plain),
    ],
    certificate: certificates.current(),
    door,
    authenticator: keys,
    brake,
    keylessNetworks: submission.keylessNetworks,
    keylessSubmitter: () => keylessSubmitter,
    clock,
    ids,
    log,
    meter,
    limits: {
      commandDeadline: submission.timeout,
      bytesInFlight: submission.memory,
      connections: submission.maxConnections,
      connectionsPerAddress: submission.maxConnectionsPerAddress,
      connectionsPerKey: submission.maxConnectionsPerKey,
    },
  })
}

function openInbound(
  { clock, config, ids, log, meter }: Foundation,
  { desk }: InboundPath,
  certificates: Certificates,
): Promise<Listening> {
  const { inbound, server } = config
  return startInbound({
    hostname: server.hostname,
    listeners: inbound.listen,
    certificate: certificates.current(),
    desk,
    clock,
    ids,
    log,
    meter,
    maxMessageSize: inbound.maxMessageSize,
    greetingPause: inbound.greetingPause,
    limits: {
      commandDeadline: inbound.timeout,
      bytesInFlight: inbound.memory,
      connections: inbound.maxConnections,
      connectionsPerAddress: inbound.maxConnectionsPerAddress,
    },
  })
}

function smtpBook({ listeners }: Listening): ListenerBook {
  const of = (kind: ListenerKind) => listeners.filter((listener) => listener.kind === kind).map(written)
  return {
    'submission.starttls': of('starttls'),
    'submission.tls': of('tls'),
    'submission.plain': of('plain'),
  }
}

const written = ({ host, port }: Place): string => placeText(host, port)
