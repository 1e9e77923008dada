//
// Owns: the command line: which commands there are, what they share, how usage errors end.

import { Command, CommanderError } from 'commander'
import { VERSION } from '../src/ops/version.ts'
import { addAccountCommands } from './commands/account.ts'
import { addAuditCommands } from './commands/audit.ts'
import { addBackupCommands } from './commands/backup.ts'
import { addConfigCommands } from './commands/config.ts'
import { addDomainCommands } from './commands/domain.ts'
import { addInboundCommands } from './commands/inbound.ts'
import { addKeyCommands } from './commands/key.ts'
import { addMessageCommands } from './commands/message.ts'
import { addQueueCommands } from './commands/queue.ts'
import { addReportCommands } from './commands/report.ts'
import { addSendCommand } from './commands/send.ts'
import { addSendingCommands } from './commands/sending.ts'
import { addServeCommand } from './commands/serve.ts'
import { addSourceCommands } from './commands/source.ts'
import { addStatsCommands } from './commands/stats.ts'
import { addStatusCommand } from './commands/status.ts'
import { addSuppressionCommands } from './commands/suppression.ts'
import { addTemplateCommands } from './commands/template.ts'
import { addTlsCommands } from './commands/tls.ts'
import { addTryCommand } from './commands/try.ts'
import { addUserCommands } from './commands/user.ts'
import { addVersionCommand } from './commands/version.ts'
import { addWebhookCommands } from './commands/webhook.ts'
import { withAdmin } from './context.ts'

export function programOf(): Command {
  const program = new Command('mailwok')
    .description('Self-hosted email sending appliance: REST API, SMTP relay, durable queue, delivery to MX.')
    .version(VERSION, '-V, --version')
    .option('--config <file>', 'default: ./mailwok.toml, then /etc/mailwok/mailwok.toml')
    .option('--set <section.key=value>', 'wins over environment and file', collect)
    .option('--json', 'JSON also on a terminal, errors too')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
  addServeCommand(program)
  addTryCommand(program)
  addConfigCommands(program)
  addDomainCommands(program)
  addKeyCommands(program)
  addAccountCommands(program)
  addUserCommands(program)
  addAuditCommands(program)
  addSendCommand(program)
  addQueueCommands(program)
  addMessageCommands(program)
  addSendingCommands(program)
  addSourceCommands(program)
  addTlsCommands(program)
  addInboundCommands(program)
  addReportCommands(program)
  addWebhookCommands(program)
  addTemplateCommands(program)
  addSuppressionCommands(program)
  addStatusCommand(program)
  addStatsCommands(program, withAdmin)
  addBackupCommands(program)
  addVersionCommand(program)
  return program
}

/** Each --set takes one value: a list of them would swallow the command's name. */
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** commander has told the person already; what is left is the code. */
async function main(args: readonly string[]): Promise<number> {
  const wantsJson = args.includes('--json')
  const program = programOf()
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
