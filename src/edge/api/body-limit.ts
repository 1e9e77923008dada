//
// Owns: how large the body of a request may be: a batch may have what many single sends have.

/** Octets of a batch (api.md B); a larger limit of single sends holds for it too. */
export const MAX_BATCH_BODY = 50_000_000

const BATCH = /^[^?#]*\/v1\/email\/batch\/?(?:[?#]|$)/

/** `maxBody`: octets, of all other requests. */
export const bodyLimit = (maxBody: number, { url }: Pick<Request, 'url'>): number =>
  maxBody < MAX_BATCH_BODY && BATCH.test(url) ? MAX_BATCH_BODY : maxBody
