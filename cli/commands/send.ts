import type { Command } from 'commander'
import type { Admin } from '../../src/admin/admin.ts'
import { parseDuration } from '../../src/config/units.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { connectAdmin } from '../client.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, listing } from '../output.ts'
import { happenedText, watch } from '../watching.ts'

interface SendOptions {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text?: string
  readonly html?: string
  readonly tag?: readonly string[]
  readonly account: string
  readonly watch?: boolean
  readonly wait: string
}

export function addSendCommand(program: Command): void {
  runs(
    program
      .command('send')
      .description('send one message as the operator')
      .requiredOption('--from <mailbox>', 'local-part@domain or "Name <local-part@domain>"')
      .requiredOption('--to <mailbox...>', 'one or more recipients')
      .requiredOption('--subject <text>')
      .option('--text <text>', 'plain text; - reads standard input')
      .option('--html <text>', 'HTML; - reads standard input')
      .option('--tag <name...>', 'tags for statistics')
      .option('--account <name>', 'whose mail it is', 'default')
      .option('--watch', 'follow it until every recipient has an answer; ends with 0 when all have it')
      .option('--wait <duration>', 'with --watch: for how long', '15m'),
    send,
  )
}

async function send(context: Context, command: Command): Promise<Exit> {
  const options = command.opts<SendOptions>()
  if (options.text === undefined && options.html === undefined) {
    return context.out.fail({ code: 'usage', message: 'give --text, --html or both' }, 2)
  }
  const text = await textOf(options.text)
  const html = await textOf(options.html)
  if (options.watch === true) return watched(context, options, { text, html })
  return withAdmin(context, async (admin) => {
    const { account, from, to, subject, tag } = options
    const done = await admin.send({ account, from, to, subject, text, html, tags: tag ?? [] })
    return finish(context, done, (sent) => context.out.one(sent, () => listing(Object.entries(sent))))
  })
}

/** Only a running node delivers: without one there is nothing to follow, and nothing is sent. */
async function watched(
  context: Context,
  options: SendOptions,
  bodies: { readonly text: string | null; readonly html: string | null },
): Promise<Exit> {
  const patience = parseDuration(options.wait)
  if (patience === null) {
    const message = `--wait is ${JSON.stringify(options.wait)}; want a duration such as 15m`
    return context.out.fail({ code: 'usage', message })
  }
  const loaded = context.load()
  if (loaded === null) return 1
  const admin = await connectAdmin(loaded.config.api.adminSocket)
  if (admin === null) {
    const message = `no node listens at ${loaded.config.api.adminSocket}, so nothing would be delivered: start it, or send without --watch`
    return context.out.fail({ code: 'not_running', message })
  }
  const { account, from, to, subject, tag } = options
  const sent = await admin.send({ account, from, to, subject, ...bodies, tags: tag ?? [] })
  if (!sent.ok) return context.out.fail(sent.error)
  return follow(context, admin, sent.value.message_id, patience)
}

/** Each thing that happened is a line: a sentence for a person, JSON for everybody else. */
export async function follow(context: Context, admin: Admin, id: string, patience: number): Promise<Exit> {
  const { out } = context
  const done = await watch(admin, id, {
    now: () => systemClock().now(),
    tell: (happened) => out.line(happened, () => happenedText(happened)),
    patience,
  })
  if (!done.ok) return out.fail(done.error)
  const { delivered, ended } = done.value
  if (!ended) out.note(`It is still on its way: mailwok message explain ${id}`)
  else if (!delivered) out.note(`Why, and what to do: mailwok message explain ${id}`)
  return delivered ? 0 : 1
}

async function textOf(option: string | undefined): Promise<string | null> {
  if (option === '-') return await Bun.stdin.text()
  return option ?? null
}
