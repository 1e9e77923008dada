import type { Command } from 'commander'
import { exampleToml, tomlOf } from '../../src/config/example.ts'
import { formatFault } from '../../src/config/faults.ts'
import { loadConfig } from '../../src/config/load.ts'
import { SCHEMA } from '../../src/config/schema.ts'
import { type Context, runs } from '../context.ts'
import type { Exit } from '../output.ts'

export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('look at the configuration')
  runs(config.command('check').description('tell every fault of the configuration'), check)
  runs(
    config
      .command('show')
      .description('print every value that holds')
      .option('--origin', 'where each value came from'),
    show,
  )
  runs(config.command('default').description('print every key with its default'), async ({ out }) => {
    out.plain(exampleToml(SCHEMA))
    return 0
  })
}

async function check({ out, asked, wantsJson }: Context): Promise<Exit> {
  const loaded = loadConfig(asked)
  if (loaded.ok) {
    const { file } = loaded.value
    out.one({ ok: true, file }, () => `${file ?? 'no file: defaults and environment'}: no fault`)
    return 0
  }
  const faults = loaded.error
  if (wantsJson) {
    out.one({ ok: false, faults }, () => '')
    return 3
  }
  return out.fail(
    {
      code: 'bad_configuration',
      message: `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n${faults.map(formatFault).join('\n')}`,
    },
    3,
  )
}

async function show(context: Context, command: Command): Promise<Exit> {
  const loaded = context.load()
  if (loaded === null) return 1
  const rows = loaded.shown.map(({ key, raw, secret, origin }) => ({
    key,
    value: secret && raw !== '' ? '(secret)' : tomlOf(raw),
    origin: origin.place ? `${origin.where}:${origin.place.line}` : origin.where || origin.kind,
  }))
  const wantsOrigin = command.opts<{ origin?: boolean }>().origin === true
  context.out.rows(rows, wantsOrigin ? ['key', 'value', 'origin'] : ['key', 'value'])
  return 0
}
