import type { Command } from 'commander'
import type { BackupReport } from '../../src/admin/node-rows.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { connectAdmin } from '../client.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import type { Exit } from '../output.ts'
import { becomeOwnerOf } from '../privileges.ts'
import { type Progress, progressOn } from '../progress.ts'

export function addBackupCommands(program: Command): void {
  const backup = program.command('backup').description('copies of everything that must survive')
  runs(
    backup
      .command('create')
      .description('store, master secret, configuration and certificates in a folder; the node goes on')
      .argument('[folder]', 'empty or not there; without it backup.path, with the time as its name'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const [folder] = command.args
        const asked = folder === undefined ? null : absolute(folder)
        return finish(context, await admin.backupCreate({ folder: asked }), (report) => told(context, report))
      }),
  )
  runs(
    backup.command('list').description('those that are kept by their time, here and elsewhere'),
    (context) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.backupList({}), (rows) =>
          context.out.rows(rows, ['name', 'octets', 'schema', 'version', 'here', 'elsewhere']),
        ),
      ),
  )
  runs(
    backup
      .command('verify')
      .description('whether it can be restored: each hash, and the whole database; ends with 3 if not')
      .argument('<folder>'),
    verify,
  )
  runs(
    backup
      .command('fetch')
      .description('bring one back from backup.s3')
      .argument('<name>', 'as mailwok backup list shows it')
      .argument('<folder>', 'empty or not there'),
    fetch,
  )
  runs(
    backup
      .command('restore')
      .description('put a backup in place of the store; the node must be stopped')
      .argument('<folder>')
      .option('--replace', 'also where there is a store already: it is moved aside'),
    restore,
  )
}

/** Backups of gigabytes are read for a while. */
async function watched<T>(
  work: (onStep: (step: Omit<Progress, 'rows' | 'elapsed'>) => void) => Promise<T>,
): Promise<T> {
  const progress = progressOn(process.stderr, systemClock().monotonic)
  try {
    return await work((step) => progress.show({ rows: null, ...step }))
  } finally {
    progress.end()
  }
}

async function verify(context: Context, command: Command): Promise<Exit> {
  const { verifyBackup } = await import('../../src/admin/backup-folders.ts')
  const done = await watched((onStep) => verifyBackup(absolute(command.args[0] ?? ''), onStep))
  if (!done.ok) return context.out.fail(done.error, 3)
  told(context, done.value)
  return 0
}

async function fetch(context: Context, command: Command): Promise<Exit> {
  const loaded = context.load()
  if (loaded === null) return 1
  const { fetchBackup } = await import('../../src/admin/backup-folders.ts')
  const [name = '', folder = ''] = command.args
  return finish(context, await fetchBackup(loaded.config, name, absolute(folder)), (report) =>
    told(context, report),
  )
}

async function restore(context: Context, command: Command): Promise<Exit> {
  const loaded = context.load()
  if (loaded === null) return 1
  if (await connectAdmin(loaded.config.api.adminSocket)) {
    return context.out.fail({
      code: 'node_running',
      message: 'a node is running on this store; stop it first',
    })
  }
  becomeOwnerOf(loaded.config.server.dataDir)
  const { restoreBackup } = await import('../../src/admin/restoring.ts')
  const replace = command.opts<{ replace?: boolean }>().replace === true
  const folder = absolute(command.args[0] ?? '')
  const done = await watched((onStep) => restoreBackup(loaded.config, { folder, replace, onStep }))
  return finish(context, done, (report) => {
    told(context, report)
    context.out.note(
      report.owed === 0
        ? 'nothing waited when it was made'
        : `${report.owed} deliveries waited when it was made: they go out again with the next start, also those that went out since; mailwok queue hold --all before it keeps them`,
    )
  })
}

const told = (context: Context, report: BackupReport): void =>
  context.out.one(
    report,
    () =>
      `${report.folder}: ${report.files.join(', ')}\nof ${report.made_at}, ${(report.octets / 1e6).toFixed(1)} MB, ${report.owed} deliveries waiting`,
  )

/** The node has a working folder of its own. */
const absolute = (folder: string): string => (folder.startsWith('/') ? folder : `${process.cwd()}/${folder}`)
