import { type Command, Option } from 'commander'
import type { CreatedKey, KeyRow, RevokeAsk } from '../../src/admin/account-rows.ts'
import type { Admin } from '../../src/admin/admin.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, listing } from '../output.ts'
import { PROGRAMS, type Program, placeOf, snippetFor } from '../snippets.ts'

export function addKeyCommands(program: Command): void {
  const key = program
    .command('key')
    .description('API keys: for REST as bearer, for SMTP as user and password')
  addCreate(key)
  runs(
    key.command('list').description('all keys, by prefix').option('--account <name>', 'of this account only'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const account = command.opts<{ account?: string }>().account ?? null
        return finish(context, await admin.keyList({ account }), (rows) =>
          context.out.rows(rows, ['prefix', 'name', 'account', 'mode', 'state', 'last_used_at', 'id']),
        )
      }),
  )
  runs(
    key.command('show').description('what a key may do').argument('<key>', 'its id or its prefix'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const done = await admin.keyShow({ key: command.args[0] ?? '' })
        return finish(context, done, (row) => context.out.one(row, () => listing(pairsOf(row))))
      }),
  )
  addSet(key)
  addRotate(key)
  addRevoke(key)
}

interface LimitOptions {
  readonly scope?: readonly string[]
  readonly domain?: readonly string[]
  readonly address?: readonly string[]
  readonly network?: readonly string[]
  readonly expires?: string
}

interface CreateOptions extends LimitOptions {
  readonly account: string
  readonly name: string
  readonly test?: boolean
  readonly for?: Program
}

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** Each may be given several times. */
const limited = (command: Command): Command =>
  command
    .option('--scope <name>', 'what it may do: see docs/accounts.md', several)
    .option('--domain <name>', 'it writes as this domain only', several)
    .option('--address <address>', 'it writes as this From address only', several)
    .option('--network <cidr>', 'it is used from here only', several)
    .option('--expires <when>', 'a time, or for how long, such as 90d')

const limitsOf = ({ address, domain, expires, network, scope }: LimitOptions) => ({
  scopes: scope ?? null,
  domains: domain ?? null,
  addresses: address ?? null,
  networks: network ?? null,
  expires: expires ?? null,
})

function addCreate(key: Command): void {
  runs(
    limited(
      key
        .command('create')
        .description('make a key; it is shown this once')
        .option('--account <name>', 'whose key it is', 'default')
        .option('--name <name>', 'what lists show', 'cli')
        .option('--test', 'accepts everything and delivers nothing')
        .addOption(new Option('--for <program>', 'print the lines to paste there as well').choices(PROGRAMS)),
    ),
    (context, command) => withAdmin(context, (admin) => create(context, admin, command.opts())),
  )
}

async function create(context: Context, admin: Admin, options: CreateOptions): Promise<Exit> {
  const { account, name, test, for: program, ...limits } = options
  const mode = test === true ? 'test' : 'live'
  const made = await admin.keyCreate({ account, name, mode, ...limitsOf(limits) })
  if (program === undefined || !made.ok) return shownOnce(context, made)
  const loaded = context.load()
  if (loaded === null) return 1
  const domains = await admin.domainList({ account })
  const domain = limits.domain?.[0] ?? (domains.ok ? domains.value[0]?.name : undefined) ?? 'example.com'
  const paste = snippetFor(program, placeOf(loaded.config, made.value.key, domain))
  context.out.one({ ...made.value, paste }, () => paste)
  context.out.note('\nKeep the key now: it is not shown again.')
  return 0
}

const shownOnce = (context: Context, done: Parameters<typeof finish<CreatedKey>>[1]) =>
  finish(context, done, (made) => {
    const pairs = [
      ['key', made.key],
      ['id', made.id],
      ['account', made.account],
    ] as const
    context.out.one(made, () => listing(pairs))
    context.out.note('Keep the key now: it is not shown again.')
  })

function addSet(key: Command): void {
  runs(
    limited(
      key
        .command('set')
        .description('change what a key may do; what is not named stays')
        .argument('<key>', 'its id or its prefix')
        .option('--name <name>', 'what lists show'),
    ).addHelpText('after', '\n--expires never takes an expiry away.'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { name, ...limits } = command.opts<LimitOptions & { readonly name?: string }>()
        const ask = { key: command.args[0] ?? '', name: name ?? null, ...limitsOf(limits) }
        const done = await admin.keyChange(ask)
        return finish(context, done, (row) => context.out.one(row, () => listing(pairsOf(row))))
      }),
  )
}

function addRotate(key: Command): void {
  runs(
    key
      .command('rotate')
      .description('another key that may do the same; the one before ends after an overlap')
      .argument('<key>', 'its id or its prefix')
      .option('--overlap <duration>', 'for how long both open', '24h'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { overlap } = command.opts<{ readonly overlap: string }>()
        return shownOnce(context, await admin.keyRotate({ key: command.args[0] ?? '', overlap }))
      }),
  )
}

function addRevoke(key: Command): void {
  runs(
    key
      .command('revoke')
      .description('from now on the key opens nothing')
      .argument('<key>', 'its id or its prefix')
      .addOption(
        new Option('--queued <what>', 'mail it queued that is not under way')
          .choices(['keep', 'hold', 'drop'])
          .default('keep'),
      ),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { queued } = command.opts<Pick<RevokeAsk, 'queued'>>()
        const done = await admin.keyRevoke({ key: command.args[0] ?? '', queued })
        return finish(context, done, (revoked) =>
          context.out.one(revoked, () => {
            const mail = queued === 'keep' ? '' : `; what it queued: ${queued}`
            return `${revoked.id} ${revoked.revoked ? 'is revoked' : 'was revoked before'}${mail}`
          }),
        )
      }),
  )
}

const pairsOf = (row: KeyRow) =>
  [
    ['id', row.id],
    ['name', row.name],
    ['account', row.account],
    ['mode', row.mode],
    ['prefix', row.prefix],
    ['state', row.state],
    ['scopes', row.scopes.join(', ')],
    ['writes as', [...row.domains, ...row.addresses].join(', ') || 'every domain of its account'],
    ['used from', row.networks.join(', ') || 'everywhere'],
    ['expires', row.expires_at ?? 'never'],
    ['last used', row.last_used_at === null ? 'never' : `${row.last_used_at} ${row.last_used_from ?? ''}`],
    ['made', row.created_at],
    ['revoked', row.revoked_at ?? 'no'],
  ] as const
