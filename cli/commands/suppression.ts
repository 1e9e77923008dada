import type { Command } from 'commander'
import type { Admin } from '../../src/admin/admin.ts'
import type { SuppressionDraft } from '../../src/admin/suppression-rows.ts'
import { csvLine } from '../../src/core/csv.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, listing } from '../output.ts'

export function addSuppressionCommands(program: Command): void {
  const suppression = program.command('suppression').description('addresses that are not written to any more')
  const add = suppression
    .command('add')
    .description('stop mail to an address')
    .argument('<address>', 'whom')
    .option('--scope <scope>', 'all, marketing or list:<id>', 'all')
    .option('--note <text>', 'why, for people', '')
    .option('--expires <time>', 'until then, such as 2027-01-15; without it for ever')
  runs(ofAccount(add), addOne)
  const list = suppression
    .command('list')
    .description('entries, by address')
    .option('--reason <reason>', 'only these: manual, import, hard_bounce, complaint, unsubscribe')
    .option('--scope <scope>', 'only these: all, marketing, list:<id>')
    .option('--domain <domain>', 'only addresses of this domain')
    .option('--expired', 'also those that are past their time')
    .option('--limit <n>', 'at most so many', '100')
    .option('--after <mark>', 'go on behind the page that gave this as "next"')
  runs(ofAccount(list), listSome)
  runs(
    ofAccount(suppression.command('show').description('why an address is on the list').argument('<address>')),
    showOne,
  )
  const remove = suppression
    .command('remove')
    .description('let mail to an address go on')
    .argument('<address>')
    .option('--scope <scope>', 'only this entry: all, marketing or list:<id>')
  runs(ofAccount(remove), removeOne)
  const bring = suppression
    .command('import')
    .description(
      'a CSV file: address[,reason[,scope[,expires_at[,note]]]], or the export of another service; - is standard input',
    )
    .argument('<file>')
    .option(
      '--from <service>',
      'mailwok, sendgrid, mailgun, postmark, resend or ses; without it its head tells',
    )
    .option('--kind <kind>', 'what it holds: bounces, blocks, invalid, complaints or unsubscribes')
    .option('--dry-run', 'only say what would be refused')
    .option('--errors <file>', 'write every row that was refused or skipped there, with why')
    .option('--skip-rows <n>', 'go on behind so many rows of an import that broke off')
  runs(ofAccount(bring), importAll)
  const take = suppression
    .command('export')
    .description('the whole list to standard output')
    .option('--format <format>', 'csv or json', 'csv')
  runs(ofAccount(take), exportAll)
}

/** It knows the files of other services; nothing else here needs them. */
async function importAll(context: Context, command: Command): Promise<Exit> {
  const { importList } = await import('../suppression-import.ts')
  return importList(context, command)
}

const ofAccount = (command: Command): Command =>
  command.option('--account <name>', 'whose list it is', 'default')

function addOne(context: Context, command: Command): Promise<Exit> {
  const options = command.opts<{ account: string; scope: string; note: string; expires?: string }>()
  const draft: SuppressionDraft = {
    address: command.args[0] ?? '',
    scope: options.scope,
    reason: 'manual',
    note: options.note,
    expires_at: options.expires ?? null,
  }
  return withAdmin(context, async (admin) => {
    const put = await admin.suppressionPut({ account: options.account, entries: [draft], dry_run: false })
    if (!put.ok) return context.out.fail(put.error)
    const [wrong] = put.value.faults
    if (wrong) {
      return context.out.fail({ code: 'invalid', message: `${wrong.field}: ${wrong.message}` }, 2)
    }
    context.out.one({ added: 1 }, () => `${draft.address} gets no mail any more (${options.scope}).`)
    return 0
  })
}

interface ListOptions {
  readonly account: string
  readonly reason?: string
  readonly scope?: string
  readonly domain?: string
  readonly expired?: boolean
  readonly limit: string
  readonly after?: string
}

const COLUMNS = ['address', 'scope', 'reason', 'created_at', 'expires_at', 'note'] as const

function listSome(context: Context, command: Command): Promise<Exit> {
  const options = command.opts<ListOptions>()
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1) {
    return Promise.resolve(context.out.fail({ code: 'usage', message: '--limit wants a whole number' }, 2))
  }
  return withAdmin(context, async (admin) => {
    const page = await admin.suppressionList({
      account: options.account,
      limit,
      after: options.after ?? null,
      reason: options.reason ?? null,
      scope: options.scope ?? null,
      domain: options.domain ?? null,
      include_expired: options.expired === true,
    })
    return finish(context, page, ({ entries, next }) => {
      context.out.rows(entries, COLUMNS)
      if (next !== null) context.out.note(`\nmore: --after ${next}`)
    })
  })
}

function showOne(context: Context, command: Command): Promise<Exit> {
  const { account } = command.opts<{ account: string }>()
  return withAdmin(context, async (admin) =>
    finish(context, await admin.suppressionShow({ account, address: command.args[0] ?? '' }), (entries) =>
      context.out.one(entries, () =>
        entries
          .map((entry) => listing(Object.entries(entry).map(([name, value]) => [name, value] as const)))
          .join('\n\n'),
      ),
    ),
  )
}

function removeOne(context: Context, command: Command): Promise<Exit> {
  const { account, scope } = command.opts<{ account: string; scope?: string }>()
  const address = command.args[0] ?? ''
  return withAdmin(context, async (admin) =>
    finish(context, await admin.suppressionRemove({ account, address, scope: scope ?? null }), (removed) =>
      context.out.one(
        removed,
        () => `${address}: ${removed.removed} ${removed.removed === 1 ? 'entry' : 'entries'} removed.`,
      ),
    ),
  )
}

const PAGE = 1000
const EXPORTED = ['address', 'reason', 'scope', 'expires_at', 'note', 'created_at'] as const

/** Page by page: a list of millions is never in memory as a whole. */
function exportAll(context: Context, command: Command): Promise<Exit> {
  const { account, format } = command.opts<{ account: string; format: string }>()
  if (format !== 'csv' && format !== 'json') {
    return Promise.resolve(context.out.fail({ code: 'usage', message: '--format wants csv or json' }, 2))
  }
  return withAdmin(context, async (admin) => {
    let after: string | null = null
    let isFirst = true
    if (format === 'csv') context.out.plain(csvLine(EXPORTED))
    do {
      const page: Awaited<ReturnType<Admin['suppressionList']>> = await admin.suppressionList({
        account,
        limit: PAGE,
        after,
        reason: null,
        scope: null,
        domain: null,
        include_expired: false,
      })
      if (!page.ok) return context.out.fail(page.error)
      const lines = page.value.entries.map((entry) =>
        format === 'csv' ? csvLine(EXPORTED.map((name) => entry[name])) : JSON.stringify(entry),
      )
      if (format === 'json') context.out.plain(`${isFirst ? '[\n' : ',\n'}${lines.join(',\n')}`)
      else if (lines.length > 0) context.out.plain(lines.join(''))
      await context.out.flush()
      isFirst = false
      after = page.value.next
    } while (after !== null)
    if (format === 'json') context.out.plain(']')
    return 0
  })
}
