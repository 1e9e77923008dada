import type { Command } from 'commander'
import type { StatusReport } from '../../src/admin/node-rows.ts'
import { finish, runs, withAdmin } from '../context.ts'
import { listing } from '../output.ts'

export function addStatusCommand(program: Command): void {
  runs(
    program
      .command('status')
      .description('how the node is; ends with 3 when it is not ready')
      .option('--metrics', 'all figures in the format of Prometheus'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        if (command.opts<{ metrics?: boolean }>().metrics === true) {
          return finish(context, await admin.metrics({}), (text) => context.out.plain(text))
        }
        const done = await admin.status({})
        if (!done.ok) return context.out.fail(done.error, done.error.code === 'no_store' ? 3 : 1)
        context.out.one(done.value, () => shown(done.value))
        return done.value.ready ? 0 : 3
      }),
  )
}

function shown(report: StatusReport): string {
  const { queue, sending, store } = report
  return listing([
    ['version', report.version],
    ['hostname', report.hostname],
    ['running', report.running ? `since ${report.started_at ?? ''}` : 'no: this is the store alone'],
    ['ready', report.ready],
    ...report.reasons.map((it) => [`  ${it.part}`, it.reason] as const),
    ...Object.entries(report.listeners).map(([name, where]) => [name, where] as const),
    ['queue', `${queue.waiting} waiting, ${queue.leased} under way, ${queue.held} held`],
    ...(sending.warned + sending.paused === 0
      ? []
      : [
          [
            'marketing',
            `${sending.paused} paused, ${sending.warned} near a limit: mailwok sending list`,
          ] as const,
        ]),
    [
      'store',
      `${store.engine}, schema ${store.schema}, ${megabytes(store.database_bytes)} + ${megabytes(store.wal_bytes)} log`,
    ],
  ])
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
