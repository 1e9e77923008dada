//
// Owns: certificates, orders and account keys as they lie in the store: keys sealed with the master secret, each for its row.

import { X509Certificate } from 'node:crypto'
import type { Certificate } from '../../core/certificate.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { AcmeFault } from '../../net/tls/acme/fault.ts'
import { ours } from '../../net/tls/acme/fault.ts'
import { type AccountKey, accountKeyOf, freshKeyPem } from '../../net/tls/acme/jws.ts'
import type { KeptOrder } from '../../net/tls/acme/order.ts'
import type { CertificateStore, StoredCertificate } from '../../store/certificate-store.ts'
import type { Secrets } from '../domains/secret.ts'
import { type Course, courseOf, type Life, NO_COURSE } from './course.ts'

export type Seals = Pick<Secrets, 'seal' | 'open'>

/** One host as this service sees it. */
export interface Kept {
  readonly host: string
  /** Null: none came yet, or its key cannot be opened. */
  readonly pair: Certificate | null
  readonly order: KeptOrder | null
  readonly course: Course
  readonly wantedAt: number
  readonly directory: string
}

const keyPurpose = (host: string): string => `certificate ${host}`
const orderPurpose = (host: string): string => `certificate order ${host}`
const accountPurpose = (directory: string): string => `acme account ${directory}`

/** `directory`: what was learned at another authority says nothing about this one; its certificate is served on. */
export function keptOf(row: StoredCertificate, directory: string, seals: Seals): Kept {
  const { host, chain, sealedKey, orderUrl, sealedOrderKey, wantedAt } = row
  const same = row.directory === directory
  const key = sealedKey === null || chain === '' ? null : opened(seals, keyPurpose(host), sealedKey)
  const orderKey =
    orderUrl === '' || sealedOrderKey === null || !same
      ? null
      : opened(seals, orderPurpose(host), sealedOrderKey)
  return {
    host,
    pair: key === null ? null : { cert: chain, key },
    order: orderKey === null ? null : { url: orderUrl, key: orderKey },
    // Without a key there is nothing to renew: it is ordered.
    course: !same ? NO_COURSE : { ...courseOf(row.course), ...(key === null ? { renewAt: null } : {}) },
    wantedAt,
    directory: row.directory,
  }
}

export function rowOf(
  { host, pair, order, course, wantedAt, directory }: Kept,
  seals: Seals,
): StoredCertificate {
  return {
    host,
    directory,
    chain: pair?.cert ?? '',
    sealedKey: pair === null ? null : seals.seal(keyPurpose(host), Buffer.from(pair.key)),
    course: JSON.stringify(course),
    wantedAt,
    orderUrl: order?.url ?? '',
    sealedOrderKey: order === null ? null : seals.seal(orderPurpose(host), Buffer.from(order.key)),
  }
}

function opened(seals: Seals, purpose: string, sealed: Uint8Array): string | null {
  const text = seals.open(purpose, sealed)
  return text.ok ? Buffer.from(text.value).toString('utf8') : null
}

export interface KeptAccount {
  readonly key: AccountKey
  /** Null: the authority does not know it yet. */
  readonly url: string | null
}

/** Made where there is none. */
export async function accountAt(
  directory: string,
  store: CertificateStore,
  seals: Seals,
): Promise<Result<KeptAccount, AcmeFault>> {
  const known = await store.account(directory)
  if (known === null) {
    const sealedKey = seals.seal(accountPurpose(directory), Buffer.from(freshKeyPem()))
    const added = await store.addAccount({ directory, sealedKey, url: '' })
    if (!added.ok) return fault(ours(`the account cannot be kept: ${added.error}`))
  }
  // Read back: of two nodes that begin at once, the first one's key stays.
  const account = known ?? (await store.account(directory))
  const pem = account === null ? null : opened(seals, accountPurpose(directory), account.sealedKey)
  if (account === null || pem === null) {
    return fault(
      ours('the key of the account cannot be opened: server.secret_file is not the one it was sealed with'),
    )
  }
  return ok({ key: accountKeyOf(pem), url: account.url === '' ? null : account.url })
}

export interface LeafFacts extends Life {
  readonly issuer: string
}

/** Null: no certificate. */
export function leafFacts(pair: Certificate | null): LeafFacts | null {
  if (pair === null) return null
  const leaf = new X509Certificate(pair.cert)
  return {
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
    issuer: issuerOf(leaf.issuer),
  }
}

/** `O=…` and `CN=…` of the lines that the runtime prints. */
function issuerOf(lines: string): string {
  const part = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(lines)?.[1] ?? ''
  return [part('O'), part('CN')].filter((text) => text !== '').join(', ')
}
