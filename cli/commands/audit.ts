import { type Command, InvalidArgumentError } from 'commander'
import { finish, runs, withAdmin } from '../context.ts'

interface ListOptions {
  readonly account?: string
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
  readonly after?: string
  readonly limit: number
}

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('what was done, by whom, from where')
  runs(
    audit
      .command('list')
      .description('the newest first')
      .option('--account <name>', 'of this account only')
      .option('--actor <who>', 'such as usr_…, key_…, cli:0')
      .option('--action <what>', 'such as "POST /v1/webhooks", "cli keyCreate", login')
      .option('--subject <thing>', 'to which thing')
      .option('--after <id>', 'older than this record')
      .option('--limit <number>', 'how many', count, 50),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { limit, ...given } = command.opts<ListOptions>()
        const { account = null, action = null, actor = null, after = null, subject = null } = given
        const done = await admin.auditList({ account, action, actor, after, subject, limit })
        return finish(context, done, (rows) =>
          context.out.rows(rows, ['at', 'actor', 'actor_name', 'action', 'subject', 'account', 'ip', 'note']),
        )
      }),
  )
}

function count(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= 1000) return number
  throw new InvalidArgumentError('want a whole number from 1 to 1000')
}
