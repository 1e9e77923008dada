//
// Owns: a trial: a test whose name is a claim, with a bound in time, and the parts of the system that it needs by name.

import { test } from 'bun:test'

export interface Trial {
  readonly claim: string
  /** Milliseconds. */
  readonly within: number
  /** What may be missing on a machine: then the trial is skipped, or fails under MAILWOK_TEST_ALL=1. */
  readonly needs: Readonly<Record<string, boolean>>
}

/** Ends the node with us, whatever ends us. */
export const SETPRIV = { setpriv: Bun.which('setpriv') !== null }

export function trial({ claim, within, needs }: Trial, run: () => Promise<void>): void {
  const missing = Object.entries(needs).flatMap(([part, isPresent]) => (isPresent ? [] : [part]))
  if (missing.length === 0) test(claim, run, within)
  else if (process.env['MAILWOK_TEST_ALL'] === '1') {
    test(claim, () => {
      throw new Error(`missing: ${missing.join(', ')}; MAILWOK_TEST_ALL=1 wants every test to run`)
    })
  } else test.skip(`${claim} (skipped, missing: ${missing.join(', ')})`, run)
}
