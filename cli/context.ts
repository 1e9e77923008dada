//
// Owns: what every command shares: global options, the configuration, the way to a node.

import type { Command } from 'commander'
import type { Admin, AdminFault } from '../src/admin/admin.ts'
import { formatFault } from '../src/config/faults.ts'
import { type Asked, type Loaded, loadConfig } from '../src/config/load.ts'
import type { Result } from '../src/core/result.ts'
import { connectAdmin, SocketForbidden } from './client.ts'
import { type Exit, type Output, openOutput } from './output.ts'
import { becomeOwnerOf } from './privileges.ts'

export interface Context {
  readonly out: Output
  /** Null: the faults have been told. */
  load(): Loaded | null
  readonly asked: Asked
  readonly wantsJson: boolean
}

interface GlobalOptions {
  readonly config?: string
  readonly set?: readonly string[]
  readonly json?: boolean
}

export type Run = (context: Context, command: Command) => Promise<Exit>

/** Binds a command to its work; its end becomes the exit code of the process. */
export function runs(command: Command, work: Run): Command {
  return command.action(async () => {
    const context = contextOf(command)
    try {
      process.exitCode = await work(context, command)
    } catch (error) {
      if (!(error instanceof SocketForbidden)) throw error
      process.exitCode = context.out.fail({ code: 'forbidden', message: error.message })
    }
    await context.out.flush()
  })
}

function contextOf(command: Command): Context {
  const options = command.optsWithGlobals<GlobalOptions>()
  const wantsJson = options.json === true
  const out = openOutput(process, wantsJson)
  const asked: Asked = { file: options.config ?? null, flags: flagsOf(options.set ?? []) }
  const load = (): Loaded | null => {
    const loaded = loadConfig(asked)
    if (loaded.ok) return loaded.value
    const message = loaded.error.map(formatFault).join('\n')
    out.fail({ code: 'bad_configuration', message })
    return null
  }
  return { out, asked, wantsJson, load }
}

function flagsOf(settings: readonly string[]): ReadonlyMap<string, string> {
  const flags = new Map<string, string>()
  for (const setting of settings) {
    const at = setting.indexOf('=')
    flags.set(at === -1 ? setting : setting.slice(0, at), at === -1 ? '' : setting.slice(at + 1))
  }
  return flags
}

/** Works on the running node, else on the store itself. */
export async function withAdmin(context: Context, work: (admin: Admin) => Promise<Exit>): Promise<Exit> {
  const loaded = context.load()
  if (loaded === null) return 1
  const admin = (await connectAdmin(loaded.config.api.adminSocket)) ?? (await openStore(loaded))
  try {
    return await work(admin)
  } finally {
    await admin.close()
  }
}

async function openStore({ config, file }: Loaded): Promise<Admin> {
  // Loaded here: all of a node takes longer than most commands.
  const { openOffline } = await import('../src/offline.ts')
  // Who he was before: the audit log keeps it.
  const user = String(process.getuid?.() ?? '')
  becomeOwnerOf(config.server.dataDir)
  return openOffline(config, user, file)
}

/** Shows what came, or tells the fault. */
export function finish<T>(context: Context, done: Result<T, AdminFault>, show: (value: T) => void): Exit {
  if (!done.ok) return context.out.fail(done.error)
  show(done.value)
  return 0
}
