//
// Owns: what an independent verifier says of a message's signatures.

import { dkimVerify } from 'mailauth/lib/dkim/verify'
import type { DnsRow } from '../../src/admin/domain-rows.ts'

export interface DkimVerdict {
  readonly algorithm: string
  readonly domain: string
  readonly result: string
}

/** `published` are the records that the operator was told to publish. */
export async function verdictsOn(
  message: Buffer,
  published: () => Promise<readonly DnsRow[]>,
  now: number,
): Promise<readonly DkimVerdict[]> {
  const rows = await published()
  const resolver = async (name: string): Promise<string[][]> => {
    const row = rows.find((each) => each.name === name && each.type === 'TXT')
    if (row) return [[row.value]]
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  }
  const { results } = await dkimVerify(message, { resolver, curTime: new Date(now + 1000) })
  return results.map((each) => ({
    algorithm: String(each.algo ?? ''),
    domain: each.signingDomain ?? '',
    result: each.status.result,
  }))
}
