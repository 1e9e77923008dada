import type { Command } from 'commander'
import { readSurroundings } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { type Context, runs } from '../context.ts'
import type { Exit } from '../output.ts'

export function addServeCommand(program: Command): void {
  runs(program.command('serve').description('run this node until SIGTERM or SIGINT'), serve)
}

async function serve(context: Context): Promise<Exit> {
  const loaded = context.load()
  if (loaded === null) return 1
  const { notifySocket, watchdog } = readSurroundings()
  // Loaded here: a command that runs no node is ten times faster without it.
  const { runAppliance } = await import('../../src/appliance.ts')
  try {
    await runAppliance(loaded.config, stopSignal(), {
      // One line for whoever started us, also without a terminal: port 0 is told here and nowhere else.
      onReady: (listeners) => context.out.plain(JSON.stringify({ ready: true, listeners })),
      onReloadable: (reload) => void process.on('SIGHUP', () => void reloadWith(context, reload)),
      configFile: loaded.file,
      notify: { socket: notifySocket, watchdog },
    })
    return 0
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return context.out.fail({ code: 'not_started', message })
  }
}

/** A file that does not read changes nothing: its faults are told, and the node goes on as it was. */
async function reloadWith(context: Context, reload: (config: Config) => Promise<void>): Promise<void> {
  const loaded = context.load()
  if (loaded !== null) await reload(loaded.config)
}

/** The first signal asks for an orderly end; another one changes nothing, kill -9 is there for the impatient. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
  return stop.signal
}
