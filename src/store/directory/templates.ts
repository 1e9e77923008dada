// Owns: TemplateStore for both engines.

import type { Kysely, Selectable } from 'kysely'
import type { AccountId } from '../../core/ids.ts'
import { fault, ok } from '../../core/result.ts'
import {
  type BuiltTemplate,
  parseTemplateId,
  type Template,
  type TemplateId,
  type TemplateKind,
  type TemplateSource,
} from '../../core/template.ts'
import { compilerFor, type Executor, listStatement, places, type Query, statement } from '../executor.ts'
import { orNull } from '../rows.ts'
import type { Store } from '../store.ts'
import type { Tables } from '../tables.ts'
import type { TemplateStore, TemplateWrite } from '../template-store.ts'
import type { TemplateTable } from '../template-tables.ts'

export function templatesOn(engine: Store['engine'], executor: Executor): TemplateStore {
  const db = compilerFor(engine)
  const changes = changeStatements(db)
  return {
    ...readingOn(db, executor),
    ...sendingOn(db, executor),
    async change(account, last, writes) {
      const queries = writes.flatMap((write) => queriesOf(changes, account, write))
      const turn = [changes.begin(account, last + 1), changes.forgetChanges(account, last + 1)]
      const written = await executor.write([...turn, ...queries])
      if (written.ok) return ok(undefined)
      return fault(written.error === 'exists' ? 'outdated' : written.error)
    },
  }
}

/** No id of a template is that great, none that small. */
const BEYOND = 'tpl_~'
const BELOW = ''

function listStatements(db: Kysely<Tables>) {
  const page = db
    .selectFrom('templates')
    .selectAll()
    .where('account_id', '=', '')
    .where('kind', 'in', places(3))
    .where('id', '<', '')
    .where('id', '>', '')
    .limit(1)
  return {
    older: statement(() => page.orderBy('id', 'desc')),
    newer: statement(() => page.orderBy('id', 'asc')),
    byId: statement(() =>
      db.selectFrom('templates').selectAll().where('account_id', '=', '').where('id', '=', ''),
    ),
    byName: statement(() =>
      db.selectFrom('templates').selectAll().where('account_id', '=', '').where('name', '=', ''),
    ),
    all: statement(() => db.selectFrom('templates').selectAll().where('account_id', '=', '').orderBy('id')),
    last: statement(() =>
      db
        .selectFrom('template_changes')
        .select('number')
        .where('account_id', '=', '')
        .orderBy('number', 'desc'),
    ),
  }
}

function versionStatements(db: Kysely<Tables>) {
  const own = db.selectFrom('template_versions').where('account_id', '=', '').where('template_id', '=', '')
  const numbers = own.select(['number', 'digest', 'created_at'])
  return {
    version: statement(() => own.selectAll().where('number', '=', 0)),
    older: statement(() => numbers.where('number', '<', 0).orderBy('number', 'desc').limit(1)),
    newer: statement(() => numbers.where('number', '>', 0).orderBy('number', 'asc').limit(1)),
    pieces: listStatement((size) =>
      db
        .selectFrom('templates')
        .innerJoin('template_versions', (join) =>
          join
            .onRef('template_versions.template_id', '=', 'templates.id')
            .onRef('template_versions.number', '=', 'templates.published'),
        )
        .select(['templates.name', 'template_versions.source'])
        .where('templates.account_id', '=', '')
        .where('templates.kind', '!=', '')
        .where('templates.name', 'in', places(size)),
    ),
  }
}

type ReadingSide = Omit<TemplateStore, 'change' | 'published' | 'build' | 'uses'>

/** More versions than a template ever has. */
const ANY_NUMBER = 2_000_000_000
const KINDS: readonly TemplateKind[] = ['template', 'layout', 'partial']

function readingOn(db: Kysely<Tables>, executor: Executor): ReadingSide {
  const sqlOf = listStatements(db)
  const versionsOf = versionStatements(db)
  return {
    async list({ account, kind, limit, after, before }) {
      const kinds = kind === null ? KINDS : [kind, kind, kind]
      const from = [account, ...kinds, after ?? BEYOND, before ?? BELOW, limit]
      // Backwards, what lies nearest to the mark is read first.
      const backwards = before !== null && after === null
      const rows = await executor.read((backwards ? sqlOf.newer : sqlOf.older)(...from))
      return (backwards ? [...rows].reverse() : rows).map(templateOfRow)
    },
    async find(account, named) {
      const query = parseTemplateId(named) === null ? sqlOf.byName : sqlOf.byId
      const [row] = await executor.read(query(account, named))
      return row === undefined ? null : templateOfRow(row)
    },
    async shelf(account) {
      // The number first: what changes in between makes the number too old, never too new.
      const [last] = await executor.read(sqlOf.last(account))
      const rows = await executor.read(sqlOf.all(account))
      return { last: Number(last?.number ?? 0), templates: rows.map(templateOfRow) }
    },
    async version(account, template, number) {
      const [row] = await executor.read(versionsOf.version(account, template, number))
      if (row === undefined) return null
      const source = JSON.parse(row.source) as TemplateSource
      return { number, digest: row.digest, createdAt: Number(row.created_at), source }
    },
    async versions({ account, template, limit, after, before }) {
      const rows =
        before === null
          ? await executor.read(versionsOf.older(account, template, after ?? ANY_NUMBER, limit))
          : (await executor.read(versionsOf.newer(account, template, before, limit))).toReversed()
      return rows.map(({ number, digest, created_at }) => ({
        number: Number(number),
        digest,
        createdAt: Number(created_at),
      }))
    },
    async pieces(account, names) {
      const found = new Map<string, TemplateSource>()
      for (const query of versionsOf.pieces([account, 'template'], names)) {
        for (const { name, source } of await executor.read(query)) {
          found.set(name, JSON.parse(source) as TemplateSource)
        }
      }
      return found
    },
  }
}

function sendingOn(
  db: Kysely<Tables>,
  executor: Executor,
): Pick<TemplateStore, 'published' | 'build' | 'uses'> {
  const marks = db
    .selectFrom('templates')
    .innerJoin('template_builds', 'template_builds.template_id', 'templates.id')
    .select(['templates.id', 'templates.name', 'template_builds.number', 'template_builds.digest'])
    .where('templates.account_id', '=', '')
  const byId = statement(() => marks.where('templates.id', '=', ''))
  const byName = statement(() => marks.where('templates.name', '=', ''))
  const build = statement(() =>
    db.selectFrom('template_builds').selectAll().where('account_id', '=', '').where('template_id', '=', ''),
  )
  const uses = statement(() =>
    db
      .selectFrom('template_builds')
      .select(['template_id', 'number', 'uses'])
      .where('account_id', '=', '')
      .orderBy('template_id'),
  )
  return {
    async published(account, named) {
      const query = parseTemplateId(named) === null ? byName : byId
      const [row] = await executor.read(query(account, named))
      if (row === undefined) return null
      return { id: row.id as TemplateId, name: row.name, number: Number(row.number), digest: row.digest }
    },
    async build(account, template) {
      const [row] = await executor.read(build(account, template))
      if (row === undefined) return null
      const built = JSON.parse(row.built) as BuiltTemplate
      const uses = JSON.parse(row.uses) as string[]
      return { template, number: Number(row.number), digest: row.digest, built, uses }
    },
    async uses(account) {
      const rows = await executor.read(uses(account))
      return rows.map(({ template_id, number, uses: names }) => ({
        template: template_id as TemplateId,
        number: Number(number),
        uses: JSON.parse(names) as string[],
      }))
    },
  }
}

function changeStatements(db: Kysely<Tables>) {
  const own = { template_id: '', account_id: '', number: 0 }
  return {
    /** Two changes from one state want the same number: one of them is refused. */
    begin: statement(() => db.insertInto('template_changes').values({ account_id: '', number: 0 })),
    forgetChanges: statement(() =>
      db.deleteFrom('template_changes').where('account_id', '=', '').where('number', '<', 0),
    ),
    add: statement(() =>
      db.insertInto('templates').values({
        id: '',
        account_id: '',
        name: '',
        kind: '',
        newest: 0,
        published: 0,
        created_at: 0,
        updated_at: 0,
      }),
    ),
    head: statement(() =>
      db
        .updateTable('templates')
        .set({ name: '', newest: 0, published: 0, updated_at: 0 })
        .where('account_id', '=', '')
        .where('id', '=', ''),
    ),
    version: statement(() =>
      db.insertInto('template_versions').values({ ...own, source: '', digest: '', created_at: 0 }),
    ),
    dropBuild: statement(() =>
      db.deleteFrom('template_builds').where('account_id', '=', '').where('template_id', '=', ''),
    ),
    build: statement(() =>
      db.insertInto('template_builds').values({ ...own, digest: '', built: '', uses: '' }),
    ),
    forget: statement(() =>
      db
        .deleteFrom('template_versions')
        .where('account_id', '=', '')
        .where('template_id', '=', '')
        .where('number', '<', 0)
        .where('number', '!=', 0),
    ),
    dropVersions: statement(() =>
      db.deleteFrom('template_versions').where('account_id', '=', '').where('template_id', '=', ''),
    ),
    remove: statement(() => db.deleteFrom('templates').where('account_id', '=', '').where('id', '=', '')),
  }
}

function queriesOf(
  sqlOf: ReturnType<typeof changeStatements>,
  account: AccountId,
  write: TemplateWrite,
): readonly Query[] {
  switch (write.kind) {
    case 'add': {
      const { id, name, kind, newest, published, createdAt, updatedAt } = write.template
      return [sqlOf.add(id, account, name, kind, newest, published, createdAt, updatedAt)]
    }
    case 'head': {
      const { id, name, newest, published, updatedAt } = write.template
      return [sqlOf.head(name, newest, published, updatedAt, account, id)]
    }
    case 'version': {
      const { number, source, digest, createdAt } = write.version
      return [sqlOf.version(write.template, account, number, JSON.stringify(source), digest, createdAt)]
    }
    case 'build': {
      const { template, number, digest, built, uses } = write.build
      const values = [template, account, number, digest, JSON.stringify(built), JSON.stringify(uses)]
      return [sqlOf.dropBuild(account, template), sqlOf.build(...values)]
    }
    case 'forget':
      return [sqlOf.forget(account, write.template, write.below, write.keep)]
    case 'remove': {
      const { template } = write
      return [
        sqlOf.dropBuild(account, template),
        sqlOf.dropVersions(account, template),
        sqlOf.remove(account, template),
      ]
    }
    default:
      return write satisfies never
  }
}

const templateOfRow = (row: Selectable<TemplateTable>): Template => ({
  id: row.id as TemplateId,
  accountId: row.account_id as AccountId,
  name: row.name,
  kind: KINDS.find((kind) => kind === row.kind) ?? 'template',
  newest: Number(row.newest),
  published: orNull(row.published),
  createdAt: Number(row.created_at),
  updatedAt: Number(row.updated_at),
})
