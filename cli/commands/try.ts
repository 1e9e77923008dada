import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { formatFault } from '../../src/config/faults.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { connectAdmin } from '../client.ts'
import { type Context, runs } from '../context.ts'
import type { Exit } from '../output.ts'
import { prepareTrial, type Trial } from '../trial/configuration.ts'
import { curlLine, demonstrate, type Shown } from '../trial/demonstration.ts'
import { stopSignal } from './serve.ts'

interface TryOptions {
  readonly dir: string
  readonly once?: boolean
}

export function addTryCommand(program: Command): void {
  runs(
    program
      .command('try')
      .description('run a node in a folder, send one message by REST and one by SMTP, deliver into files')
      .option('--dir <folder>', 'where everything is kept', '.try')
      .option('--once', 'stop after the two messages'),
    tryOut,
  )
}

async function tryOut(context: Context, command: Command): Promise<Exit> {
  const { dir, once } = command.opts<TryOptions>()
  const trial = prepareTrial(resolve(dir))
  const loaded = loadConfig({ ...context.asked, file: trial.file })
  if (!loaded.ok) {
    return context.out.fail({ code: 'bad_configuration', message: loaded.error.map(formatFault).join('\n') })
  }
  const { config } = loaded.value
  const { runAppliance } = await import('../../src/appliance.ts')
  const ended = new AbortController()
  const ready = Promise.withResolvers<void>()
  const stop = AbortSignal.any([stopSignal(), ended.signal])
  const running = runAppliance(config, stop, { onReady: () => ready.resolve() })
  try {
    await Promise.race([ready.promise, running])
    const exit = await show(context, trial, { config, once: once === true })
    if (once === true || exit !== 0) ended.abort()
    await running
    return exit
  } catch (error) {
    ended.abort()
    return context.out.fail({
      code: 'not_tried',
      message: error instanceof Error ? error.message : String(error),
    })
  }
}

async function show(
  { out }: Context,
  trial: Trial,
  { config, once }: { readonly config: Config; readonly once: boolean },
): Promise<Exit> {
  const admin = await connectAdmin(config.api.adminSocket)
  if (admin === null) return out.fail({ code: 'not_started', message: 'the node does not answer' })
  const shown = await demonstrate(trial, admin)
  out.plain(report(trial, shown, once ? 'It stops now, as --once asks.' : 'Stop with Ctrl-C.'))
  return shown.deliveries.every((it) => it.state === 'delivered') ? 0 : 1
}

const report = (trial: Trial, { key, deliveries }: Shown, last: string): string => `
MailWok is running. Mail is delivered into files, nothing leaves this machine.

${deliveries.map((it) => `  ${it.state === 'delivered' ? '✓' : '✗'} one message by ${it.way}  ${it.id}  ${it.state}`).join('\n')}
    see ${trial.captured}

  REST API   http://127.0.0.1:${trial.http}/v1
  SMTP       127.0.0.1 port ${trial.smtp} (STARTTLS) or ${trial.smtps} (TLS), user and password are the key
  API key    ${key}

Try it:

${curlLine(trial, key)}

  ${self()} --config ${trial.file} queue list
  ${self()} --config ${trial.file} message trace ${deliveries[0]?.id ?? ''}

${last}
`

/** How this program was called: from a checkout it is not on anybody's PATH. */
const self = (): string => (basename(process.execPath).startsWith('mailwok') ? process.execPath : 'mailwok')
