import { type Command, Option } from 'commander'
import type { RevokeAsk } from '../../src/admin/admin.ts'
import { finish, runs, withAdmin } from '../context.ts'
import { listing } from '../output.ts'

export function addKeyCommands(program: Command): void {
  const key = program
    .command('key')
    .description('API keys: for REST as bearer, for SMTP as user and password')
  addCreate(key)
  runs(
    key.command('list').description('all keys, by prefix').option('--account <name>', 'of this account only'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const account = command.opts<{ account?: string }>().account ?? null
        return finish(context, await admin.keyList({ account }), (rows) =>
          context.out.rows(rows, ['prefix', 'name', 'account', 'mode', 'last_used_at', 'revoked_at', 'id']),
        )
      }),
  )
  addRevoke(key)
}

interface CreateOptions {
  readonly account: string
  readonly name: string
  readonly test?: boolean
}

function addCreate(key: Command): void {
  runs(
    key
      .command('create')
      .description('make a key; it is shown this once')
      .option('--account <name>', 'whose key it is', 'default')
      .option('--name <name>', 'what lists show', 'cli')
      .option('--test', 'accepts everything and delivers nothing'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { account, name, test } = command.opts<CreateOptions>()
        const done = await admin.keyCreate({ account, name, mode: test === true ? 'test' : 'live' })
        return finish(context, done, (made) => {
          const pairs = [
            ['key', made.key],
            ['id', made.id],
            ['account', made.account],
          ] as const
          context.out.one(made, () => listing(pairs))
          context.out.note('Keep the key now: it is not shown again.')
        })
      }),
  )
}

function addRevoke(key: Command): void {
  runs(
    key
      .command('revoke')
      .description('from now on the key opens nothing')
      .argument('<key>', 'its id or its prefix')
      .addOption(
        new Option('--queued <what>', 'mail it queued that is not under way')
          .choices(['keep', 'hold', 'drop'])
          .default('keep'),
      ),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { queued } = command.opts<Pick<RevokeAsk, 'queued'>>()
        const done = await admin.keyRevoke({ key: command.args[0] ?? '', queued })
        return finish(context, done, (revoked) =>
          context.out.one(revoked, () => {
            const mail = queued === 'keep' ? '' : `; what it queued: ${queued}`
            return `${revoked.id} ${revoked.revoked ? 'is revoked' : 'was revoked before'}${mail}`
          }),
        )
      }),
  )
}
