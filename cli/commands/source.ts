import type { Command } from 'commander'
import type { SourceRow } from '../../src/admin/source-rows.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, tableOf } from '../output.ts'

export function addSourceCommands(program: Command): void {
  const source = program.command('source').description('the addresses from which mail leaves')
  runs(
    source
      .command('list')
      .description('addresses, their PTR records and pools, and how warm they are')
      .option('--provider <name>', 'the warm-up at this provider, such as google'),
    list,
  )
}

const COLUMNS = ['address', 'family', 'hostname', 'ptr', 'used', 'pool', 'warm', 'cold'] as const
const WARMUP_COLUMNS = ['address', 'provider', 'state', 'day_budget', 'used_today'] as const

function list(context: Context, command: Command): Promise<Exit> {
  const provider = command.opts<{ provider?: string }>().provider ?? null
  return withAdmin(context, async (admin) =>
    finish(context, await admin.sourceList({ provider }), (rows) => {
      context.out.one(rows, () => (provider === null ? tableOf(shown(rows), COLUMNS) : warmups(rows)))
    }),
  )
}

const SYSTEM = "(the system's choice)"

const shown = (rows: readonly SourceRow[]): readonly SourceRow[] =>
  rows.map((row) => ({ ...row, address: row.address || SYSTEM }))

const warmups = (rows: readonly SourceRow[]): string =>
  tableOf(
    shown(rows).flatMap(({ address, warmups: each }) => each.map((one) => ({ ...one, address }))),
    WARMUP_COLUMNS,
  )
