//
// Owns: `mailwok setup`: from an executable to a delivered mail, in steps that can all be taken again.

import { type Command, Option } from 'commander'
import type { CreatedKey } from '../../src/admin/account-rows.ts'
import type { Admin, AdminFault } from '../../src/admin/admin.ts'
import type { DnsRow } from '../../src/admin/domain-rows.ts'
import type { Loaded } from '../../src/config/load.ts'
import { parseDuration } from '../../src/config/units.ts'
import { fault, ok, type Result } from '../../src/core/result.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { type Context, runs } from '../context.ts'
import type { Exit } from '../output.ts'
import { type Answers, answersFor, type Flags } from '../setup/answers.ts'
import { type Configured, configure, differing, draftOf } from '../setup/configuring.ts'
import { openPrompts, type Prompts } from '../setup/prompts.ts'
import { awaitRecords } from '../setup/records.ts'
import { nodeFor } from '../setup/running.ts'
import { PROGRAMS, type Program, placeOf, snippetFor } from '../snippets.ts'
import { ZONE_FORMATS, type ZoneFormat, zoneText } from '../zone-lines.ts'
import { follow } from './send.ts'

interface Options extends Flags {
  readonly account: string
  readonly nonInteractive?: boolean
  readonly force?: boolean
  readonly format?: ZoneFormat
  readonly for: Program
  readonly again?: boolean
  readonly wait: string
  readonly service?: string
}

const TAG = 'setup'
const PATIENCE_OF_MAIL = '15m'

export function addSetupCommand(program: Command): void {
  runs(
    program
      .command('setup')
      .description(
        'from here to a delivered mail: configuration, domain, DNS records, key, first mail; can be run again',
      )
      .option('--hostname <name>', 'public name of this server')
      .option('--operator <address>', 'of the person in charge, elsewhere; gets the first mail')
      .option('--domain <name>', 'the first domain that sends')
      .addOption(
        new Option('--delivery <way>', 'to receivers directly, or all through a relay').choices([
          'direct',
          'relay',
        ]),
      )
      .option('--relay-host <name>', 'with --delivery relay')
      .option('--relay-port <port>', 'of the relay; else 587')
      .option('--relay-user <name>', 'at the relay')
      .option('--relay-password-file <file>', 'whose first line is the password there')
      .option('--acme-terms-agreed', "you agree to the terms of Let's Encrypt, which issues the certificate")
      .option('--no-acme', 'the certificate stays what [tls] says')
      .option('--no-backup', 'no daily backup')
      .option('--account <name>', 'whose domain and key it is', 'default')
      .addOption(new Option('--format <form>', 'of the DNS records').choices(ZONE_FORMATS))
      .addOption(
        new Option('--for <program>', 'print the lines to paste there').choices(PROGRAMS).default('smtp'),
      )
      .option('--wait <duration>', 'for the DNS records', '1h')
      .option('--service <command>', 'called with start and stop behind it where there is no systemd')
      .option('--force', 'other values in the configuration are replaced')
      .option('--again', 'another key and another first mail, also where there are some')
      .option('--non-interactive', 'ask nothing, also at a terminal'),
    (context, command) => setup(context, command.opts<Options>()),
  )
}

async function setup(context: Context, options: Options): Promise<Exit> {
  const { out } = context
  const patience = parseDuration(options.wait)
  if (patience === null) {
    const message = `--wait is ${JSON.stringify(options.wait)}; want a duration such as 1h`
    return out.fail({ code: 'usage', message })
  }
  const prepared = await prepare(context, options)
  if (!prepared.ok) return out.fail(prepared.error)
  const { answers, changed, loaded } = prepared.value
  const file = String(loaded.file)
  out.line(
    { step: 'configuration', file, changed },
    () => `${file} ${changed ? 'is written' : 'is as it should be'}.`,
  )
  const node = await nodeFor(loaded, options.service)
  if (!node.ok) return out.fail(node.error)
  const { admin, did } = node.value
  out.line({ step: 'node', did }, () => `The node ${did === 'found' ? 'runs' : `was ${did}`}.`)
  const verified = await domainStep(context, admin, { ...options, domain: answers.domain, patience })
  if (verified !== 0) return verified
  const keyed = await keyStep(context, admin, { ...options, domain: answers.domain }, loaded)
  if (!keyed.ok) return out.fail(keyed.error)
  return firstMail(context, admin, options, answers)
}

type Prepared = Configured & { readonly answers: Answers }

/** Nothing is written before everything is known. */
async function prepare({ asked }: Context, options: Options): Promise<Result<Prepared, AdminFault>> {
  const draft = draftOf(asked)
  if (!draft.ok) return draft
  using prompts = options.nonInteractive === true ? null : openPrompts()
  const answers = await answersFor(options, draft.value.text, prompts)
  if (!answers.ok) return answers
  const others = options.force === true ? [] : differing(draft.value.text, answers.value.settings)
  for (const { found, key, value } of others) {
    // A password is shown to nobody.
    const words = key.endsWith('password')
      ? 'another'
      : `${JSON.stringify(found)}, not ${JSON.stringify(value)}`
    const say = `${draft.value.file} says that ${key} is ${words}`
    if (!(await mayReplace(prompts, say))) {
      return fault({ code: 'differs', message: `${say}; nothing was changed: --force replaces it` })
    }
  }
  const done = configure(asked, draft.value, answers.value.settings)
  return done.ok ? ok({ ...done.value, answers: answers.value }) : done
}

const mayReplace = async (prompts: Prompts | null, say: string): Promise<boolean> =>
  prompts !== null && (await prompts.yes(`${say}. Replace it?`))

type DomainStep = Pick<Options, 'account' | 'format'> & { readonly domain: string; readonly patience: number }

async function domainStep(
  context: Context,
  admin: Admin,
  { account, domain: name, format, patience }: DomainStep,
): Promise<Exit> {
  const { out } = context
  const added = await admin.domainAdd({ name, account })
  const records = !added.ok && added.error.code === 'exists' ? await admin.domainDns({ name }) : added
  if (!records.ok) return out.fail(records.error)
  showRecords(context, name, records.value, format ?? 'table')
  if (patience > 0)
    out.note(`\nPublish these. Looking until they are there; Ctrl-C, and setup again later, does no harm.\n`)
  const done = await awaitRecords(admin, name, {
    now: () => systemClock().now(),
    sleep: (milliseconds) => Bun.sleep(milliseconds),
    tell: (record) => tellRecord(context, record),
    patience,
  })
  if (!done.ok) return out.fail(done.error)
  const { verified, records: looked } = done.value
  const missing = looked.filter((it) => it.required && it.state !== 'ok')
  out.line(
    { step: 'verified', domain: name, verified },
    () => `${name} is ${verified ? '' : 'not '}verified${verified ? '.' : ' yet.'}`,
  )
  if (verified) return 0
  for (const { fix, message } of missing) out.note(`! ${message}\n  ${fix}`)
  out.note(`When they are published, run the same again: mailwok setup --domain ${name}`)
  return 3
}

function showRecords({ out }: Context, domain: string, records: readonly DnsRow[], format: ZoneFormat): void {
  const text = format === 'json' ? JSON.stringify(records, null, 2) : zoneText(records, format)
  out.line({ step: 'dns', domain, records, ...(format === 'json' ? {} : { text }) }, () => `\n${text}`)
}

const GREEN = '\u001b[32m'
const PLAIN = '\u001b[0m'

function tellRecord({ out, wantsJson }: Context, record: DnsRow): void {
  const { name, required, state, type } = record
  const line = `${state.padEnd(8)}  ${type.padEnd(5)}  ${name}${required ? '' : ' (optional)'}`
  // What a terminal shows in green was made here: the name of a domain, and words of ours.
  if (!wantsJson && process.stdout.isTTY === true) out.note(state === 'ok' ? `${GREEN}${line}${PLAIN}` : line)
  else out.line({ step: 'record', type, name, required, state }, () => line)
}

type KeyStep = Pick<Options, 'account' | 'again' | 'for'> & { readonly domain: string }

async function keyStep(
  { out }: Context,
  admin: Admin,
  { account, again, domain, for: program }: KeyStep,
  { config }: Loaded,
): Promise<Result<CreatedKey | null, AdminFault>> {
  const listed = await admin.keyList({ account })
  if (!listed.ok) return listed
  const there = listed.value.find(({ mode, state }) => mode === 'live' && state === 'active')
  if (there !== undefined && again !== true) {
    const { id, prefix } = there
    out.line(
      { step: 'key', made: false, id, prefix },
      () => `\nThere is a key: ${prefix}… (another: mailwok key create)`,
    )
    return ok(null)
  }
  const limits = { scopes: null, domains: null, addresses: null, networks: null, expires: null }
  const made = await admin.keyCreate({ account, name: 'setup', mode: 'live', ...limits })
  if (!made.ok) return made
  const paste = snippetFor(program, placeOf(config, made.value.key, domain))
  out.line({ step: 'key', made: true, ...made.value, paste }, () => `\n${paste}\n`)
  out.note('Keep the key now: it is not shown again.\n')
  return made
}

/** One that was sent before is followed, not sent a second time. */
async function firstMail(
  context: Context,
  admin: Admin,
  { account, again }: Options,
  { domain, operator }: Answers,
): Promise<Exit> {
  const { out } = context
  const from = `postmaster@${domain}`
  const patience = parseDuration(PATIENCE_OF_MAIL) ?? 0
  const before = await admin.messageList({ recipient: operator, state: null, limit: 1, from, tag: TAG })
  if (!before.ok) return out.fail(before.error)
  const [sent] = before.value.messages
  if (sent !== undefined && again !== true) {
    out.note('The first mail was sent before (another: --again):')
    return follow(context, admin, sent.message_id, patience)
  }
  const text = `This is the first mail of ${domain}. It was signed, delivered and answered for by your own server.\n\nWhat became of it: mailwok message list\nWhether all is well: mailwok doctor\n`
  const subject = `${domain} sends by MailWok`
  const done = await admin.send({ account, from, to: [operator], subject, text, html: null, tags: [TAG] })
  if (!done.ok) return out.fail(done.error)
  return follow(context, admin, done.value.message_id, patience)
}
