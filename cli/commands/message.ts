import type { Command } from 'commander'
import type { MessageListAsk, MessagePart, MessageReport } from '../../src/admin/message-rows.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { explanationText } from '../explanation.ts'
import { type Exit, listing } from '../output.ts'
import { addSteering } from './message-steer.ts'

export function addMessageCommands(program: Command): void {
  const message = program.command('message').description('what became of one message')
  runs(
    message
      .command('list')
      .description('recent mail, the newest first')
      .option('--recipient <address>', 'to this address only, or to @ and a domain')
      .option('--from <address>', 'from this address only, or from @ and a domain')
      .option('--subject <words>', 'words that all stand in the subject')
      .option('--tag <tag>', 'with this tag')
      .option('--since <time>', 'accepted at this time or later, such as 2027-01-15T10:30:00Z')
      .option('--until <time>', 'accepted before this time')
      .option(
        '--state <state>',
        'queued, scheduled, deferred, held, delivered, bounced, suppressed, cancelled or failed',
      )
      .option('--limit <n>', 'how many', '50'),
    list,
  )
  runs(
    message
      .command('show')
      .description('a message and its recipients, or what a recipient got')
      .argument('<id>', 'msg_…')
      .option('--html', 'the html part')
      .option('--text', 'the text part')
      .option('--raw', 'the whole message, signed')
      .option('--recipient <address>', 'the copy of this recipient; else of the first'),
    (context, command) => {
      const parts = PARTS.filter((part) => command.opts<ShowOptions>()[part] === true)
      const [part] = parts
      if (parts.length > 1) return Promise.resolve(context.out.fail(ONE_PART))
      return part === undefined ? look(context, command, show) : content(context, command, part)
    },
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
  addSteering(message)
}

const PARTS = ['html', 'text', 'raw'] as const satisfies readonly MessagePart[]
const ONE_PART = { code: 'usage', message: 'want one of --html, --text and --raw' } as const

interface ShowOptions extends Partial<Record<MessagePart, boolean>> {
  readonly recipient?: string
}

interface ListOptions extends Pick<MessageListAsk, 'from' | 'subject' | 'tag' | 'since' | 'until'> {
  readonly recipient?: string
  readonly state?: string
  readonly limit: string
}

function list(context: Context, command: Command): Promise<Exit> {
  const { recipient = null, state = null, limit, ...words } = command.opts<ListOptions>()
  const count = Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    const message = `--limit is ${JSON.stringify(limit)}; want a whole number from 1 to 1000`
    return Promise.resolve(context.out.fail({ code: 'usage', message }))
  }
  return withAdmin(context, async (admin) =>
    finish(context, await admin.messageList({ recipient, state, limit: count, ...words }), (listing) => {
      context.out.rows(listing.messages, ['accepted_at', 'message_id', 'state', 'recipient', 'subject'])
      if (listing.looked_to !== null && listing.messages.length < count) {
        context.out.note(`nothing older than ${listing.looked_to} was looked at`)
      }
    }),
  )
}

function content(context: Context, command: Command, part: MessagePart): Promise<Exit> {
  const { recipient = null } = command.opts<ShowOptions>()
  const ask = { id: command.args[0] ?? '', part, recipient }
  return withAdmin(context, async (admin) =>
    finish(context, await admin.messageContent(ask), (copy) => {
      if (context.wantsJson) context.out.one(copy, () => '')
      else context.out.source(Buffer.from(copy.content, copy.encoding))
    }),
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
