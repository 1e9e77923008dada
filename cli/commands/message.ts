import type { Command } from 'commander'
import type { MessageReport } from '../../src/admin/admin.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { explanationText } from '../explanation.ts'
import { type Exit, listing } from '../output.ts'

export function addMessageCommands(program: Command): void {
  const message = program.command('message').description('what became of one message')
  runs(
    message.command('show').description('a message and its recipients').argument('<id>', 'msg_…'),
    (context, command) => look(context, command, show),
  )
  runs(
    message
      .command('explain')
      .description('what happened, who is at fault, what to do, what happens next')
      .argument('<id>', 'msg_…'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.messageExplain({ id: command.args[0] ?? '' }), (explanation) =>
          context.out.one(explanation, () => explanationText(explanation)),
        ),
      ),
  )
  runs(
    message.command('trace').description('every attempt and event of a message').argument('<id>', 'msg_…'),
    (context, command) => look(context, command, trace),
  )
}

function look(context: Context, command: Command, text: (report: MessageReport) => string): Promise<Exit> {
  return withAdmin(context, async (admin) =>
    finish(context, await admin.messageShow({ id: command.args[0] ?? '' }), (report) =>
      context.out.one(report, () => text(report)),
    ),
  )
}

function show({ message, deliveries }: MessageReport): string {
  const head = listing(Object.entries(message))
  const lines = deliveries.map(
    (it) => `  ${it.state.padEnd(10)} ${it.recipient}${it.due_at ? `  next try ${it.due_at}` : ''}`,
  )
  return [head, '', 'recipients', ...lines].join('\n')
}

function trace({ attempts, events }: MessageReport): string {
  const tried = attempts.map((it) => ({
    at: it.at,
    line: `attempt ${it.number} of ${it.delivery_id}: ${it.outcome}${peerOf(it)}: ${it.diagnostic}`,
  }))
  const happened = events.map((it) => ({ at: it.at, line: `${it.type} ${it.recipient} ${it.detail}` }))
  return [...tried, ...happened]
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ at, line }) => listing([[at, line.trim()]]))
    .join('\n')
}

/** Nothing where nobody was spoken to: the sandbox, capture, a name that does not exist. */
function peerOf({ mx, address, tls }: MessageReport['attempts'][number]): string {
  return mx === null ? '' : ` by ${mx} ${address ?? ''} ${tls ?? 'without TLS'}`
}
