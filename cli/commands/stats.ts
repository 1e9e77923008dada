// Owns: `mailwok stats`.

import type { Command } from 'commander'
import type { AdminActions } from '../../src/admin/admin.ts'
import { type Context, finish, runs } from '../context.ts'
import type { Exit } from '../output.ts'
import { statsText } from '../stats-tables.ts'

/** The way to a node. */
export type StatsWay = (
  context: Context,
  work: (node: Pick<AdminActions, 'statsShow'>) => Promise<Exit>,
) => Promise<Exit>

interface Options {
  readonly account: string
  readonly from?: string
  readonly to?: string
  readonly by?: string
  readonly dimension?: string
  readonly name?: string
  readonly limit?: string
}

export function addStatsCommands(program: Command, way: StatsWay): void {
  const stats = program
    .command('stats')
    .description('what became of mail, by hour or day, or by name')
    .option('--account <name>', 'whose mail it was', 'default')
    .option('--from <time>', 'a day or a time of UTC, such as 2027-01-15')
    .option('--to <time>', 'up to, but not including it; without it up to now')
    .option('--by <span>', 'hour or day (the default)')
    .option('--dimension <what>', 'all (the default), domain, tag, stream, campaign or provider')
    .option('--name <name>', 'one of them; without it the busiest ones')
    .option('--limit <n>', 'at most so many names')
  runs(stats, (context, command) => show(context, command, way))
}

function show(context: Context, command: Command, way: StatsWay): Promise<Exit> {
  const { account, by, dimension, from, limit, name, to } = command.opts<Options>()
  const ask = {
    account,
    from: from ?? null,
    to: to ?? null,
    by: by ?? null,
    dimension: dimension ?? null,
    name: name ?? null,
    limit: limit ?? null,
  }
  return way(context, async (node) =>
    finish(context, await node.statsShow(ask), (report) => {
      context.out.one(report, () => statsText(report))
    }),
  )
}
