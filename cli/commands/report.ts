import type { Command } from 'commander'
import type { DmarcBody, ReportView, TlsBody } from '../../src/admin/inbound-rows.ts'
import { finish, runs, withAdmin } from '../context.ts'
import { listing, tableOf } from '../output.ts'

const DEFAULT_LIMIT = 50
const KINDS = ['dmarc', 'tls'] as const

export function addReportCommands(program: Command): void {
  const report = program.command('report').description('what receivers report about mail in your names')
  runs(
    report
      .command('list')
      .description('DMARC aggregate and TLS reports, the last received first')
      .option('--domain <name>', 'about this domain only')
      .option('--kind <kind>', 'dmarc or tls')
      .option('--limit <number>', 'so many at most', String(DEFAULT_LIMIT)),
    async (context, command) => {
      // Before any store is opened for it.
      const { domain = null, kind: named, limit } = command.opts<Asked>()
      const kind = KINDS.find((one) => one === named) ?? null
      if (named !== undefined && kind === null) {
        return context.out.fail({ code: 'usage', message: `--kind is ${named}; want dmarc or tls` }, 2)
      }
      if (!/^[1-9]\d{0,3}$/.test(limit)) {
        return context.out.fail({ code: 'usage', message: `--limit is ${limit}; want 1 to 9999` }, 2)
      }
      const ask = { domain: domain?.toLowerCase() ?? null, kind, limit: Number(limit) }
      return withAdmin(context, async (admin) =>
        finish(context, await admin.reportList(ask), (rows) =>
          context.out.rows(rows, ['id', 'kind', 'domain', 'organization', 'from', 'to', 'passed', 'failed']),
        ),
      )
    },
  )
  runs(
    report.command('weekly').description('the week as it is written to the operator, before it is sent'),
    (context) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.weeklyReport({}), (view) => context.out.one(view, () => view.text)),
      ),
  )
  runs(report.command('show').description('one report with its rows').argument('<id>'), (context, command) =>
    withAdmin(context, async (admin) =>
      finish(context, await admin.reportShow({ id: command.args[0] ?? '' }), (view) =>
        context.out.one(view, () => shown(view)),
      ),
    ),
  )
}

interface Asked {
  readonly domain?: string
  readonly kind?: string
  readonly limit: string
}

function shown(view: ReportView): string {
  const head = listing([
    ['kind', view.kind],
    ['domain', view.domain],
    ['reporter', view.organization],
    ['report', view.report_id],
    ['from', view.from],
    ['to', view.to],
    ['passed', String(view.passed)],
    ['failed', String(view.failed)],
  ])
  return `${head}\n\n${view.kind === 'dmarc' ? dmarcTable(view) : tlsTables(view)}`
}

const dmarcTable = ({ body }: ReportView): string => {
  const { rows } = body as DmarcBody
  const columns = ['source_ip', 'count', 'disposition', 'dkim', 'spf', 'header_from', 'reasons'] as const
  return tableOf(rows, columns)
}

const tlsTables = ({ body }: ReportView): string => {
  const { policies } = body as TlsBody
  const failures = policies.flatMap((policy) => policy.failures)
  const tables = [tableOf(policies, ['policy_domain', 'policy_type', 'mx_host', 'successful', 'failed'])]
  if (failures.length > 0) {
    tables.push(tableOf(failures, ['result_type', 'receiving_mx', 'receiving_ip', 'sending_mta_ip', 'count']))
  }
  return tables.join('\n\n')
}
