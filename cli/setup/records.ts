//
// Owns: waiting until the required records of a domain stand in the DNS: which of them came since the last look, and
// when it is over.

import type { Admin, AdminFault } from '../../src/admin/admin.ts'
import type { DnsRow, Verification } from '../../src/admin/domain-rows.ts'
import { ok, type Result } from '../../src/core/result.ts'

export interface Waiting {
  now(): number
  sleep(milliseconds: number): Promise<void>
  tell(record: DnsRow): void
  /** Milliseconds. */
  readonly patience: number
}

const FIRST_MS = 2000
const LONGEST_MS = 15_000

/** A record is told when its state is another than at the look before. */
export async function awaitRecords(
  admin: Pick<Admin, 'domainVerify'>,
  name: string,
  { now, patience, sleep, tell }: Waiting,
): Promise<Result<Verification, AdminFault>> {
  const end = now() + patience
  const told = new Map<string, string>()
  let pause = FIRST_MS
  for (;;) {
    const looked = await admin.domainVerify({ name })
    if (!looked.ok) return looked
    for (const record of looked.value.records) {
      const place = `${record.type} ${record.name} ${record.value}`
      if (told.get(place) === record.state) continue
      told.set(place, record.state)
      tell(record)
    }
    const left = end - now()
    if (looked.value.verified || left <= 0) return ok(looked.value)
    await sleep(Math.min(pause, left))
    pause = Math.min(pause * 1.5, LONGEST_MS)
  }
}
