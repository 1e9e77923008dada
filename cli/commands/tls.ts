import type { Command } from 'commander'
import type { TlsView } from '../../src/admin/tls-rows.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, listing, tableOf } from '../output.ts'

export function addTlsCommands(program: Command): void {
  const tls = program.command('tls').description('encryption towards receivers')
  runs(
    tls
      .command('show')
      .description('what is demanded for mail to a domain, by whom, and until when')
      .argument('<domain>', 'the domain of recipients'),
    show,
  )
}

const show = (context: Context, command: Command): Promise<Exit> =>
  withAdmin(context, async (admin) =>
    finish(context, await admin.tlsShow({ domain: command.args[0] ?? '' }), (view) =>
      context.out.one(view, () => told(view)),
    ),
  )

function told({ domain, demand, why, override, hosts, mta_sts: sts, reports_to }: TlsView): string {
  const facts = listing([
    ['domain', domain],
    ['demand', demand],
    ['why', why],
    ['override', override ?? 'none'],
    ['MTA-STS', sts === null ? 'none' : `${sts.mode}, id ${sts.id}, until ${sts.expires_at}`],
    ...(sts === null ? [] : [['MTA-STS hosts', sts.mx] as const]),
    ['reports to', reports_to.length === 0 ? 'nobody' : reports_to],
  ])
  return hosts.length === 0 ? facts : `${facts}\n\n${tableOf(hosts, ['mx', 'preference', 'demand', 'tlsa'])}`
}
