//
// Owns: one order of one host, from the store to the store: the account, the answers to challenges, what survives a crash.
// Never: when (course.ts, care.ts).

import type { Certificate } from '../../core/certificate.ts'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import { DAY, type Milliseconds } from '../../core/time.ts'
import type { OutgoingHttp } from '../../net/http/outgoing.ts'
import { AcmeClient } from '../../net/tls/acme/client.ts'
import { type AcmeFault, ours } from '../../net/tls/acme/fault.ts'
import type { Binding } from '../../net/tls/acme/jws.ts'
import { type KeptOrder, obtain } from '../../net/tls/acme/order.ts'
import { certificateId } from '../../net/tls/acme/renewal-info.ts'
import type { CertificateStore } from '../../store/certificate-store.ts'
import { accountAt, type Kept, type Seals } from './kept.ts'

export interface Authority {
  readonly directory: string
  /** Empty: nobody. */
  readonly contact: string
  readonly binding: Binding | null
  readonly userAgent: string
}

export interface OrderingParts {
  readonly store: CertificateStore
  readonly seals: Seals
  readonly clock: Clock
  readonly http: Pick<OutgoingHttp, 'get' | 'post'>
  readonly authority: Authority
  readonly signal: AbortSignal
}

/** RFC 8555 §7.1.4: authorities keep a proof open for days; a late look of theirs costs us a row. */
const CHALLENGE_LIFE: Milliseconds = DAY

type Asked<T> = Promise<Result<T, AcmeFault>>

export async function clientOf({ store, seals, ...parts }: OrderingParts): Asked<AcmeClient> {
  const { directory, ...rest } = parts.authority
  const account = await accountAt(directory, store, seals)
  if (!account.ok) return account
  const { key, url } = account.value
  return ok(new AcmeClient({ ...parts, ...rest, directory, account: key, accountUrl: url }))
}

export async function orderOne(
  parts: OrderingParts,
  kept: Kept,
  keep: (order: KeptOrder) => Asked<void>,
): Asked<Certificate> {
  const client = await clientOf(parts)
  if (!client.ok) return client
  const known = await login(parts, client.value)
  if (!known.ok) return known
  const first = await attempt(parts, client.value, { kept, keep })
  if (first.ok || first.error.type !== 'accountDoesNotExist') return first
  // An authority that lost its accounts (a test server, a private one that was set up anew) gets ours again.
  client.value.forgetAccount()
  const again = await login(parts, client.value)
  return again.ok ? attempt(parts, client.value, { kept: { ...kept, order: null }, keep }) : again
}

async function login({ store, authority }: OrderingParts, client: AcmeClient): Asked<void> {
  const url = await client.login()
  if (!url.ok) return url
  const named = await store.nameAccount(authority.directory, url.value)
  return named.ok ? ok(undefined) : fault(ours(`the account cannot be kept: ${named.error}`))
}

async function attempt(
  { store, clock, signal }: OrderingParts,
  client: AcmeClient,
  { kept, keep }: { readonly kept: Kept; readonly keep: (order: KeptOrder) => Asked<void> },
): Asked<Certificate> {
  const info = await client.offered('renewalInfo')
  if (!info.ok) return info
  // Only at the authority that it came from.
  const follows = info.value !== null && kept.course.renewAt !== null
  return obtain({
    client,
    host: kept.host,
    kept: kept.order,
    replaces: follows && kept.pair !== null ? certificateId(kept.pair.cert) : null,
    keep,
    publish: async (token, answer) => {
      const put = await store.putChallenge({ token, answer, expiresAt: clock.now() + CHALLENGE_LIFE })
      return put.ok ? ok(undefined) : fault(ours(`the answer to the challenge cannot be kept: ${put.error}`))
    },
    wait: (ms) => waited(clock, ms, signal),
    monotonic: () => clock.monotonic(),
    signal,
  })
}

function waited(clock: Clock, ms: Milliseconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
