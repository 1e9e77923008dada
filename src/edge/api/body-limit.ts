//
// Owns: what the body of a request may be, by its path: a batch is as large as many single sends, a message comes as it is.

/** Octets of a batch (api.md B); a larger limit of single sends holds for it too. */
export const MAX_BATCH_BODY = 50_000_000

const BATCH = /^[^?#]*\/v1\/email\/batch\/?(?:[?#]|$)/

/** `maxBody`: octets, of all other requests. */
export const bodyLimit = (maxBody: number, { url }: Pick<Request, 'url'>): number =>
  maxBody < MAX_BATCH_BODY && BATCH.test(url) ? MAX_BATCH_BODY : maxBody

const RAW = /^[^?#]*\/v1\/email\/raw\/?(?:[?#]|$)/

/** Where a body may be a message as it is. */
export const takesMessages = ({ url }: Pick<Request, 'url'>): boolean => RAW.test(url)
