import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { DkimKeyRow } from '../../src/admin/domain-rows.ts'
import { finish, runs, withAdmin } from '../context.ts'
import { tableOf } from '../output.ts'

const COLUMNS = [
  'selector',
  'algorithm',
  'state',
  'origin',
  'seen',
  'activated_at',
  'publish_until',
] as const satisfies readonly (keyof DkimKeyRow)[]

export function addDomainKeyCommands(domain: Command): void {
  runs(
    domain.command('keys').description('the DKIM keys of a domain, and whose turn it is').argument('<name>'),
    (context, command) =>
      withAdmin(context, async (admin) =>
        finish(context, await admin.domainKeyList({ name: command.args[0] ?? '' }), (rows) =>
          context.out.rows(rows, COLUMNS),
        ),
      ),
  )
  runs(
    domain
      .command('rotate')
      .description('sign with the next DKIM keys: at once where their records were seen, else when they are')
      .argument('<name>'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const done = await admin.domainRotate({ name: command.args[0] ?? '' })
        return finish(context, done, (row) => {
          context.out.one(row, () => tableOf(row.keys, COLUMNS))
          context.out.note(
            row.rotated
              ? `\nOther keys sign from now on; mailwok domain dns ${row.name} says what to publish next.`
              : `\nIt waits until these were seen for an hour: ${row.waits_for.join(', ')}`,
          )
        })
      }),
  )
  addImport(domain)
  runs(
    domain.command('zone').description('what belongs into the zone of domains.dkim_zone, as a zone file'),
    (context) =>
      withAdmin(context, async (admin) => {
        const done = await admin.domainZoneShow({})
        return finish(context, done, (rows) =>
          context.out.one(rows, () => rows.map(({ name, strings }) => zoneLine(name, strings)).join('\n')),
        )
      }),
  )
}

const zoneLine = (name: string, strings: readonly string[]): string =>
  `${name}. 3600 IN TXT ${strings.map((piece) => `"${piece}"`).join(' ')}`

interface ImportOptions {
  readonly selector: string
  readonly file: string
}

function addImport(domain: Command): void {
  runs(
    domain
      .command('import-key')
      .description('take over a DKIM key that has signed its mail elsewhere')
      .argument('<name>')
      .requiredOption('--selector <selector>', 'such as s1: the first label of its record')
      .requiredOption('--file <path>', 'PEM, or the base64 seed of an Ed25519 key; - is standard input'),
    (context, command) =>
      withAdmin(context, async (admin) => {
        const { file, selector } = command.opts<ImportOptions>()
        const text = readText(file)
        if (text === null) {
          return context.out.fail({ code: 'unreadable_file', message: `${file} cannot be read` }, 2)
        }
        const done = await admin.domainImportKey({ name: command.args[0] ?? '', selector, privateKey: text })
        return finish(context, done, (row) => {
          context.out.rows([row], COLUMNS)
          if (row.state === 'next')
            context.out.note(`\nIt signs as soon as this is published: ${row.name} TXT ${row.value}`)
        })
      }),
  )
}

function readText(file: string): string | null {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch {
    return null
  }
}
