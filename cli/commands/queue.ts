import type { Command } from 'commander'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, tableOf } from '../output.ts'
import { addMoves } from './queue-move.ts'

export function addQueueCommands(program: Command): void {
  const queue = program.command('queue').description('what waits to be delivered')
  runs(
    queue
      .command('list')
      .description('domains with waiting mail, most first, with the last words of the receiver')
      .option('--held', 'what is held instead')
      .option('--limit <n>', 'at most so many', '50'),
    list,
  )
  runs(
    queue
      .command('show')
      .description('what waits of one message, or for one domain')
      .argument('<message or domain>', 'msg_…, or the domain of recipients'),
    showOne,
  )
  runs(
    queue
      .command('lanes')
      .description('how hard each provider is pressed from each address, and why no harder')
      .option('--provider <name>', 'of this one'),
    lanes,
  )
  addMoves(queue)
}

/** Beyond this nobody reads; the store answers with the longest ones first. */
const EVERYTHING = 10_000
const COLUMNS = ['destination', 'provider', 'waiting', 'next_due_at', 'last_error'] as const

function list(context: Context, command: Command): Promise<Exit> {
  const { held, ...given } = command.opts<{ limit: string; held?: boolean }>()
  const limit = Number(given.limit)
  if (!Number.isInteger(limit) || limit < 1) {
    return Promise.resolve(context.out.fail({ code: 'usage', message: '--limit wants a whole number' }, 2))
  }
  return withAdmin(context, async (admin) =>
    finish(context, await admin.queueOverview({ limit }), (report) => {
      const { destinations, held_for } = report
      context.out.one(report, () =>
        held === true ? tableOf(held_for, ['destination', 'held']) : tableOf(destinations, COLUMNS),
      )
      const look = report.held > 0 && held !== true ? ' (`mailwok queue list --held` shows for whom)' : ''
      context.out.note(`\n${report.waiting} waiting, ${report.leased} under way, ${report.held} held${look}`)
      const { messages, next_at } = report.scheduled
      if (messages > 0) context.out.note(`${messages} scheduled messages among them, the next at ${next_at}`)
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
  'not_taken',
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
  const name = command.args[0] ?? ''
  return name.startsWith('msg_') ? showMessage(context, name) : showDomain(context, name.toLowerCase())
}

function showDomain(context: Context, name: string): Promise<Exit> {
  return withAdmin(context, async (admin) =>
    finish(context, await admin.queueOverview({ limit: EVERYTHING }), (report) => {
      const rows = report.destinations.filter((row) => row.destination === name)
      context.out.rows(rows, COLUMNS)
      const held = report.held_for.find((row) => row.destination === name)?.held ?? 0
      if (held > 0) context.out.note(`\n${held} held for ${name}`)
    }),
  )
}

const WAITING_COLUMNS = ['recipient', 'state', 'attempts', 'due_at', 'last_error'] as const

function showMessage(context: Context, id: string): Promise<Exit> {
  return withAdmin(context, async (admin) =>
    finish(context, await admin.messageShow({ id }), ({ deliveries, attempts }) => {
      const waiting = deliveries.filter(({ state }) => state === 'queued' || state === 'held')
      const rows = waiting.map((it) => ({
        ...it,
        last_error: attempts.findLast((attempt) => attempt.delivery_id === it.id)?.diagnostic ?? null,
      }))
      context.out.rows(rows, WAITING_COLUMNS)
    }),
  )
}
