import type { Reply } from './reply.ts'
import type { DnsAnswer } from './route.ts'
import type { Milliseconds } from './time.ts'

/** Where in the mail transaction a reply came. */
export type SmtpStage = 'GREETING' | 'EHLO' | 'STARTTLS' | 'MAIL' | 'RCPT' | 'DATA' | 'BODY'

/** Why a recipient did not get the message in this attempt: facts, no verdict yet. */
export type Cause =
  | { readonly kind: 'reply'; readonly stage: SmtpStage; readonly reply: Reply }
  | { readonly kind: 'network'; readonly at: 'connect' | 'tls' | 'dialogue'; readonly detail: string }
  /** The final dot was sent and no answer came: the peer may have the message (F9). */
  | { readonly kind: 'uncertain'; readonly detail: string }
  | { readonly kind: 'dns'; readonly answer: DnsAnswer | 'null-mx' }
  | { readonly kind: 'policy'; readonly rule: PolicyRule; readonly detail: string }
  | { readonly kind: 'internal'; readonly detail: string }

export type PolicyRule =
  | 'suppressed'
  | 'tls-required'
  | 'cancelled'
  | 'expired'
  /** The peer does not offer SMTPUTF8 and the message needs it (RFC 6531 §3.2). */
  | 'smtputf8-required'
  /** The peer's SIZE limit is smaller than the message (RFC 1870 §6.1). */
  | 'too-large'
  /** The stored bytes do not match their SHA-256. */
  | 'content-damaged'
  /** RFC 8689: the peer does not offer REQUIRETLS and the message wants it. */
  | 'requiretls-unsupported'
  /** A relay does not take our credentials, or offers no way to show them. */
  | 'relay-auth'

/** What one attempt came to, once judged by mail/bounces/classify.ts. */
export type AttemptOutcome =
  /** `dsnRelayed`: the peer offers DSN and was told what the submitter wants; else that stays with us (RFC 3461 §5.2). */
  | { readonly kind: 'delivered'; readonly reply: Reply; readonly dsnRelayed?: true }
  | { readonly kind: 'deferred'; readonly cause: Cause }
  | { readonly kind: 'bounced'; readonly cause: Cause; readonly hardness: 'hard' | 'soft' }

/** The evidence of one attempt, whatever came of it. */
export interface AttemptEvidence {
  readonly startedAt: Milliseconds
  readonly endedAt: Milliseconds
  readonly mx: string | null
  readonly address: string | null
  /** Our own address of that connection. */
  readonly source: string | null
  readonly tls: { readonly version: string; readonly cipher: string; readonly verified: boolean } | null
  /** What the peer called itself in its greeting or EHLO reply. */
  readonly peerSoftware: string | null
  /** `direct`, or the smarthost as `relay:<host>`. */
  readonly via: string
  /** What was said, a line each: milliseconds since the start, the command, the reply. Empty when nobody was asked. */
  readonly transcript: string
  /** TLS of sessions that this attempt opened, for TLS-RPT (RFC 8460): one entry per host that was spoken to. */
  readonly tlsSessions?: readonly TlsSession[]
}

/** RFC 8460 §4.3. */
export type TlsResultType =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'
  | 'tlsa-invalid'
  | 'dnssec-invalid'
  | 'dane-required'
  | 'sts-policy-fetch-error'
  | 'sts-policy-invalid'
  | 'sts-webpki-invalid'

export interface TlsSession {
  readonly mx: string
  readonly address: string
  readonly source: string | null
  /** Null: it was negotiated as the policy wants it. */
  readonly failure: { readonly type: TlsResultType; readonly detail: string } | null
}
