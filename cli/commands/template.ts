import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, listing } from '../output.ts'

export function addTemplateCommands(program: Command): void {
  const template = program.command('template').description('what is sent again and again, kept in versions')
  addLooking(template)
  addFolders(template)
  addChanges(template)
}

const owned = (command: Command): Command => command.option('--account <name>', 'whose templates', 'default')

function addLooking(template: Command): void {
  runs(owned(template.command('list').description('templates, layouts and partials')), (context, command) =>
    withAdmin(context, async (admin) =>
      finish(context, await admin.templateList({ account: accountOf(command) }), (rows) =>
        context.out.rows(rows, ['name', 'kind', 'newest_version', 'published_version', 'updated_at']),
      ),
    ),
  )
  runs(
    owned(template.command('show').description('the source of a template').argument('<name>')).option(
      '--template-version <number>',
      'an older one; else the newest',
    ),
    show,
  )
  runs(
    owned(
      template
        .command('render')
        .description('a template as a recipient would get it')
        .argument('<name>')
        .option('--data <file>', 'JSON; else its sample. - reads standard input')
        .option('--template-version <number>', 'an older one; else the newest')
        .option('--html', 'the html alone')
        .option('--text', 'the text alone'),
    ),
    render,
  )
}

function addFolders(template: Command): void {
  runs(
    owned(
      template
        .command('push')
        .description('bring a folder of templates here; what is the same stays as it is')
        .argument('[folder]', 'with templates/, layouts/, partials/; else this one')
        .option('--draft', 'do not publish what is new')
        .option('--dry-run', 'change nothing; say what differs'),
    ),
    async (context, command) => (await import('../template-push.ts')).push(context, command),
  )
  runs(
    owned(
      template
        .command('pull')
        .description('write templates into a folder, as push reads them')
        .argument('[folder]', 'else this one')
        .argument('[names...]', 'else all'),
    ),
    async (context, command) => (await import('../template-push.ts')).pull(context, command),
  )
  runs(
    owned(
      template
        .command('import')
        .description('bring templates of another service here, as drafts; says what did not go over')
        .argument('<file>', 'JSON of its API, a page, or a folder of them')
        .option('--from <service>', 'sendgrid, mailgun, postmark or resend')
        .option('--to <folder>', 'write files instead, as push reads them'),
    ),
    async (context, command) => (await import('../template-import.ts')).importTemplates(context, command),
  )
}

function addChanges(template: Command): void {
  runs(
    owned(
      template
        .command('publish')
        .description('send the newest version from now on, or the one that is named')
        .argument('<name>')
        .option('--template-version <number>', 'such as 3'),
    ),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(
          context,
          await admin.templatePublish({ ...namedBy(command), version: versionOf(command) }),
          (row) => context.out.one(row, () => `${row.name} is sent as version ${row.published_version}`),
        ),
      ),
  )
  runs(
    owned(
      template
        .command('delete')
        .description('take a template away, with all its versions')
        .argument('<name>'),
    ),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.templateRemove(namedBy(command)), (removed) =>
          context.out.one(removed, () => `no template ${removed.name} any more`),
        ),
      ),
  )
}

const accountOf = (command: Command): string => command.opts<{ account: string }>().account

const namedBy = (command: Command) => ({ account: accountOf(command), name: command.args[0] ?? '' })

function versionOf(command: Command): number | null {
  const said = command.opts<{ templateVersion?: string }>().templateVersion
  return said === undefined ? null : Number(said)
}

function show(context: Context, command: Command): Promise<Exit> {
  return withAdmin(context, async (admin) =>
    finish(context, await admin.templateShow({ ...namedBy(command), version: versionOf(command) }), (row) =>
      context.out.one(row, () =>
        [
          listing([
            ['name', row.name],
            ['kind', row.kind],
            ['version', row.version],
            ['published', row.published_version],
            ['subject', row.subject],
          ]),
          row.mjml ?? row.html ?? '',
          row.text ?? '',
        ]
          .filter((part) => part !== '')
          .join('\n\n'),
      ),
    ),
  )
}

interface RenderOptions {
  readonly data?: string
  readonly html?: boolean
  readonly text?: boolean
}

function render(context: Context, command: Command): Promise<Exit> {
  const { data: file, html, text } = command.opts<RenderOptions>()
  const data = file === undefined ? null : dataIn(file)
  if (data instanceof Error)
    return Promise.resolve(context.out.fail({ code: 'usage', message: data.message }, 2))
  return withAdmin(context, async (admin) => {
    const rendered = await admin.templateRender({ ...namedBy(command), version: versionOf(command), data })
    return finish(context, rendered, (shown) => {
      if (html === true) context.out.source(Buffer.from(shown.html ?? ''))
      else if (text === true) context.out.source(Buffer.from(shown.text ?? ''))
      else context.out.one(shown, () => `Subject: ${shown.subject}\n\n${shown.text ?? ''}`)
      for (const { message } of shown.warnings) context.out.note(message)
    })
  })
}

function dataIn(file: string): Readonly<Record<string, unknown>> | Error {
  try {
    const value: unknown = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>
    }
    return new Error(`${file} is no JSON object`)
  } catch (error) {
    return new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
