import { type Command, Option } from 'commander'
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
          context.out.rows(rows, [
            'name',
            'account',
            'verified',
            'checked_at',
            'track_opens',
            'track_clicks',
            'missing',
          ]),
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
  addTrack(domain)
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

function addTrack(domain: Command): void {
  const wanted = (word: string | undefined): boolean | null => (word === undefined ? null : word === 'on')
  const onOff = (flags: string, about: string): Option => new Option(flags, about).choices(['on', 'off'])
  runs(
    domain
      .command('track')
      .description('switch the counting of opens and clicks, and see where links of its mail lead')
      .argument('<name>')
      .addOption(onOff('--opens <on|off>', 'a pixel in html mail that asks for it'))
      .addOption(onOff('--clicks <on|off>', 'links that lead over this host')),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { opens, clicks } = command.opts<{ opens?: string; clicks?: string }>()
        const name = command.args[0] ?? ''
        const done = await admin.domainTrack({ name, opens: wanted(opens), clicks: wanted(clicks) })
        return finish(context, done, (row) =>
          context.out.rows([row], ['name', 'opens', 'clicks', 'base', 'why']),
        )
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
