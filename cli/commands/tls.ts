import type { Command } from 'commander'
import type { CertificateRow } from '../../src/admin/certificate-rows.ts'
import type { TlsView } from '../../src/admin/tls-rows.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, listing, tableOf } from '../output.ts'

export function addTlsCommands(program: Command): void {
  const tls = program.command('tls').description('our certificates, and encryption towards receivers')
  runs(
    tls
      .command('show')
      .description('what is demanded for mail to a domain, by whom, and until when')
      .argument('<domain>', 'the domain of recipients'),
    show,
  )
  runs(
    tls
      .command('list')
      .description('our certificates: issuer, end, next renewal, what went wrong and what to do'),
    list,
  )
  runs(
    tls
      .command('renew')
      .description('order a new certificate now, within the limits of the authority')
      .argument('[name]', 'one host; all of them where it is left out'),
    renew,
  )
}

const list = (context: Context): Promise<Exit> =>
  withAdmin(context, async (admin) =>
    finish(context, await admin.tlsList({}), (rows) => context.out.one(rows, () => listed(rows))),
  )

const renew = (context: Context, command: Command): Promise<Exit> =>
  withAdmin(context, async (admin) =>
    finish(context, await admin.tlsRenew({ name: command.args[0] ?? null }), (renewal) =>
      context.out.one(renewal, () =>
        renewal.ordered.length === 0
          ? 'Nothing is ordered: the authority would refuse it now. See mailwok tls list.'
          : `Ordered at the next look: ${renewal.ordered.join(', ')}. See mailwok tls list.`,
      ),
    ),
  )

function listed(rows: readonly CertificateRow[]): string {
  const table = tableOf(rows, ['host', 'state', 'issuer', 'expires_at', 'renews_at'])
  const faults = rows.flatMap(({ host, error, fix }) =>
    error === null ? [] : [`${host}: ${error}\n  ${fix ?? ''}`],
  )
  return [table, ...faults].join('\n\n')
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
