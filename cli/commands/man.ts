import type { Command } from 'commander'
import { VERSION } from '../../src/ops/version.ts'
import { treeOf } from '../command-tree.ts'
import { runs } from '../context.ts'
import { manualOf } from '../manual.ts'

export function addManCommand(program: Command): void {
  runs(
    program.command('man').description('print the manual page: mailwok man | man -l -'),
    async ({ out }) => {
      out.plain(manualOf(treeOf(program), VERSION).trimEnd())
      return 0
    },
  )
}
