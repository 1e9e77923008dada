//
// Owns: the proof that a peer does what its figure will claim: its mail arrives, and it is signed by keys that a
// verifier finds in the zone. A signer that cannot read its key makes Postfix refuse mail at thousands a second.

import { dkimVerify } from 'mailauth/lib/dkim/verify'
import type { Peer } from './postfix.ts'
import { until } from './processes.ts'
import { dumped, sendLoad } from './smtp-tools.ts'

const MESSAGES = 3

/**
 * The algorithms whose signatures verify on every message, such as "rsa-sha256". Throws when mail does not arrive, or
 * carries a signature that does not verify.
 */
export async function prove(peer: Peer, dump: string, size: number): Promise<readonly string[]> {
  const before = new Set(dumped(dump))
  await sendLoad({ port: peer.port, messages: MESSAGES, connections: 1, size })
  const fresh = () => dumped(dump).filter((text) => !before.has(text) && text.length > size)
  await until(`${peer.name}'s mail to arrive`, () => fresh().length >= MESSAGES, 20_000)
  const algorithms = await Promise.all(fresh().map((text) => algorithmsOf(peer, asReceived(text))))
  const [first = []] = algorithms
  if (algorithms.some((those) => those.join() !== first.join())) {
    throw new Error(`${peer.name} signs one message otherwise than the next`)
  }
  return first
}

/** The sink puts X- fields and a Received field of its own on top, and writes bare LF. */
function asReceived(text: string): Buffer {
  const ours = text.replace(
    /^(?:X-[^\n]*\n|Received: [^\n]*\n(?:[ \t][^\n]*\n)*?(?=\S))*?(?=(?:Received|DKIM-Signature):)/,
    '',
  )
  return Buffer.from(ours.replace(/\r?\n/g, '\r\n'), 'latin1')
}

async function algorithmsOf(peer: Peer, message: Buffer): Promise<readonly string[]> {
  const { results } = await dkimVerify(message, {
    resolver: async (name: string) => {
      const record = peer.records().get(name)
      if (record === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' })
      return [[record]]
    },
  })
  const signatures = results.filter((result) => result.signingDomain)
  for (const { algo, status } of signatures) {
    if (status.result !== 'pass')
      throw new Error(`${peer.name}: ${algo} says ${status.result} ${status.comment ?? ''}`)
  }
  return signatures.map(({ algo }) => algo ?? '').sort()
}
