import type { Command } from 'commander'
import { restoreBackup } from '../../src/admin/backup.ts'
import { connectAdmin } from '../client.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import type { Exit } from '../output.ts'
import { becomeOwnerOf } from '../privileges.ts'

export function addBackupCommands(program: Command): void {
  const backup = program.command('backup').description('the store and the master secret in one folder')
  runs(
    backup
      .command('create')
      .description('copy everything into a folder that is empty or does not exist; the node goes on')
      .argument('<folder>'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.backupCreate({ folder: absolute(command.args[0] ?? '') }), (report) =>
          context.out.one(report, () => `${report.folder}: ${report.files.join(', ')}`),
        ),
      ),
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
  const replace = command.opts<{ replace?: boolean }>().replace === true
  const done = await restoreBackup(loaded.config, absolute(command.args[0] ?? ''), replace)
  return finish(context, done, (report) =>
    context.out.one(report, () => `${report.folder}: ${report.files.join(', ')} restored`),
  )
}

/** The node has a working folder of its own. */
const absolute = (folder: string): string => (folder.startsWith('/') ? folder : `${process.cwd()}/${folder}`)
