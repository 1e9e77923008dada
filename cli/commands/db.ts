import type { Command } from 'commander'
import { systemClock } from '../../src/ops/clock.ts'
import { connectAdmin } from '../client.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, listing } from '../output.ts'
import { becomeOwnerOf } from '../privileges.ts'
import { progressOn } from '../progress.ts'

export function addDbCommands(program: Command): void {
  const db = program.command('db').description('the store itself')
  runs(db.command('size').description('what takes the room in the store; reads all of it'), (context) =>
    withAdmin(context, async (admin) =>
      finish(context, await admin.dbSize({}), (report) =>
        context.out.one(report, () =>
          listing([
            ...report.kinds.map(({ kind, octets }) => [kind, megabytes(octets)] as const),
            ['in use', megabytes(report.used)],
            ['free on the disk', report.disk_free === null ? '' : megabytes(report.disk_free)],
          ]),
        ),
      ),
    ),
  )
  runs(
    db
      .command('check')
      .description('whether what stands in the store holds together; a node may run; ends with 3 if not')
      .option('--all', 'every body; else the newest thousand'),
    check,
  )
  runs(
    db
      .command('migrate')
      .description('bring the schema up to date, as the next start would; the node must be stopped'),
    migrate,
  )
  db.command('copy', { hidden: true })
    .description('a copy of a SQLite file that is in use; what backups are made with')
    .argument('<from>')
    .argument('<to>')
    .action(async (from: string, to: string) => {
      const { dbCopy } = await import('../../src/admin/db.ts')
      process.exitCode = dbCopy(from, to)
    })
}

async function check(context: Context, command: Command): Promise<Exit> {
  const loaded = context.load()
  if (loaded === null) return 1
  becomeOwnerOf(loaded.config.server.dataDir)
  const { dbCheck } = await import('../../src/admin/db.ts')
  const progress = progressOn(process.stderr, systemClock().monotonic)
  const done = await dbCheck(loaded.config, {
    all: command.opts<{ all?: boolean }>().all === true,
    onContents: (to) => progress.show(to),
  })
  progress.end()
  if (!done.ok) return context.out.fail(done.error)
  if (done.value.length === 0) {
    context.out.one({ ok: true, findings: [] }, () => 'all is well')
    return 0
  }
  context.out.one({ ok: false, findings: done.value }, () =>
    done.value.map(({ check: name, say }) => `${name}: ${say}`).join('\n'),
  )
  return 3
}

async function migrate(context: Context): Promise<Exit> {
  const loaded = context.load()
  if (loaded === null) return 1
  if (await connectAdmin(loaded.config.api.adminSocket))
    return context.out.fail({
      code: 'node_running',
      message: 'a node is running on this store, and has brought it up to date; stop it first',
    })
  return withAdmin(context, async (admin) =>
    finish(context, await admin.status({}), ({ store }) =>
      context.out.one({ engine: store.engine, schema: store.schema }, () => `schema ${store.schema}`),
    ),
  )
}

const megabytes = (octets: number): string => `${(octets / 1e6).toFixed(1)} MB`
