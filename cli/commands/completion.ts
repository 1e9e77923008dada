import { Argument, type Command } from 'commander'
import { treeOf } from '../command-tree.ts'
import { runs } from '../context.ts'
import { completionFor, SHELLS, type Shell } from '../shell-completion.ts'

export function addCompletionCommand(program: Command): void {
  runs(
    program
      .command('completion')
      .description('print the completions of a shell; install.sh puts them in place')
      .addArgument(new Argument('<shell>').choices(SHELLS)),
    async ({ out }, command) => {
      out.plain(completionFor(command.args[0] as Shell, treeOf(program)).trimEnd())
      return 0
    },
  )
}
