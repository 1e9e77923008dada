import type { Command } from 'commander'
import { COMMIT, VERSION } from '../../src/ops/version.ts'
import { runs } from '../context.ts'

export function addVersionCommand(program: Command): void {
  runs(program.command('version').description('which version this is'), async ({ out }) => {
    const facts = { version: VERSION, commit: COMMIT || null, runtime: `bun ${Bun.version}` }
    out.one(facts, () => `mailwok ${VERSION}${COMMIT ? ` (${COMMIT})` : ''}, ${facts.runtime}`)
    return 0
  })
}
