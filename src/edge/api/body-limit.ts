//
// Owns: what the body of a request may be, by its path: a batch is as large as many single sends, a message comes as it is.

import { pathOf } from './path.ts'

/** Octets of a batch (api.md B); a larger limit of single sends holds for it too. */
export const MAX_BATCH_BODY = 50_000_000

/** `maxBody`: octets, of all other requests. */
export const bodyLimit = (maxBody: number, { url }: Pick<Request, 'url'>): number =>
  maxBody < MAX_BATCH_BODY && pathOf(url) === '/v1/email/batch' ? MAX_BATCH_BODY : maxBody

/** Where a body may be a message as it is. */
export const takesMessages = ({ url }: Pick<Request, 'url'>): boolean => pathOf(url) === '/v1/email/raw'
