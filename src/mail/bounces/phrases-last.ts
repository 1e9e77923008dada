//
// Owns: words that say that something went wrong and not what: they decide when nothing else does. One phrase a line,
// lower-case; `*` is anything between.

import { phrases } from './phrase.ts'

export const SYSTEM_AT_LAST = phrases(`
  temporary failure
  temporary error
  temporarily unavailable
  service unavailable
  service currently unavailable
  service not available
  service is unavailable
  unexpected error
  unknown error
  unspecified error
  please try later
  try again later
  try later
  unable to process
  unable to accept
  error in processing
  aborted
  can't be accepted
`)

/** What stands below another reason: the last word of a queue, not why. */
export const EXPIRED_AT_LAST = phrases(`
  too long
  too old
  giving up
  gave up
  been in the queue
  no longer try
  not going to try again
`)
