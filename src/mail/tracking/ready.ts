//
// Owns: what an installation answers at `/o/ready`, so that it recognizes itself behind a name, a proxy or a balancer.

import { macOf } from './mac.ts'

export const READY_PATH = '/o/ready'

/** The same for all nodes of one master secret; of no use as a token of any other kind. */
export const readyProof = (key: Uint8Array): string =>
  `mailwok ${macOf(key, 'ready').toString('base64url', 0, 12)}\n`
