import type { Command } from 'commander'
import type { QueueAsk } from '../../src/admin/admin.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, tableOf } from '../output.ts'

export function addQueueCommands(program: Command): void {
  const queue = program.command('queue').description('what waits to be delivered')
  runs(
    queue
      .command('list')
      .description('destinations with waiting mail, most first')
      .option('--limit <n>', 'at most so many', '50'),
    list,
  )
  runs(
    queue
      .command('show')
      .description('what waits for one destination')
      .argument('<destination>', 'the domain of recipients'),
    showOne,
  )
  runs(
    queue
      .command('lanes')
      .description('how hard each provider is pressed from each address, and why no harder')
      .option('--provider <name>', 'of this one'),
    lanes,
  )
  addMove(queue, 'retry', 'try waiting mail now')
  addMove(queue, 'hold', 'keep waiting mail back')
  addMove(queue, 'release', 'let held mail go on')
  addMove(queue, 'drop', 'cancel waiting or held mail for good')
  runs(queue.command('flush').description('try everything now'), (context) =>
    move(context, { command: 'retry', message: null, destination: null, account: null, key: null }),
  )
}

/** Beyond this nobody reads; the store answers with the longest ones first. */
const EVERYTHING = 10_000
const COLUMNS = ['destination', 'provider', 'waiting', 'next_due_at'] as const

function list(context: Context, command: Command): Promise<Exit> {
  const limit = Number(command.opts<{ limit: string }>().limit)
  if (!Number.isInteger(limit) || limit < 1) {
    return Promise.resolve(context.out.fail({ code: 'usage', message: '--limit wants a whole number' }, 2))
  }
  return withAdmin(context, async (admin) =>
    finish(context, await admin.queueOverview({ limit }), (report) => {
      context.out.one(report, () => tableOf(report.destinations, COLUMNS))
      context.out.note(`\n${report.waiting} waiting, ${report.leased} under way, ${report.held} held`)
    }),
  )
}

const LANE_COLUMNS = [
  'provider',
  'source',
  'state',
  'connections',
  'limit',
  'per_second',
  'waiting',
  'delivered',
  'deferred',
  'paused_until',
  'why',
] as const

function lanes(context: Context, command: Command): Promise<Exit> {
  const { provider } = command.opts<{ provider?: string }>()
  return withAdmin(context, async (admin) =>
    finish(context, await admin.queueLanes({ provider: provider ?? null }), (rows) =>
      context.out.rows(rows, LANE_COLUMNS),
    ),
  )
}

function showOne(context: Context, command: Command): Promise<Exit> {
  return withAdmin(context, async (admin) => {
    const report = await admin.queueOverview({ limit: EVERYTHING })
    if (!report.ok) return context.out.fail(report.error)
    const rows = report.value.destinations.filter((row) => row.destination === command.args[0])
    context.out.rows(rows, COLUMNS)
    return 0
  })
}

interface Filter {
  readonly message?: string
  readonly destination?: string
  readonly account?: string
  readonly key?: string
  readonly all?: boolean
}

function addMove(queue: Command, name: QueueAsk['command'], about: string): void {
  const command = queue
    .command(name)
    .description(about)
    .option('--message <id>', 'of this message')
    .option('--destination <domain>', 'for this domain')
    .option('--account <name>', 'of this account')
    .option('--key <id>', 'queued with this key')
    .option('--all', 'all of it')
  runs(command, (context) => {
    const { message, destination, account, key, all } = command.opts<Filter>()
    if (all !== true && !message && !destination && !account && !key) {
      const say = `say which: --message, --destination, --account, --key, or --all`
      return Promise.resolve(context.out.fail({ code: 'usage', message: say }, 2))
    }
    return move(context, {
      command: name,
      message: message ?? null,
      destination: destination ?? null,
      account: account ?? null,
      key: key ?? null,
    })
  })
}

function move(context: Context, ask: QueueAsk): Promise<Exit> {
  return withAdmin(context, async (admin) =>
    finish(context, await admin.queueCommand(ask), (moved) =>
      context.out.one(moved, () => `${moved.moved} deliveries: ${ask.command}`),
    ),
  )
}
