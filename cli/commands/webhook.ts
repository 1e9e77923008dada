import type { Command } from 'commander'
import type { MadeWebhookRow } from '../../src/admin/webhook-rows.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { listing } from '../output.ts'

export function addWebhookCommands(program: Command): void {
  const webhook = program.command('webhook').description('programs that are told what became of mail')
  addAdd(webhook)
  runs(
    webhook.command('list').description('all webhooks').option('--account <name>', 'of this account only'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const account = command.opts<{ account?: string }>().account ?? null
        return finish(context, await admin.webhookList({ account }), (rows) =>
          context.out.rows(rows, ['id', 'url', 'state', 'events', 'format', 'account', 'failing_since']),
        )
      }),
  )
  addStates(webhook)
  addSecrets(webhook)
  addTest(webhook)
  addDeliveries(webhook)
  addReplay(webhook)
}

function addAdd(webhook: Command): void {
  runs(
    webhook
      .command('add')
      .description('post events to a URL, signed with a secret that is shown once')
      .argument('<url>')
      .option('--event <name...>', 'such as email.bounced; without it the six usual ones')
      .option('--note <text>', 'for people', '')
      .option('--format <name>', 'in whose words: mailwok, resend, sendgrid, postmark or mailgun', 'mailwok')
      .option('--account <name>', 'whose mail it hears of', 'default'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { account, event, format, note } = command.opts<AddOptions>()
        const url = command.args[0] ?? ''
        const made = await admin.webhookAdd({ account, url, note, format, events: event ?? [] })
        return finish(context, made, (row) => showSecret(context, row))
      }),
  )
}

interface AddOptions {
  readonly account: string
  readonly event?: string[]
  readonly format: string
  readonly note: string
}

function addStates(webhook: Command): void {
  for (const [name, state, description] of [
    ['enable', 'enabled', 'post to it again; what waits for it goes at once'],
    ['disable', 'disabled', 'post nothing to it until it is enabled again'],
  ] as const) {
    runs(webhook.command(name).description(description).argument('<id>'), (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.webhookState({ id: command.args[0] ?? '', state }), (row) =>
          context.out.one(row, () => `${row.id} is ${row.state}`),
        ),
      ),
    )
  }
  runs(
    webhook.command('remove').description('take a webhook away, with what waits for it').argument('<id>'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.webhookRemove({ id: command.args[0] ?? '' }), (removed) =>
          context.out.one(removed, () => `no webhook ${removed.id} any more`),
        ),
      ),
  )
}

function addSecrets(webhook: Command): void {
  runs(
    webhook
      .command('rotate')
      .description('a new secret; the one before signs as well for a day')
      .argument('<id>'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.webhookRotate({ id: command.args[0] ?? '' }), (row) =>
          showSecret(context, row),
        ),
      ),
  )
}

function addTest(webhook: Command): void {
  runs(
    webhook.command('test').description('post a made-up event now, and say what came of it').argument('<id>'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.webhookTest({ id: command.args[0] ?? '' }), (tested) =>
          context.out.one(tested, () => {
            const said = tested.status === null ? tested.error : `HTTP ${tested.status}`
            return `${tested.taken ? 'taken' : 'not taken'}: ${said}, after ${tested.took_ms} ms (${tested.event_id})`
          }),
        ),
      ),
  )
}

function addDeliveries(webhook: Command): void {
  runs(
    webhook
      .command('deliveries')
      .description('what became of posts to it, the newest event first')
      .argument('<id>')
      .option('--state <state>', 'waiting, taken or given_up')
      .option('--limit <count>', 'at most so many', '25'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { limit, state } = command.opts<{ limit: string; state?: string }>()
        const ask = { id: command.args[0] ?? '', state: state ?? null, limit: Number(limit) }
        return finish(context, await admin.webhookPosts(ask), (rows) =>
          context.out.rows(rows, ['event_id', 'type', 'message_id', 'state', 'attempts', 'last', 'due_at']),
        )
      }),
  )
}

function addReplay(webhook: Command): void {
  runs(
    webhook
      .command('replay')
      .description('post again what happened: one event, or all of a time that it waits for')
      .argument('<id>')
      .option('--event <id>', 'evt_…')
      .option('--since <time>', 'such as 2027-01-15T10:30:00Z, or "2h" for two hours ago')
      .option('--until <time>', 'likewise; without it until now'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const asked = command.opts<{ event?: string; since?: string; until?: string }>()
        const ask = {
          id: command.args[0] ?? '',
          event_id: asked.event ?? null,
          since: asked.since ?? null,
          until: asked.until ?? null,
        }
        return finish(context, await admin.webhookReplay(ask), (done) =>
          context.out.one(done, () => {
            const rest = done.next === null ? '' : `; there is more: go on with --since ${done.next}`
            return `${done.replayed} events are posted again${rest}`
          }),
        )
      }),
  )
}

function showSecret(context: Context, row: MadeWebhookRow): void {
  context.out.one(row, () => shown(row))
  context.out.note('\nKeep the secret: it is not shown again.')
}

const shown = (row: MadeWebhookRow): string =>
  listing([
    ['id', row.id],
    ['url', row.url],
    ['events', row.events],
    ['secret', row.secret],
  ])
