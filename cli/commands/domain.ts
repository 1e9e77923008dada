import type { Command } from 'commander'
import type { DnsRow } from '../../src/admin/admin.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { tableOf } from '../output.ts'

export function addDomainCommands(program: Command): void {
  const domain = program.command('domain').description('domains that may send')
  runs(
    domain
      .command('add')
      .description('make keys for a domain and print the DNS records to publish')
      .argument('<name>')
      .option('--account <name>', 'whose domain it is', 'default'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { account } = command.opts<{ account: string }>()
        const name = command.args[0] ?? ''
        return finish(context, await admin.domainAdd({ name, account }), (records) => {
          showRecords(context, records)
          context.out.note(`\nPublish these, then run: mailwok domain verify ${name}`)
        })
      }),
  )
  runs(
    domain.command('list').description('all domains').option('--account <name>', 'of this account only'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const account = command.opts<{ account?: string }>().account ?? null
        return finish(context, await admin.domainList({ account }), (rows) =>
          context.out.rows(rows, ['name', 'account', 'verified', 'checked_at', 'missing']),
        )
      }),
  )
  runs(
    domain.command('dns').description('print the DNS records of a domain again').argument('<name>'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.domainDns({ name: command.args[0] ?? '' }), (records) =>
          showRecords(context, records),
        ),
      ),
  )
  addVerify(domain)
}

function addVerify(domain: Command): void {
  runs(
    domain.command('verify').description('look the DNS records of a domain up').argument('<name>'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const done = await admin.domainVerify({ name: command.args[0] ?? '' })
        if (!done.ok) return context.out.fail(done.error)
        const { name, verified, records } = done.value
        context.out.one(done.value, () => tableOf(records, ['seen', 'required', 'type', 'name', 'purpose']))
        context.out.note(verified ? `\n${name} is verified.` : `\n${name} is not verified yet.`)
        return verified ? 0 : 3
      }),
  )
}

/** In the notation of zone files (RFC 1035 §5.1). Values are to be copied whole: a table would break them. */
function showRecords(context: Context, records: readonly DnsRow[]): void {
  context.out.one(records, () => records.map(zoneLines).join('\n\n'))
}

function zoneLines(record: DnsRow): string {
  const value =
    record.type === 'TXT' ? record.strings.map((piece) => `"${piece}"`).join(' ') : `${record.value}.`
  return [
    `; ${record.purpose}${record.required ? '' : ' (optional)'}`,
    `; where only a name in the zone is asked for: ${record.relative_name}`,
    `${record.name}. ${record.type} ${value}`,
  ].join('\n')
}
