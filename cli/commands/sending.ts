// Owns: `mailwok sending`: whose marketing mail is near a limit or paused, and letting it go on.

import type { Command } from 'commander'
import { finish, runs, withAdmin } from '../context.ts'

export function addSendingCommands(program: Command): void {
  const sending = program.command('sending').description('whose marketing mail is near a limit, or paused')
  runs(
    sending
      .command('list')
      .description('accounts, domains and streams that are warned, paused or were resumed, and why')
      .option('--account <name>', 'of this account only'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const account = command.opts<{ account?: string }>().account ?? null
        return finish(context, await admin.sendingList({ account }), (rows) =>
          context.out.rows(rows, ['account', 'kind', 'name', 'state', 'since', 'reason']),
        )
      }),
  )
  runs(
    sending
      .command('resume')
      .description('let paused marketing mail go on; from now on only what happens anew counts')
      .argument('<name>', 'the domain, the stream, or the account')
      .option('--account <name>', 'whose it is, where several have one of that name'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const account = command.opts<{ account?: string }>().account ?? null
        const done = await admin.sendingResume({ name: command.args[0] ?? '', account })
        return finish(context, done, (row) =>
          context.out.one(row, () => `marketing mail of ${row.name} goes on`),
        )
      }),
  )
}
