//
// Owns: the admin actions over our own certificates: what there is, and asking for a new one.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/schema.ts'
import { fault, ok } from '../core/result.ts'
import { DAY, type Milliseconds } from '../core/time.ts'
import { leafFacts } from '../services/certificates/kept.ts'
import {
  type TellingParts,
  type ToldCertificate,
  toldCertificates,
  type WantFault,
  wantCertificates,
} from '../services/certificates/told.ts'
import type { AdminFault } from './admin.ts'
import type { CertificateActions, CertificateRow } from './certificate-rows.ts'
import { iso, storeFault } from './faults.ts'

export interface CertificateActionParts extends TellingParts {
  readonly config: Pick<Config, 'server' | 'tls'>
  readonly wake: () => void
}

/** Whoever renews by hand or by another program hears of it in time. */
const SOON: Milliseconds = 14 * DAY

export function certificateActions(parts: CertificateActionParts): CertificateActions {
  const { clock, config } = parts
  return {
    tlsList: async () => {
      if (config.tls.mode !== 'acme') return ok([await heldRow(config, clock.now())])
      const order = [config.server.hostname, ...config.tls.hosts]
      const rank = (host: string): number => (order.indexOf(host) + order.length + 1) % (order.length + 1)
      const told = [...(await toldCertificates(parts))].sort((a, b) => rankOf(a, rank) - rankOf(b, rank))
      return ok(told.map((one) => orderedRow(one, clock.now())))
    },
    tlsRenew: async ({ name: host }) => {
      if (config.tls.mode !== 'acme') {
        return fault({
          code: 'not_acme',
          message: `tls.mode is "${config.tls.mode}": ${config.tls.mode === 'files' ? 'renew the files; they are read again within a minute' : 'the certificate is made anew by itself'}`,
        })
      }
      const wanted = await wantCertificates(parts, host?.toLowerCase() ?? null)
      if (!wanted.ok) return fault(sayWant(wanted.error, host))
      parts.wake()
      return ok({ ordered: wanted.value })
    },
  }
}

/** What is not named in the configuration comes after what is. */
const rankOf = ({ host }: ToldCertificate, rank: (host: string) => number): number => rank(host)

function orderedRow(
  { host, issuer, notAfter, nextAt, fault: last }: ToldCertificate,
  now: Milliseconds,
): CertificateRow {
  const expires = notAfter !== null && last !== null && notAfter - now < SOON / 2
  const state = notAfter === null ? 'waits' : notAfter <= now ? 'expired' : expires ? 'expires' : 'valid'
  return {
    host,
    state,
    source: 'acme',
    issuer,
    expires_at: notAfter === null ? null : iso(notAfter),
    renews_at: nextAt === null ? null : iso(nextAt),
    error: last?.detail ?? null,
    error_at: last === null ? null : iso(last.at),
    fix: last?.remedy ?? null,
  }
}

/** As the files hold it: a command without a node says the same. */
async function heldRow(
  { server, tls }: Pick<Config, 'server' | 'tls'>,
  now: Milliseconds,
): Promise<CertificateRow> {
  const files = tls.mode === 'files'
  const path = files ? tls.cert : join(server.dataDir, 'tls', 'self-signed.crt')
  const facts = await leafIn(path)
  const left = (facts?.notAfter ?? now) - now
  return {
    host: server.hostname,
    state: facts === null ? 'waits' : left <= 0 ? 'expired' : files && left < SOON ? 'expires' : 'valid',
    source: files ? 'files' : 'self-signed',
    issuer: facts?.issuer ?? null,
    expires_at: facts === null ? null : iso(facts.notAfter),
    renews_at: null,
    error: facts === null ? `${path} holds no certificate that can be read` : null,
    error_at: null,
    fix:
      facts === null
        ? 'mailwok serve makes it, or says what is wrong'
        : files && left < SOON
          ? 'renew the files of tls.cert and tls.key'
          : null,
  }
}

async function leafIn(path: string): Promise<ReturnType<typeof leafFacts>> {
  try {
    return leafFacts({ cert: await readFile(path, 'utf8'), key: '' })
  } catch {
    return null
  }
}

function sayWant(why: WantFault, host: string | null): AdminFault {
  switch (why.kind) {
    case 'unknown-host':
      return {
        code: 'not_found',
        message:
          host === null
            ? 'there is no certificate yet: mailwok serve orders them when it starts'
            : `there is no certificate for ${JSON.stringify(host)}; mailwok tls list shows those that there are`,
      }
    case 'too-soon':
      return {
        code: 'too_soon',
        message: `${why.host}: ${why.why}; the next order can go out at ${iso(why.until)}`,
      }
    case 'store':
      return storeFault(why.error)
    default:
      return why satisfies never
  }
}
