import type { Command } from 'commander'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, listing } from '../output.ts'

interface SendOptions {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text?: string
  readonly html?: string
  readonly tag?: readonly string[]
  readonly account: string
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
      .option('--account <name>', 'whose mail it is', 'default'),
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
  return withAdmin(context, async (admin) => {
    const { account, from, to, subject, tag } = options
    const done = await admin.send({ account, from, to, subject, text, html, tags: tag ?? [] })
    return finish(context, done, (sent) => context.out.one(sent, () => listing(Object.entries(sent))))
  })
}

async function textOf(option: string | undefined): Promise<string | null> {
  if (option === '-') return await Bun.stdin.text()
  return option ?? null
}
