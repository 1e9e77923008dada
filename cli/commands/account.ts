import type { Command } from 'commander'
import type { AccountReport, AccountRow, UseRow } from '../../src/admin/account-rows.ts'
import type { AdminActions } from '../../src/admin/admin.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { listing } from '../output.ts'

export function addAccountCommands(program: Command): void {
  const account = program.command('account').description('whose mail it is, and how much of it')
  runs(
    account
      .command('add')
      .description('make an account')
      .argument('<name>')
      .option('--plan <name>', 'limits, see [plans]', 'unlimited'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { plan } = command.opts<{ plan: string }>()
        return tell(context, await admin.accountAdd({ name: command.args[0] ?? '', plan }))
      }),
  )
  runs(account.command('list').description('all accounts'), (context) =>
    withAdmin(context, async (admin) =>
      finish(context, await admin.accountList({}), (rows) =>
        context.out.rows(rows, ['name', 'plan', 'state', 'id', 'created_at']),
      ),
    ),
  )
  runs(
    account.command('show').description('plan, what it has sent, state, settings').argument('<name>'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.accountShow({ account: command.args[0] ?? '' }), (row) =>
          context.out.one(row, () => listing(reported(row))),
        ),
      ),
  )
  addSet(account)
  addStates(account)
}

function addSet(account: Command): void {
  runs(
    account
      .command('set')
      .description('change the plan or the name of an account')
      .argument('<name>')
      .option('--plan <name>', 'limits, see [plans]')
      .option('--name <name>', 'what it is called from now on'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { name, plan } = command.opts<{ name?: string; plan?: string }>()
        const named = command.args[0] ?? ''
        if (plan === undefined && name === undefined) {
          command.error('error: want --plan or --name')
        }
        const set = plan === undefined ? null : await admin.accountSetPlan({ account: named, plan })
        if (set?.ok === false || name === undefined)
          return tell(context, set ?? (await nothing(admin, named)))
        return tell(context, await admin.accountRename({ account: named, name }))
      }),
  )
}

const nothing = (admin: AdminActions, account: string) => admin.accountShow({ account })

function addStates(account: Command): void {
  runs(
    account
      .command('suspend')
      .description('it accepts no mail; what it has queued waits')
      .argument('<name>')
      .requiredOption('--reason <text>', 'what it is told'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { reason } = command.opts<{ reason: string }>()
        return tell(context, await admin.accountSuspend({ account: command.args[0] ?? '', reason }))
      }),
  )
  runs(
    account.command('resume').description('it may send again, and what waited goes out').argument('<name>'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        tell(context, await admin.accountResume({ account: command.args[0] ?? '' })),
      ),
  )
  runs(
    account
      .command('remove')
      .description('delete an account with everything it has; nothing brings it back')
      .argument('<name>')
      .requiredOption('--confirm <name>', 'its name again'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { confirm } = command.opts<{ confirm: string }>()
        const done = await admin.accountRemove({ account: command.args[0] ?? '', confirm })
        if (done.ok) context.out.note('A running node takes away what it has, bit by bit.')
        return tell(context, done)
      }),
  )
}

const tell = (context: Context, done: Parameters<typeof finish<AccountRow>>[1]) =>
  finish(context, done, (row) => context.out.one(row, () => listing(shown(row))))

const shown = (row: AccountRow): [string, string][] => [
  ['name', row.name],
  ['plan', row.plan],
  ['state', row.reason === '' ? row.state : `${row.state}: ${row.reason}`],
  ['id', row.id],
]

const reported = (row: AccountReport): [string, string][] => [
  ...shown(row),
  ['requests/s', row.limits.api_per_second === null ? 'unlimited' : String(row.limits.api_per_second)],
  ['mails/s', row.limits.mail_per_second === null ? 'unlimited' : String(row.limits.mail_per_second)],
  ['domains', row.limits.max_domains === null ? 'unlimited' : `at most ${row.limits.max_domains}`],
  ['this day', used(row.usage.day)],
  ['this month', used(row.usage.month)],
  ['time zone', row.settings.time_zone],
  ['contact', row.settings.contact ?? 'nobody'],
]

const used = ({ left, limit, mails, renews_at }: UseRow): string =>
  limit === null
    ? `${mails} mails, without limit`
    : `${mails} of ${limit} mails, ${left} left; renews ${renews_at.slice(0, 10)}`
