import type { Command } from 'commander'
import type { AccountRow } from '../../src/admin/admin.ts'
import { finish, runs, withAdmin } from '../context.ts'
import { listing } from '../output.ts'

export function addAccountCommands(program: Command): void {
  const account = program.command('account').description('whose mail it is, and how much of it')
  runs(
    account
      .command('add')
      .description('make an account')
      .argument('<name>')
      .option('--plan <name>', 'limits per second, see [plans]', 'unlimited'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { plan } = command.opts<{ plan: string }>()
        const done = await admin.accountAdd({ name: command.args[0] ?? '', plan })
        return finish(context, done, (row) => context.out.one(row, () => shown(row)))
      }),
  )
  runs(account.command('list').description('all accounts'), (context) =>
    withAdmin(context, async (admin) =>
      finish(context, await admin.accountList({}), (rows) =>
        context.out.rows(rows, ['name', 'plan', 'id', 'created_at']),
      ),
    ),
  )
  runs(
    account
      .command('set')
      .description('change the plan of an account')
      .argument('<name>')
      .requiredOption('--plan <name>', 'limits per second, see [plans]'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { plan } = command.opts<{ plan: string }>()
        const done = await admin.accountSetPlan({ account: command.args[0] ?? '', plan })
        return finish(context, done, (row) => context.out.one(row, () => shown(row)))
      }),
  )
}

const shown = (row: AccountRow): string =>
  listing([
    ['name', row.name],
    ['plan', row.plan],
    ['id', row.id],
  ])
