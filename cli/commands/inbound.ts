import type { Command } from 'commander'
import type { MadeInboundRoute } from '../../src/admin/inbound-rows.ts'
import { finish, runs, withAdmin } from '../context.ts'
import { listing } from '../output.ts'

export function addInboundCommands(program: Command): void {
  const inbound = program.command('inbound').description('mail from outside to addresses of yours')
  const route = inbound.command('route').description('where mail for an address goes')
  addAdd(route)
  runs(
    route.command('list').description('all routes').option('--account <name>', 'of this account only'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const account = command.opts<{ account?: string }>().account ?? null
        return finish(context, await admin.inboundRouteList({ account }), (rows) =>
          context.out.rows(rows, ['pattern', 'action', 'target', 'state', 'account', 'created_at']),
        )
      }),
  )
  runs(
    route
      .command('open')
      .description('a webhook that answered 410 is there again: take mail for it')
      .argument('<address>'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.inboundRouteOpen({ pattern: command.args[0] ?? '' }), (opened) =>
          context.out.one(opened, () => `mail for ${opened.pattern} is taken again`),
        ),
      ),
  )
  runs(route.command('remove').description('take a route away').argument('<address>'), (context, command) =>
    withAdmin(context, async (admin) =>
      finish(context, await admin.inboundRouteRemove({ pattern: command.args[0] ?? '' }), (removed) =>
        context.out.one(removed, () => `no route for ${removed.pattern} any more`),
      ),
    ),
  )
}

function addAdd(route: Command): void {
  runs(
    route
      .command('add')
      .description('forward mail for an address, or post it to a webhook')
      .argument('<address>', 'support@example.com, or *@example.com for what no other route takes')
      .option('--forward <address>', 'send it on, attached to a message of ours')
      .option('--webhook <url>', 'post it as JSON, signed with a secret that is shown once')
      .option('--account <name>', 'whose route it is', 'default'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const asked = command.opts<{ forward?: string; webhook?: string; account: string }>()
        const target = asked.forward ?? asked.webhook
        if (target === undefined || (asked.forward !== undefined && asked.webhook !== undefined)) {
          return context.out.fail({ code: 'usage', message: 'want either --forward or --webhook' }, 2)
        }
        const action = asked.forward === undefined ? 'webhook' : 'forward'
        const pattern = command.args[0] ?? ''
        const made = await admin.inboundRouteAdd({ account: asked.account, pattern, action, target })
        return finish(context, made, (row) => {
          context.out.one(row, () => shown(row))
          if (row.secret !== null) context.out.note('\nKeep the secret: it is not shown again.')
        })
      }),
  )
}

const shown = (row: MadeInboundRoute): string =>
  listing([
    ['address', row.pattern],
    [row.action, row.target],
    ...(row.secret === null ? [] : [['secret', row.secret] as [string, string]]),
  ])
