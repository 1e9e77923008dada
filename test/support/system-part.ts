//
// Owns: tests that need a part of the system which not every machine has. They say so by name.

import { test } from 'bun:test'

/** A skip is a failure where every part is promised, as in .ci/run. */
const WANT_ALL = process.env['MAILWOK_TEST_ALL'] === '1'

export function testWith(
  part: string,
  present: boolean,
  name: string,
  run: () => Promise<void> | void,
): void {
  if (present) test(name, run)
  else if (WANT_ALL) {
    test(name, () => {
      throw new Error(`${part} is missing, and MAILWOK_TEST_ALL=1 wants every test to run`)
    })
  } else test.skip(`${name} (skipped: ${part} is missing)`, run)
}

/** True when the command starts and ends with 0. */
export function runs(...command: readonly string[]): boolean {
  try {
    return Bun.spawnSync([...command], { stdout: 'ignore', stderr: 'ignore' }).exitCode === 0
  } catch {
    return false
  }
}
