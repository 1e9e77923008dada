//
// Owns: the verbs that move waiting mail: retry, hold, release, drop, flush.

import { type Command, Option } from 'commander'
import type { QueueAsk } from '../../src/admin/queue-rows.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import type { Exit } from '../output.ts'

interface Filter {
  readonly message?: string
  readonly domain?: string
  readonly destination?: string
  readonly account?: string
  readonly key?: string
  readonly provider?: string
  readonly campaign?: string
  readonly stream?: string
  readonly all?: boolean
  readonly yes?: boolean
}

type Verb = QueueAsk['command']

const VERBS: readonly {
  readonly name: Verb
  readonly about: string
  readonly done: string
  readonly one: string
}[] = [
  { name: 'retry', about: 'try waiting mail now', done: 'are due now', one: 'is due now' },
  { name: 'hold', about: 'keep waiting mail back until it is released', done: 'are held', one: 'is held' },
  { name: 'release', about: 'let held mail go on', done: 'go on', one: 'goes on' },
  { name: 'drop', about: 'cancel waiting or held mail for good', done: 'are cancelled', one: 'is cancelled' },
  {
    name: 'flush',
    about: 'try everything now, and probe paused lanes',
    done: 'are due now',
    one: 'is due now',
  },
]

export function addMoves(queue: Command): void {
  for (const verb of VERBS) {
    const { name, about } = verb
    const command = queue
      .command(name)
      .description(about)
      .option('--message <id>', 'of this message')
      .option('--domain <domain>', 'to recipients at this domain')
      .addOption(new Option('--destination <domain>').hideHelp())
      .option('--account <name>', 'of this account')
      .option('--key <key>', 'queued with this key, by id or prefix')
      .option('--provider <name>', 'for this provider, as `queue list` shows it')
      .option('--campaign <name>', 'of this campaign')
      .option('--stream <name>', 'transactional or marketing')
    if (name !== 'flush') command.option('--all', 'all of it')
    if (name === 'drop') command.option('--yes', 'the same, for scripts')
    runs(command, (context) => moveMatching(context, verb, command.opts<Filter>()))
  }
}

function moveMatching(
  context: Context,
  { name, done, one }: (typeof VERBS)[number],
  filter: Filter,
): Promise<Exit> {
  const { message, domain, destination, account, key, provider, campaign, stream, all, yes } = filter
  const names = [message, domain, destination, account, key, provider, campaign, stream]
  const isNamed = names.some((value) => value !== undefined)
  if (!isNamed && name !== 'flush' && all !== true && yes !== true) {
    const say =
      'say which: --message, --domain, --account, --key, --provider, --campaign, --stream, or --all for everything'
    return Promise.resolve(context.out.fail({ code: 'usage', message: say }, 2))
  }
  const ask: QueueAsk = {
    command: name,
    message: message ?? null,
    destination: domain ?? destination ?? null,
    account: account ?? null,
    key: key ?? null,
    provider: provider ?? null,
    campaign: campaign ?? null,
    stream: stream ?? null,
  }
  return withAdmin(context, async (admin) =>
    finish(context, await admin.queueCommand(ask), (moved) =>
      context.out.one(moved, () => sentenceOf(moved.moved, { done, one })),
    ),
  )
}

function sentenceOf(moved: number, { done, one }: { readonly done: string; readonly one: string }): string {
  if (moved === 0) return 'Nothing matches; `mailwok queue list` shows what waits and what is held.'
  return moved === 1 ? `1 delivery ${one}.` : `${moved} deliveries ${done}.`
}
