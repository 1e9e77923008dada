//
// Owns: what an operator is told of certificates, and asking for a new one before its time.

import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'
import type { CertificateStore } from '../../store/certificate-store.ts'
import type { StoreFault } from '../../store/store-fault.ts'
import { type CourseFault, refusedUntil } from './course.ts'
import { keptOf, leafFacts, type Seals } from './kept.ts'

export interface TellingParts {
  readonly store: CertificateStore
  readonly seals: Seals
  readonly clock: Clock
  readonly directory: string
}

export interface ToldCertificate {
  readonly host: string
  /** Null: none came yet. */
  readonly issuer: string | null
  readonly notAfter: Milliseconds | null
  /** When the next order goes out; null: as soon as a node looks. */
  readonly nextAt: Milliseconds | null
  /** Why the authority wants it early, a page of its. */
  readonly why: string | null
  /** Null: the last order went well. */
  readonly fault: CourseFault | null
}

export async function toldCertificates({
  store,
  seals,
  clock,
  directory,
}: TellingParts): Promise<readonly ToldCertificate[]> {
  const now = clock.now()
  return (await store.all()).map((row) => {
    const { host, pair, course, wantedAt } = keptOf(row, directory, seals)
    const facts = leafFacts(pair)
    const waits = Math.max(course.nextTryAt, course.limitedUntil)
    const next = wantedAt > 0 ? 0 : Math.max(waits, course.renewAt ?? 0)
    return {
      host,
      issuer: facts?.issuer ?? null,
      notAfter: facts?.notAfter ?? null,
      nextAt: next > now ? next : null,
      why: course.why,
      fault: course.fault,
    }
  })
}

export type WantFault =
  | { readonly kind: 'unknown-host' }
  /** The authority would refuse it. */
  | { readonly kind: 'too-soon'; readonly host: string; readonly until: Milliseconds; readonly why: string }
  | { readonly kind: 'store'; readonly error: StoreFault }

/** `host` null: all of them. What was asked for, a node orders at its next look. */
export async function wantCertificates(
  { store, seals, clock, directory }: TellingParts,
  host: string | null,
): Promise<Result<readonly string[], WantFault>> {
  const now = clock.now()
  const rows = (await store.all()).filter((row) => host === null || row.host === host)
  if (rows.length === 0) return fault({ kind: 'unknown-host' })
  const asked: string[] = []
  for (const row of rows) {
    const refused = refusedUntil(keptOf(row, directory, seals).course, true, now)
    if (refused !== null) {
      if (host !== null) return fault({ kind: 'too-soon', host, ...refused })
      continue
    }
    const wanted = await store.want(row.host, now)
    if (!wanted.ok) return fault({ kind: 'store', error: wanted.error })
    asked.push(row.host)
  }
  return ok(asked)
}
