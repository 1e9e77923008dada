//
// Owns: whether clients will believe the certificate that they are shown, under every name by which they come.

import { X509Certificate } from 'node:crypto'
import type { Certificate } from '../../core/certificate.ts'
import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Result } from '../../core/result.ts'
import { DAY, type Milliseconds, SECOND } from '../../core/time.ts'
import { certificateAsShown, type Shown } from '../../net/probe/shown.ts'
import { fail, fine, warn } from './say.ts'

export interface CertificateFacts {
  readonly name: string
  /** Null: the pair cannot be served; `fault` says why. */
  readonly shown: Result<Shown, string>
  readonly mode: 'acme' | 'files' | 'self-signed'
  readonly from: Milliseconds
  readonly until: Milliseconds
  /** It signed itself. */
  readonly selfIssued: boolean
  /** The name is in it. */
  readonly named: boolean
  readonly files: { readonly cert: string; readonly key: string }
}

export interface CertificateAsk {
  readonly pair: Result<Certificate, string>
  readonly names: readonly string[]
  readonly mode: CertificateFacts['mode']
  readonly files: CertificateFacts['files']
  readonly ca: string | null
}

const WITHIN: Milliseconds = 5 * SECOND
/** A renewal that works is over by then. */
const SOON: Milliseconds = 14 * DAY
const VERY_SOON: Milliseconds = 3 * DAY

export async function seeCertificate(ask: CertificateAsk): Promise<readonly CertificateFacts[] | string> {
  const { ca, files, mode, names, pair } = ask
  if (!pair.ok) return pair.error
  const leaf = leafOf(pair.value)
  if (leaf === null) return `${files.cert} holds no certificate; want PEM, the leaf first`
  return Promise.all(
    names.map(async (name) => ({
      name,
      mode,
      files,
      from: leaf.validFromDate.getTime(),
      until: leaf.validToDate.getTime(),
      selfIssued: leaf.issuer === leaf.subject,
      named: leaf.checkHost(name) !== undefined,
      shown: await certificateAsShown(pair.value, name, { ca, within: WITHIN }),
    })),
  )
}

function leafOf({ cert }: Certificate): X509Certificate | null {
  try {
    return new X509Certificate(cert)
  } catch {
    return null
  }
}

/** One that an authority issues by itself. */
export interface OrderedFacts {
  readonly host: string
  /** Null: none came yet. */
  readonly notAfter: Milliseconds | null
  /** What the last order ended with; null: it went well, or none was made. */
  readonly fault: { readonly detail: string; readonly remedy: string } | null
}

export function judgeOrdered({ fault, host, notAfter }: OrderedFacts, now: Milliseconds): Diagnosis {
  const subject = host
  const said = fault === null ? '' : ` The last order failed: ${fault.detail}.`
  const fix = [
    ...(fault === null ? [] : [fault.remedy]),
    'mailwok tls list',
    `mailwok tls renew ${host}     # once that is mended`,
  ]
  if (notAfter === null) {
    const why = `The authority has issued no certificate for ${host} yet: until then clients see one that this server signed itself.${said}`
    const trouble = { subject, why, fix }
    return fault === null ? warn('certificate_missing', trouble) : fail('certificate_missing', trouble)
  }
  if (notAfter <= now) {
    const why = `The certificate has expired ${days(now - notAfter)} ago: clients, links in mail and senders that check refuse it.${said}`
    return fail('certificate_expired', { subject, why, fix })
  }
  if (notAfter - now < SOON && fault !== null) {
    const trouble = { subject, why: `The certificate expires in ${days(notAfter - now)}.${said}`, fix }
    return notAfter - now < VERY_SOON
      ? fail('certificate_expires', trouble)
      : warn('certificate_expires', trouble)
  }
  return fine('certificate', subject, `An authority issued it, and it counts for ${days(notAfter - now)}.`)
}

export const certificateUnreadable = (why: string): Diagnosis =>
  fail('certificate_unreadable', {
    subject: 'certificate',
    why: `The certificate cannot be used: ${why}.`,
    fix: [
      '[tls]',
      'mode = "files"',
      'cert = "/etc/mailwok/fullchain.pem"',
      'key = "/etc/mailwok/privkey.pem"',
    ],
  })

export function judgeCertificate(facts: CertificateFacts, now: Milliseconds): Diagnosis {
  const { files, from, mode, name, named, selfIssued, shown, until } = facts
  const subject = name
  const renew = mode === 'acme' ? ['mailwok tls list', `mailwok tls renew ${name}`] : renewLines(files)
  if (!shown.ok) {
    const why = `The certificate for ${name} cannot be served: ${shown.error}. As a rule the key belongs to another one.`
    return fail('certificate_key', { subject, why, fix: pairLines(files) })
  }
  if (until <= now) {
    const why = `The certificate has expired ${days(now - until)} ago: clients, links in mail and senders that check refuse it.`
    return fail('certificate_expired', { subject, why, fix: renew })
  }
  if (from > now) {
    const why = `The certificate counts only in ${days(from - now)}: either it or this clock is wrong.`
    return fail('certificate_not_yet', { subject, why, fix: ['date -u', 'timedatectl'] })
  }
  if (!named) {
    const why = `The certificate does not hold the name ${name}: clients that come by it refuse it.`
    const fix =
      mode === 'files'
        ? [`certbot certonly --expand -d ${name}     # beside the names that it has`]
        : ['[tls]', `hosts = ["${name}"]`]
    return fail('certificate_name', { subject, why, fix })
  }
  if (selfIssued && shown.value.distrusted !== null) {
    const why =
      'The certificate is signed by this server itself: clients refuse it unless they are told not to look, and links of mail stay untracked.'
    return warn('certificate_self_signed', { subject, why, fix: ACME_LINES })
  }
  if (shown.value.distrusted !== null) {
    const why = `Clients do not find the way from this certificate to an authority that they believe (${shown.value.distrusted}): as a rule the certificates in between are missing.`
    const fix = [
      `grep -c BEGIN ${files.cert}     # 1: only the leaf; want fullchain.pem`,
      '[tls]',
      'cert = "/etc/letsencrypt/live/NAME/fullchain.pem"',
    ]
    return fail('certificate_chain', { subject, why, fix })
  }
  if (until - now < SOON) {
    const why = `The certificate expires in ${days(until - now)}; a renewal that works would have been made by now.`
    const trouble = { subject, why, fix: renew }
    return until - now < VERY_SOON
      ? fail('certificate_expires', trouble)
      : warn('certificate_expires', trouble)
  }
  return fine('certificate', subject, `It is believed, and counts for ${days(until - now)}.`)
}

const days = (span: Milliseconds): string => {
  const count = Math.floor(span / DAY)
  return count === 1 ? '1 day' : `${count} days`
}

const pairLines = ({ cert, key }: CertificateFacts['files']): readonly string[] => [
  `openssl x509 -in ${cert} -noout -pubkey | sha256sum`,
  `openssl pkey -in ${key} -pubout | sha256sum     # both have to be the same`,
]

const renewLines = ({ cert }: CertificateFacts['files']): readonly string[] => [
  `openssl x509 -in ${cert} -noout -enddate -subject`,
  'certbot renew     # or whatever makes it; a new file is taken within a minute, without a restart',
]

const ACME_LINES: readonly string[] = [
  '[tls]',
  'mode = "acme"      # or "files" with cert and key; self-signed is for labs',
]
