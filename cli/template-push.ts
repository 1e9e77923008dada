//
// Owns: bringing a folder of templates to a node and back: what is the same is left alone, what differs is told.

import type { Command } from 'commander'
import type { Admin, AdminFault } from '../src/admin/admin.ts'
import type { TemplateSourceRow } from '../src/admin/template-rows.ts'
import { type Context, withAdmin } from './context.ts'
import type { Exit } from './output.ts'
import { differences } from './template-diff.ts'
import { readFolders, type TemplateFolder, writeTemplate } from './template-files.ts'

interface Options {
  readonly account: string
  readonly draft?: boolean
  readonly dryRun?: boolean
}

interface Pushed {
  readonly name: string
  readonly kind: string
  readonly outcome: string
  readonly version: number | null
  readonly remarks: readonly string[]
}

export function push(context: Context, command: Command): Promise<Exit> {
  const options = command.opts<Options>()
  const read = readFolders(command.args[0] ?? '.')
  if (!read.ok) return Promise.resolve(context.out.fail({ code: 'usage', message: read.error }, 2))
  return withAdmin(context, async (admin) =>
    options.dryRun === true
      ? compare(context, admin, { folders: read.value, account: options.account })
      : bring(context, admin, { folders: read.value, options }),
  )
}

/** What takes in something that comes later is tried again after it. */
async function bring(
  context: Context,
  admin: Admin,
  { folders, options }: { readonly folders: readonly TemplateFolder[]; readonly options: Options },
): Promise<Exit> {
  const rows: Pushed[] = []
  let waiting = folders
  let faults: { readonly name: string; readonly fault: AdminFault }[] = []
  do {
    const before = waiting.length
    faults = []
    const left: TemplateFolder[] = []
    for (const folder of waiting) {
      const put = await admin.templatePut({
        ...folder,
        account: options.account,
        publish: options.draft !== true,
      })
      if (put.ok) {
        const { kind, name, newest_version, outcome, remarks } = put.value
        rows.push({ name, kind, outcome, version: newest_version, remarks })
      } else {
        left.push(folder)
        faults.push({ name: folder.name, fault: put.error })
      }
    }
    waiting = left
    if (left.length === before) break
  } while (waiting.length > 0)
  if (rows.length > 0 || faults.length === 0)
    context.out.rows(rows, ['name', 'kind', 'outcome', 'version', 'remarks'])
  let exit: Exit = 0
  for (const { name, fault } of faults)
    exit = context.out.fail({ ...fault, message: `${name}: ${fault.message}` })
  return exit
}

async function compare(
  context: Context,
  admin: Admin,
  { account, folders }: { readonly folders: readonly TemplateFolder[]; readonly account: string },
): Promise<Exit> {
  const rows: Pushed[] = []
  const told: string[] = []
  for (const folder of folders) {
    const shown = await admin.templateShow({ account, name: folder.name, version: null })
    if (!shown.ok && shown.error.code !== 'not_found') return context.out.fail(shown.error)
    const known = shown.ok ? shown.value : null
    const lines = differences(known, folder)
    const outcome = known === null ? 'would be added' : lines.length > 0 ? 'would change' : 'unchanged'
    rows.push({
      name: folder.name,
      kind: folder.kind,
      outcome,
      version: known?.newest_version ?? null,
      remarks: [],
    })
    told.push(...lines.map((line) => `${folder.name}: ${line}`))
  }
  context.out.rows(rows, ['name', 'kind', 'outcome', 'version'])
  for (const line of told) context.out.note(line)
  return 0
}

export function pull(context: Context, command: Command): Promise<Exit> {
  const { account } = command.opts<Options>()
  const [root = '.', ...names] = command.args
  return withAdmin(context, async (admin) => {
    const all = await admin.templateList({ account })
    if (!all.ok) return context.out.fail(all.error)
    const missing = names.find((name) => !all.value.some((row) => row.name === name))
    if (missing !== undefined) {
      return context.out.fail({
        code: 'not_found',
        message: `there is no template ${missing}; see: mailwok template list`,
      })
    }
    const rows: { name: string; kind: string; version: number; files: readonly string[] }[] = []
    for (const { name } of all.value) {
      if (names.length > 0 && !names.includes(name)) continue
      const shown = await admin.templateShow({ account, name, version: null })
      if (!shown.ok) return context.out.fail(shown.error)
      rows.push({ ...headOf(shown.value), files: writeTemplate(root, shown.value) })
    }
    context.out.rows(rows, ['name', 'kind', 'version', 'files'])
    return 0
  })
}

const headOf = ({ kind, name, version }: TemplateSourceRow) => ({ name, kind, version })
