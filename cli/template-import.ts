//
// Owns: bringing templates of other services here: out of files and folders, put into Liquid, kept as drafts or as files.
// What did not go over is told, piece by piece.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import type { Command } from 'commander'
import {
  TEMPLATE_VENDORS,
  type TemplateVendor,
  translatedTemplate,
  type VendorTemplate,
  vendorTemplates,
} from '../src/admin/template-vendors.ts'
import { isTemplateName } from '../src/core/template.ts'
import { type Context, withAdmin } from './context.ts'
import type { Exit } from './output.ts'
import { type TemplateFolder, writeTemplate } from './template-files.ts'

interface Options {
  readonly account: string
  readonly from?: string
  readonly to?: string
}

interface Imported {
  readonly name: string
  readonly kind: string
  readonly outcome: string
  readonly notes: readonly string[]
}

export function importTemplates(context: Context, command: Command): Promise<Exit> {
  const options = command.opts<Options>()
  const from = TEMPLATE_VENDORS.find((vendor) => vendor === options.from)
  if (from === undefined) {
    const message = `--from wants one of ${TEMPLATE_VENDORS.join(', ')}`
    return Promise.resolve(context.out.fail({ code: 'usage', message }, 2))
  }
  const found = readPlace(from, command.args[0] ?? '')
  if (typeof found === 'string')
    return Promise.resolve(context.out.fail({ code: 'usage', message: found }, 2))
  // Templates are made of layouts, which have to be there.
  const folders = [...found].sort((a, b) => rankOf(a) - rankOf(b)).map((one) => readyOf(from, one))
  const nameless = folders.find(({ name }) => !isTemplateName(name))
  if (nameless) {
    const message = `${JSON.stringify(nameless.was)} gives no name for a template; rename it there first`
    return Promise.resolve(context.out.fail({ code: 'invalid_name', message }, 2))
  }
  return options.to === undefined
    ? keep(context, folders, options.account)
    : writeAll(context, folders, options.to)
}

const rankOf = ({ kind }: VendorTemplate): number => (kind === 'layout' ? 0 : 1)

interface Ready extends TemplateFolder {
  readonly notes: readonly string[]
  /** What it was called. */
  readonly was: string
}

const readyOf = (from: TemplateVendor, one: VendorTemplate): Ready => ({
  ...translatedTemplate(from, one),
  mjml: null,
  // Their services do not inline either: it stays as it looked.
  inline_css: false,
  was: one.name,
})

function keep(context: Context, folders: readonly Ready[], account: string): Promise<Exit> {
  return withAdmin(context, async (admin) => {
    const rows: Imported[] = []
    for (const { notes, was, ...folder } of folders) {
      const put = await admin.templatePut({ ...folder, account, publish: folder.kind === 'layout' })
      if (!put.ok) {
        show(context, rows)
        return context.out.fail({ ...put.error, message: `${was}: ${put.error.message}` })
      }
      rows.push({ name: folder.name, kind: folder.kind, outcome: put.value.outcome, notes })
    }
    return show(context, rows)
  })
}

function writeAll(context: Context, folders: readonly Ready[], root: string): Promise<Exit> {
  const rows = folders.map(({ notes, was: _, ...folder }) => {
    const outcome = writeTemplate(root, folder).length > 0 ? 'written' : 'unchanged'
    return { name: folder.name, kind: folder.kind, outcome, notes }
  })
  return Promise.resolve(show(context, rows))
}

function show(context: Context, rows: readonly Imported[]): Exit {
  if (rows.length > 0) context.out.rows(rows, ['name', 'kind', 'outcome', 'notes'])
  return 0
}

/** A text: what is wrong. */
function readPlace(from: TemplateVendor, place: string): readonly VendorTemplate[] | string {
  if (!existsSync(place)) return `there is no ${place}`
  const found = statSync(place).isDirectory() ? inFolder(from, place) : inFile(from, place)
  if (typeof found === 'string') return found
  return found.length > 0 ? found : `${place} has no template in it`
}

function inFolder(from: TemplateVendor, folder: string): readonly VendorTemplate[] | string {
  // As Postmark's own command line pulls them.
  if (existsSync(join(folder, 'meta.json'))) return postmarkFolder(folder)
  const found: VendorTemplate[] = []
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    if (name.startsWith('.')) continue
    const inner = statSync(path).isDirectory() ? inFolder(from, path) : inFile(from, path)
    if (typeof inner === 'string') return inner
    found.push(...inner)
  }
  return found
}

function postmarkFolder(folder: string): readonly VendorTemplate[] | string {
  const meta = jsonIn(join(folder, 'meta.json'))
  if (meta instanceof Error) return meta.message
  const textOf = (file: string): string | undefined =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined
  const whole = { ...(meta as object), HtmlBody: textOf('content.html'), TextBody: textOf('content.txt') }
  return vendorTemplates('postmark', whole)
}

function inFile(from: TemplateVendor, file: string): readonly VendorTemplate[] | string {
  const kind = extname(file).toLowerCase()
  if (kind === '.json') {
    const value = jsonIn(file)
    return value instanceof Error ? value.message : vendorTemplates(from, value)
  }
  if (!['.html', '.htm', '.hbs', '.handlebars', '.mustache', '.txt'].includes(kind)) return []
  const text = readFileSync(file, 'utf8')
  const name = basename(file, extname(file))
  const isText = kind === '.txt'
  const parts = { html: isText ? null : text, text: isText ? text : null }
  return [{ name, kind: 'template', subject: null, ...parts, sample: null, layout: null }]
}

function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    return new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
