//
// Owns: TLS on a connection of ours: the handshake, and what the peer's certificate proves.
// Never: what is demanded of whom (net/delivery/demand.ts).

import type { X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import { connect, createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from 'node:tls'
import type { TlsResultType } from '../../core/outcome.ts'
import type { TlsaRecord } from '../../core/route.ts'
import type { Milliseconds } from '../../core/time.ts'
import { judgeDane, NO_SUBJECT } from './dane.ts'

/** RFC 8996: nothing older than TLS 1.2. */
const MIN_TLS = 'TLSv1.2'

/** `never` is also the second try in clear after TLS failed (RFC 3207 §4.1, RFC 7435 §3). */
export type TlsWish =
  | 'never'
  | 'if-offered'
  /** Encryption, whoever is at the other end. */
  | 'required'
  /** RFC 8461 §4.1: an authority that we trust says that it is the host. */
  | 'verified'
  /** RFC 7672: the host's TLSA records say so. */
  | 'dane'

export interface TlsDemand {
  readonly wish: TlsWish
  /** What DANE is judged by; null where there is none. */
  readonly tlsa: readonly TlsaRecord[] | null
  /** RFC 7672 §2.2.3: where those records are, if not at the host's own name: that the certificate may be for, too. */
  readonly tlsaBase?: string | undefined
  /** RFC 7672 §3.2.2: the recipients' domain, whose signed MX records led here: the certificate may be for that, too. */
  readonly domain?: string
  /** RFC 8461 §5, `testing`: what PKIX would say is reported, and the connection goes on. */
  readonly isTested?: boolean
}

export type Trust = SecureContext

/** Authorities of the operator's stand beside those that everybody trusts: a private relay, a public MX. */
export const trustIn = (own: { readonly ca: string } | null): Trust =>
  createSecureContext({
    minVersion: MIN_TLS,
    ...(own === null ? {} : { ca: [...rootCertificates, own.ca] }),
  })

/** Encryption first: what the certificate proves is read afterwards, and judged by what is demanded. */
export const secure = (plain: Socket, host: string, trust: Trust): TLSSocket =>
  connect({
    socket: plain,
    secureContext: trust,
    minVersion: MIN_TLS,
    // RFC 6066 §3: literal addresses are no server names.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    // RFC 7435: opportunistic encryption without proof is better than none.
    rejectUnauthorized: false,
    // Names are judged below: `authorized` then speaks of the chain alone.
    checkServerIdentity: () => undefined,
  })

export interface CertificateFault {
  readonly type: TlsResultType
  readonly detail: string
}

/** What is known of an encrypted connection. */
export interface TlsFacts {
  readonly version: string
  readonly cipher: string
  readonly pkix: boolean
  /** Null: there was nothing to prove it by. */
  readonly dane: boolean | null
}

/** What the handshake came to. */
export interface Proof {
  readonly facts: TlsFacts
  /** For people. */
  readonly said: string
  /** What is wrong in the eyes of who demands this; null where all is proven that is demanded. */
  readonly lacks: CertificateFault | null
  /** What a report says of it: what ended it, or would have. */
  readonly reported: CertificateFault | null
}

export function proofOf(
  socket: TLSSocket,
  host: string,
  { wish, tlsa, tlsaBase, domain, isTested, now }: TlsDemand & { readonly now: Milliseconds },
): Proof {
  const certificate = socket.getPeerX509Certificate()
  const records = tlsa === null || tlsa.length === 0 ? null : tlsa
  const names = [tlsaBase, host, domain].filter((name) => name !== undefined)
  const pkix = readable(() => pkixFault(socket, certificate, host))
  // Undefined: there is nothing to prove it by.
  const dane = records === null ? undefined : readable(() => daneFault(certificate, { names, records, now }))
  const version = socket.getProtocol() ?? 'unknown'
  const cipher = socket.getCipher().name
  const lacks = lacking(wish, { pkix, dane })
  return {
    facts: { version, cipher, pkix: pkix === null, dane: dane === undefined ? null : dane === null },
    said: `${version} ${cipher} ${sayProof({ pkix, dane })}`,
    lacks,
    reported: lacks ?? (isTested === true && dane !== null ? pkix : null),
  }
}

/** Null: proven. */
interface Found {
  readonly pkix: CertificateFault | null
  readonly dane: CertificateFault | null | undefined
}

/** The peer made these bytes, and the library throws at keys that it does not know. */
function readable(judge: () => CertificateFault | null): CertificateFault | null {
  try {
    return judge()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { type: 'validation-failure', detail: `it cannot be read: ${why}` }
  }
}

function pkixFault(
  socket: TLSSocket,
  certificate: X509Certificate | undefined,
  host: string,
): CertificateFault | null {
  if (certificate === undefined) return { type: 'validation-failure', detail: 'no certificate' }
  if (!socket.authorized) {
    const why: unknown = socket.authorizationError
    const code = why instanceof Error ? why.message : String(why)
    return { type: typeOf(code), detail: `${code} (${nameOf(certificate)})` }
  }
  const named = isIP(host) === 0 ? certificate.checkHost(host, NO_SUBJECT) : certificate.checkIP(host)
  if (named !== undefined) return null
  return {
    type: 'certificate-host-mismatch',
    detail: `it is for ${namesIn(certificate)}`,
  }
}

function typeOf(code: string): TlsResultType {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'certificate-expired'
  return UNTRUSTED.test(code) ? 'certificate-not-trusted' : 'validation-failure'
}

/** Self-signed, or by somebody whom nobody here knows. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY_LEAF|UNTRUSTED|INVALID_CA/

function daneFault(
  certificate: X509Certificate | undefined,
  of: Parameters<typeof judgeDane>[1],
): CertificateFault | null {
  if (certificate === undefined) return { type: 'validation-failure', detail: 'no certificate' }
  const verdict = judgeDane(certificate, of)
  switch (verdict) {
    case 'matched':
      return null
    case 'no-match':
      return { type: 'validation-failure', detail: `no TLSA record matches (${nameOf(certificate)})` }
    case 'wrong-name':
      return {
        type: 'certificate-host-mismatch',
        detail: `DANE-TA: it is for ${namesIn(certificate)}`,
      }
    case 'expired':
      return { type: 'certificate-expired', detail: `DANE-TA: until ${certificate.validTo}` }
    default:
      return verdict satisfies never
  }
}

/** They go to tables and pages: one line, and not a long one. */
const nameOf = ({ subject }: X509Certificate): string => (subject ?? '').replaceAll('\n', ', ').slice(0, 100)

const namesIn = (certificate: X509Certificate): string =>
  certificate.subjectAltName?.slice(0, 150) ?? nameOf(certificate)

export const UNSUPPORTED: CertificateFault = {
  type: 'starttls-not-supported',
  detail: 'STARTTLS is not offered or was refused',
}

function lacking(wish: TlsWish, { pkix, dane }: Found): CertificateFault | null {
  if (wish === 'verified') return pkix
  return wish === 'dane' ? (dane ?? null) : null
}

function sayProof({ pkix, dane }: Found): string {
  if (dane === null) return 'verified by DANE'
  const fault = dane ?? pkix
  return fault === null ? 'verified by PKIX' : `not verified: ${fault.type} ${fault.detail}`
}
