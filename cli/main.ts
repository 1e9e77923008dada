//
// Owns: the command line: which commands there are, what they share, how usage errors end.

import { Command, CommanderError } from 'commander'
import { VERSION } from '../src/ops/version.ts'
import { addAccountCommands } from './commands/account.ts'
import { addAuditCommands } from './commands/audit.ts'
import { addBackupCommands } from './commands/backup.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addConfigCommands } from './commands/config.ts'
import { addDbCommands } from './commands/db.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addDomainCommands } from './commands/domain.ts'
import { addInboundCommands } from './commands/inbound.ts'
import { addKeyCommands } from './commands/key.ts'
import { addManCommand } from './commands/man.ts'
import { addMessageCommands } from './commands/message.ts'
import { addQueueCommands } from './commands/queue.ts'
import { addReportCommands } from './commands/report.ts'
import { addSendCommand } from './commands/send.ts'
import { addSendingCommands } from './commands/sending.ts'
import { addServeCommand } from './commands/serve.ts'
import { addSetupCommand } from './commands/setup.ts'
import { addSourceCommands } from './commands/source.ts'
import { addStatsCommands } from './commands/stats.ts'
import { addStatusCommand } from './commands/status.ts'
import { addSuppressionCommands } from './commands/suppression.ts'
import { addTemplateCommands } from './commands/template.ts'
import { addTlsCommands } from './commands/tls.ts'
import { addTryCommand } from './commands/try.ts'
import { addUnitCommand } from './commands/unit.ts'
import { addUpgradeCommand } from './commands/upgrade.ts'
import { addUserCommands } from './commands/user.ts'
import { addVersionCommand } from './commands/version.ts'
import { addWebhookCommands } from './commands/webhook.ts'
import { withAdmin } from './context.ts'

/** By the word that a person types, in the order of the help. */
const COMMANDS: Readonly<Record<string, (program: Command) => void>> = {
  serve: addServeCommand,
  setup: addSetupCommand,
  try: addTryCommand,
  config: addConfigCommands,
  domain: addDomainCommands,
  key: addKeyCommands,
  account: addAccountCommands,
  user: addUserCommands,
  audit: addAuditCommands,
  send: addSendCommand,
  queue: addQueueCommands,
  message: addMessageCommands,
  sending: addSendingCommands,
  source: addSourceCommands,
  tls: addTlsCommands,
  inbound: addInboundCommands,
  report: addReportCommands,
  webhook: addWebhookCommands,
  template: addTemplateCommands,
  suppression: addSuppressionCommands,
  doctor: addDoctorCommand,
  status: addStatusCommand,
  stats: (program) => addStatsCommands(program, withAdmin),
  backup: addBackupCommands,
  db: addDbCommands,
  completion: addCompletionCommand,
  man: addManCommand,
  unit: addUnitCommand,
  upgrade: addUpgradeCommand,
  version: addVersionCommand,
}

const ownOf = (name: string) => (Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined)

/** These tell of all others. */
const OVERVIEWS: readonly string[] = ['completion', 'man']

/** With `only` the one command is made, where that is the name of one: the others need not wait for all of them. */
export function programOf(only?: string): Command {
  const program = new Command('mailwok')
    .description('Self-hosted email sending appliance: REST API, SMTP relay, durable queue, delivery to MX.')
    .version(VERSION, '-V, --version')
    .option('--config <file>', 'default: ./mailwok.toml, then /etc/mailwok/mailwok.toml')
    .option('--set <section.key=value>', 'wins over environment and file', collect)
    .option('--json', 'JSON also on a terminal, errors too')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
  const one = only === undefined || OVERVIEWS.includes(only) ? undefined : ownOf(only)
  for (const add of one === undefined ? Object.values(COMMANDS) : [one]) add(program)
  return program
}

/** Each --set takes one value: a list of them would swallow the command's name. */
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** commander has told the person already; what is left is the code. */
async function main(args: readonly string[]): Promise<number> {
  const wantsJson = args.includes('--json')
  const program = programOf(args[0])
  if (wantsJson) quiet(program)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      if (wantsJson) tell({ code: 'usage', message: error.message.replace(/^error: /, '') })
      return 2
    }
    const message = error instanceof Error ? error.message : String(error)
    if (wantsJson) tell({ code: 'internal', message })
    else process.stderr.write(`mailwok: ${message}\n`)
    return 1
  }
}

/** With --json an error is one object and nothing else. */
function quiet(command: Command): void {
  command.configureOutput({ writeErr: () => undefined })
  for (const inner of command.commands) quiet(inner)
}

const tell = (error: { code: string; message: string }): void =>
  void process.stderr.write(`${JSON.stringify({ error })}\n`)

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)))
