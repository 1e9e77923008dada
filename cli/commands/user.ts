import { type Command, Option } from 'commander'
import { ROLE_NAMES } from '../../src/admin/people-rows.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { listing } from '../output.ts'

export function addUserCommands(program: Command): void {
  const user = program.command('user').description('people who log in, and what they may do')
  addAdd(user)
  runs(
    user
      .command('list')
      .description('all users, by account')
      .option('--account <name>', 'of this account only'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const account = command.opts<{ account?: string }>().account ?? null
        return finish(context, await admin.userList({ account }), (rows) =>
          context.out.rows(rows, [
            'address',
            'account',
            'role',
            'state',
            'two_factor',
            'last_login_at',
            'id',
          ]),
        )
      }),
  )
  addStates(user)
  addReset(user)
  runs(
    user
      .command('role')
      .description('change what a user may do in an account')
      .argument('<address>')
      .argument('<role>', ROLE_NAMES.join(', '))
      .option('--account <name>', 'in which account', 'default'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const [address = '', role = ''] = command.args
        const { account } = command.opts<{ account: string }>()
        return finish(context, await admin.userRole({ address, role, account }), (row) =>
          context.out.one(row, () => `${row.address} is ${row.role} of ${row.account}`),
        )
      }),
  )
}

interface AddOptions {
  readonly account: string
  readonly role: string
  readonly name: string
  readonly passwordStdin?: boolean
}

function addAdd(user: Command): void {
  runs(
    user
      .command('add')
      .description('invite somebody; the link is shown here, and sent where mail leaves')
      .argument('<address>')
      .option('--account <name>', 'which account', 'default')
      .addOption(new Option('--role <role>', 'what he may do').choices([...ROLE_NAMES]).default('owner'))
      .option('--name <name>', 'what he is called', '')
      .option('--password-stdin', 'no invitation: his password is the first line of standard input'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { account, name, passwordStdin, role } = command.opts<AddOptions>()
        const password = passwordStdin === true ? await firstLine() : null
        const done = await admin.userAdd({ address: command.args[0] ?? '', account, role, name, password })
        return finish(context, done, (made) => {
          const pairs: (readonly [string, string])[] = [
            ['address', made.address],
            ['account', made.account],
            ['role', made.role],
          ]
          if (made.link !== null) pairs.push(['link', made.link])
          context.out.one(made, () => listing(pairs))
          if (made.link !== null)
            context.out.note('Whoever has the link comes in as him: hand it to him alone.')
        })
      }),
  )
}

function addStates(user: Command): void {
  const set = (context: Context, address: string, state: 'active' | 'disabled') =>
    withAdmin(context, async (admin) =>
      finish(context, await admin.userState({ address, state }), (done) =>
        context.out.one(done, () => `${done.address} is ${done.state}`),
      ),
    )
  runs(
    user.command('disable').description('he cannot log in any more; his sessions end').argument('<address>'),
    (context, command) => set(context, command.args[0] ?? '', 'disabled'),
  )
  runs(user.command('enable').description('he can log in again').argument('<address>'), (context, command) =>
    set(context, command.args[0] ?? '', 'active'),
  )
}

function addReset(user: Command): void {
  runs(
    user
      .command('reset')
      .description('a link by which he chooses a new password, for an hour')
      .argument('<address>')
      .option('--codes', 'his one-time codes are switched off as well'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const codes = command.opts<{ codes?: boolean }>().codes === true
        return finish(context, await admin.userReset({ address: command.args[0] ?? '', codes }), (made) => {
          context.out.one(made, () =>
            listing([
              ['address', made.address],
              ['link', made.link],
            ]),
          )
          context.out.note('Whoever has the link comes in as him: hand it to him alone.')
        })
      }),
  )
}

async function firstLine(): Promise<string> {
  const text = await Bun.stdin.text()
  return text.split(/\r?\n/, 1)[0] ?? ''
}
