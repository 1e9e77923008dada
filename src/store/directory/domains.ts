// Owns: DomainStore for both engines: statements over sending domains, their DKIM keys, and whose turn it is to be looked at.

import type { Kysely } from 'kysely'
import type { Domain } from '../../core/address.ts'
import type { AccountEvent } from '../../core/event.ts'
import { DAY } from '../../core/time.ts'
import type { DomainStore, RecordedLook } from '../domain-store.ts'
import { type Executor, type Query, statement } from '../executor.ts'
import { type EVENT_COLUMNS, eventValues } from '../log-rows.ts'
import type { Tables } from '../tables.ts'
import { careOfRow, dkimKeyOfRow, dkimKeyValues, domainOfRow, domainValues } from './domain-rows.ts'
import { changed, done, settled } from './writes.ts'

const NO_DOMAIN = {
  name: '',
  account_id: '',
  created_at: 0,
  verified_at: 0,
  checked_at: 0,
  checks: '',
  track_opens: 0,
  track_clicks: 0,
  tracking_host: '',
  rotate_dkim: 0,
  rotate_wanted: 0,
}
const NO_KEY = {
  domain: '',
  selector: '',
  algorithm: '',
  public_key: '',
  sealed_private_key: new Uint8Array(),
  created_at: 0,
  state: '',
  origin: '',
  activated_at: 0,
  retired_at: 0,
  seen_since: 0,
  seen_at: 0,
  seen_looks: 0,
}
const NO_CARE = { domain: '', look_at: 0, wrong_since: 0, wrong_looks: 0, told: '', findings: '' }

function domainStatements(db: Kysely<Tables>) {
  const domains = db.selectFrom('domains').selectAll().where('removed_at', 'is', null)
  const one = db.updateTable('domains')
  return {
    all: statement(() => domains.orderBy('name')),
    allOf: statement(() => domains.where('account_id', '=', '').orderBy('name')),
    one: statement(() => domains.where('name', '=', '')),
    any: statement(() => db.selectFrom('domains').select('name').where('name', '=', '')),
    hosts: statement(() =>
      db
        .selectFrom('domains')
        .select(['name', 'tracking_host'])
        .where('tracking_host', '<>', '')
        .where('removed_at', 'is', null),
    ),
    add: statement(() => db.insertInto('domains').values(NO_DOMAIN)),
    track: statement(() =>
      one
        .set({ track_opens: 0, track_clicks: 0, tracking_host: '', rotate_dkim: 0, rotate_wanted: 0 })
        .where('name', '=', ''),
    ),
    check: statement(() => one.set({ checks: '', checked_at: 0, verified_at: 0 }).where('name', '=', '')),
    granted: statement(() => one.set({ rotate_wanted: 0 }).where('name', '=', '')),
    remove: statement(() =>
      one
        .set({ removed_at: 0, verified_at: null })
        .where('name', '=', '')
        .where('removed_at', 'is', null)
        .returning('name'),
    ),
  }
}

/** Of one that was removed under a name, and of all that were removed before a time. */
function forgetStatements(db: Kysely<Tables>) {
  const removed = db.selectFrom('domains').select('name').where('removed_at', 'is not', null)
  const named = removed.where('name', '=', '')
  const old = removed.where('removed_at', '<', 0)
  const domains = db.deleteFrom('domains').where('removed_at', 'is not', null)
  return {
    named: [
      statement(() => db.deleteFrom('dkim_keys').where('domain', 'in', named)),
      statement(() => db.deleteFrom('domain_care').where('domain', 'in', named)),
      statement(() => domains.where('name', '=', '')),
    ],
    old: [
      statement(() => db.deleteFrom('dkim_keys').where('domain', 'in', old)),
      statement(() => db.deleteFrom('domain_care').where('domain', 'in', old)),
      statement(() => domains.where('removed_at', '<', 0)),
    ],
  }
}

function keyStatements(db: Kysely<Tables>) {
  const key = db.updateTable('dkim_keys')
  return {
    of: statement(() => db.selectFrom('dkim_keys').selectAll().where('domain', '=', '').orderBy('selector')),
    add: statement(() => db.insertInto('dkim_keys').values(NO_KEY)),
    retire: statement(() =>
      key
        .set({ state: 'retired', retired_at: 0 })
        .where('domain', '=', '')
        .where('algorithm', '=', '')
        .where('selector', '<>', '')
        .where('state', '=', 'active'),
    ),
    activate: statement(() =>
      key
        .set({ state: 'active', activated_at: 0, retired_at: null })
        .where('domain', '=', '')
        .where('selector', '=', '')
        .where('state', '=', 'next'),
    ),
    see: statement(() =>
      key
        .set({ seen_since: 0, seen_at: 0, seen_looks: 0 })
        .where('domain', '=', '')
        .where('selector', '=', ''),
    ),
    remove: statement(() => db.deleteFrom('dkim_keys').where('domain', '=', '').where('selector', '=', '')),
  }
}

function careStatements(db: Kysely<Tables>) {
  return {
    of: statement(() => db.selectFrom('domain_care').selectAll().where('domain', '=', '')),
    due: statement(() =>
      db
        .selectFrom('domain_care')
        .innerJoin('domains', 'domains.name', 'domain_care.domain')
        .select(['domain_care.domain', 'domain_care.look_at'])
        .where((at) => at.or([at('domain_care.look_at', '<=', 0), at('domain_care.look_at', '>', 0)]))
        .where('domains.removed_at', 'is', null)
        .orderBy('domain_care.look_at')
        .limit(1),
    ),
    take: statement(() =>
      db
        .updateTable('domain_care')
        .set({ look_at: 0 })
        .where('domain', '=', '')
        .where('look_at', '=', 0)
        .returning('domain'),
    ),
    put: statement(() =>
      db
        .insertInto('domain_care')
        .values(NO_CARE)
        .onConflict((conflict) =>
          conflict.column('domain').doUpdateSet((is) => ({
            look_at: is.ref('excluded.look_at'),
            wrong_since: is.ref('excluded.wrong_since'),
            wrong_looks: is.ref('excluded.wrong_looks'),
            told: is.ref('excluded.told'),
            findings: is.ref('excluded.findings'),
          })),
        ),
    ),
    tell: statement(() =>
      db.insertInto('events').values({
        id: '',
        account_id: '',
        message_id: '',
        delivery_id: '',
        recipient: '',
        type: '',
        at: 0,
        body: '',
      } satisfies Record<(typeof EVENT_COLUMNS)[number], string | number>),
    ),
  }
}

export function domainDirectory(db: Kysely<Tables>, executor: Executor): DomainStore {
  return { ...bookOf(db, executor), ...keysOf(db, executor), ...careOf(db, executor) }
}

type Book =
  | 'domains'
  | 'domain'
  | 'awaitsReturns'
  | 'trackingHosts'
  | 'addDomain'
  | 'switchDomain'
  | 'removeDomain'
  | 'forgetDomains'

function bookOf(db: Kysely<Tables>, executor: Executor): Pick<DomainStore, Book> {
  const sql = domainStatements(db)
  const keys = keyStatements(db)
  const care = careStatements(db)
  const forget = forgetStatements(db)
  return {
    async domains(account) {
      return (await executor.read(account === null ? sql.all() : sql.allOf(account))).map(domainOfRow)
    },
    async domain(name) {
      const [row] = await executor.read(sql.one(name))
      return row ? domainOfRow(row) : null
    },
    async awaitsReturns(name) {
      return (await executor.read(sql.any(name))).length > 0
    },
    async trackingHosts() {
      const rows = await executor.read(sql.hosts(''))
      return new Map(rows.map((row) => [row.name as Domain, row.tracking_host]))
    },
    async addDomain(domain, made) {
      const queries = [
        ...forget.named.map((text) => text(domain.name)),
        sql.add(...domainValues(domain)),
        care.put(domain.name, domain.createdAt, null, 0, '', '[]'),
        ...made.map((key) => keys.add(...dkimKeyValues(key))),
      ]
      return done(await executor.write(queries))
    },
    async switchDomain(name, { dkimRotation, rotationWanted, tracking, trackingHost }) {
      const { clicks, opens } = tracking
      const values = [
        Number(opens),
        Number(clicks),
        trackingHost ?? '',
        Number(dkimRotation),
        Number(rotationWanted),
        name,
      ]
      return settled(await executor.write([sql.track(...values)]))
    },
    async removeDomain(name, at) {
      return changed(await executor.write([sql.remove(at, null, name)]))
    },
    async forgetDomains(before) {
      return settled(await executor.write(forget.old.map((text) => text(before))))
    },
  }
}

function keysOf(db: Kysely<Tables>, executor: Executor): Pick<DomainStore, 'dkimKeys' | 'changeKeys'> {
  const sql = keyStatements(db)
  const { granted } = domainStatements(db)
  const { tell } = careStatements(db)
  return {
    async dkimKeys(name) {
      return (await executor.read(sql.of(name))).map(dkimKeyOfRow)
    },
    async changeKeys({ activate, add, at, bring = [], domain, events, grants = false, remove }) {
      const queries = [
        ...remove.map((selector) => sql.remove(domain, selector)),
        ...bring.map((key) => sql.add(...dkimKeyValues(key))),
        ...activate.flatMap(({ algorithm, selector }) => [
          sql.retire('retired', at, domain, algorithm, selector, 'active'),
          sql.activate('active', at, null, domain, selector, 'next'),
        ]),
        ...(grants ? [granted(0, domain)] : []),
        ...add.map((key) => sql.add(...dkimKeyValues(key))),
        ...events.map((event) => tell(...eventValues(event))),
      ]
      return done(await executor.write(queries))
    },
  }
}

/** A turn so far ahead was set by a clock that was wrong. */
const TOO_FAR = 7 * DAY

type Care = 'care' | 'dueLooks' | 'takeLook' | 'recordLook'

function careOf(db: Kysely<Tables>, executor: Executor): Pick<DomainStore, Care> {
  const sql = careStatements(db)
  const { check } = domainStatements(db)
  const { see } = keyStatements(db)
  return {
    async care(name) {
      const [row] = await executor.read(sql.of(name))
      return row ? careOfRow(row) : null
    },
    async dueLooks(now, limit) {
      const rows = await executor.read(sql.due(Math.floor(now), Math.floor(now + TOO_FAR), limit))
      return rows.map((row) => ({ name: row.domain as Domain, lookAt: Number(row.look_at) }))
    },
    async takeLook({ name, lookAt }, until) {
      return changed(await executor.write([sql.take(Math.ceil(until), name, lookAt)]))
    },
    async recordLook({ at, care, checks, events, name, sights, verifiedAt }: RecordedLook) {
      const { findings, lookAt, told, wrongLooks, wrongSince } = care
      const queries: Query[] = [
        check(JSON.stringify(checks), at, verifiedAt, name),
        sql.put(name, Math.ceil(lookAt), wrongSince, wrongLooks, told, JSON.stringify(findings)),
        ...sights.map((key) => see(key.seenSince, key.seenAt, key.seenLooks, name, key.selector)),
        ...events.map((event: AccountEvent) => sql.tell(...eventValues(event))),
      ]
      return settled(await executor.write(queries))
    },
  }
}
