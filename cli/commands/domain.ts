import { type Command, Option } from 'commander'
import type { DnsRow, FindingRow, Verification } from '../../src/admin/domain-rows.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { tableOf } from '../output.ts'
import { dataOf, ZONE_FORMATS, type ZoneFormat, zoneText } from '../zone-lines.ts'
import { addDomainKeyCommands } from './domain-keys.ts'

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
            'status',
            'checked_at',
            'track_opens',
            'track_clicks',
            'missing',
          ]),
        )
      }),
  )
  addDns(domain)
  addVerify(domain)
  addTrack(domain)
  addRemove(domain)
  addDomainKeyCommands(domain)
}

function addDns(domain: Command): void {
  runs(
    domain
      .command('dns')
      .description('print the DNS records of a domain again')
      .argument('<name>')
      .addOption(new Option('--format <form>', 'as which panel or server takes it in').choices(ZONE_FORMATS)),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { format } = command.opts<{ readonly format?: ZoneFormat }>()
        return finish(context, await admin.domainDns({ name: command.args[0] ?? '' }), (records) => {
          if (format === undefined || format === 'json' || context.wantsJson)
            showRecords(context, records, format === 'json')
          else context.out.plain(zoneText(records, format))
        })
      }),
  )
}

function addVerify(domain: Command): void {
  runs(
    domain.command('verify').description('look the DNS records of a domain up').argument('<name>'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const done = await admin.domainVerify({ name: command.args[0] ?? '' })
        if (!done.ok) return context.out.fail(done.error)
        const { name, verified } = done.value
        context.out.one(done.value, () => verificationText(done.value))
        context.out.note(verified ? `\n${name} is verified.` : `\n${name} is not verified yet.`)
        return verified ? 0 : 3
      }),
  )
}

/** What is not right in sentences, behind a table of everything. */
function verificationText({ checks }: Verification): string {
  const table = tableOf(checks, ['state', 'required', 'type', 'name', 'check'])
  const open = checks.filter(({ fix, state }) => state !== 'ok' && fix !== '')
  return open.length === 0 ? table : `${table}\n\n${open.map(sentences).join('\n\n')}`
}

const sentences = ({ fix, message, required }: FindingRow): string =>
  `${required ? '!' : '-'} ${message}\n  ${fix}`

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

function addRemove(domain: Command): void {
  runs(
    domain
      .command('remove')
      .description('nobody may send as it any more; what was accepted before is delivered and signed')
      .argument('<name>'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const done = await admin.domainRemove({ name: command.args[0] ?? '' })
        return finish(context, done, (row) => {
          context.out.one(row, () => `${row.name} is removed.`)
          context.out.note(
            `Leave its DKIM records until ${row.publish_until}: they prove mail that is on its way.`,
          )
        })
      }),
  )
}

/** In the notation of zone files (RFC 1035 §5.1). Values are to be copied whole: a table would break them. */
function showRecords(context: Context, records: readonly DnsRow[], asJson = false): void {
  if (asJson) context.out.plain(JSON.stringify(records, null, 2))
  else context.out.one(records, () => records.map(zoneLines).join('\n\n'))
}

function zoneLines(record: DnsRow): string {
  return [
    `; ${record.purpose}${record.required ? '' : ' (optional)'}`,
    ...(record.state === 'unchecked' ? [] : [`; ${record.state}: ${record.message}`]),
    `; where only a name in the zone is asked for: ${record.relative_name}`,
    `${record.name}. ${record.type} ${dataOf(record)}`,
  ].join('\n')
}
