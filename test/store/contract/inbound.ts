//
// Owns: what both engines promise of reports, of routes of incoming mail, and of what waits for webhooks.

import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { AccountId } from '../../../src/core/ids.ts'
import type {
  InboundPost,
  InboundRoute,
  InboundRouteId,
  NewReport,
  ReportId,
  StoredReport,
} from '../../../src/store/inbound-store.ts'
import type { Store } from '../../../src/store/store.ts'
import { ACCOUNT, NOW, type Open } from './samples.ts'

const report = (changes: Partial<StoredReport> = {}): StoredReport => ({
  id: 'rep_1' as ReportId,
  kind: 'dmarc',
  domain: 'example.com',
  organization: 'receiver.example',
  reportId: 'r1',
  beginAt: NOW - 2000,
  endAt: NOW - 1000,
  receivedAt: NOW,
  passed: 40,
  failed: 2,
  body: { rows: [{ source_ip: '192.0.2.1', count: 42 }] },
  ...changes,
})

const route = (changes: Partial<InboundRoute> = {}): InboundRoute => ({
  id: 'rte_1' as InboundRouteId,
  accountId: ACCOUNT,
  pattern: 'support@example.com',
  action: 'webhook',
  target: 'https://shop.example/hook',
  closed: false,
  createdAt: NOW,
  ...changes,
})

const post = (changes: Partial<InboundPost> = {}): InboundPost => ({
  id: 'in_1',
  routeId: 'rte_1' as InboundRouteId,
  accountId: ACCOUNT,
  body: '{"subject":"é"}',
  attempts: 0,
  dueAt: NOW,
  createdAt: NOW,
  lastError: '',
  ...changes,
})

const written = ({ body, ...row }: StoredReport): NewReport => ({ ...row, json: JSON.stringify(body) })

export function inboundContract(open: Open): void {
  let store: Store
  beforeEach(async () => {
    store = await open()
    await store.directory.addAccount({ id: ACCOUNT, name: 'default', plan: 'unlimited', createdAt: NOW })
  })
  afterEach(() => store.close())

  describe('reports', () => {
    test('the same report is kept once, whatever id it would get', async () => {
      expect(await store.inbound.addReport(written(report()))).toEqual({ ok: true, value: 'added' })
      const again = report({ id: 'rep_2' as ReportId, passed: 1 })
      expect(await store.inbound.addReport(written(again))).toEqual({ ok: true, value: 'known' })
      expect(await store.inbound.report('rep_1' as ReportId)).toEqual(report())
      expect(await store.inbound.report('rep_2' as ReportId)).toBeNull()
    })

    test('lists go by kind and domain, the last received first', async () => {
      const others = [
        report({ id: 'rep_2' as ReportId, kind: 'tls', receivedAt: NOW + 1 }),
        report({ id: 'rep_3' as ReportId, domain: 'other.example', receivedAt: NOW + 2 }),
      ]
      for (const one of [report(), ...others]) await store.inbound.addReport(written(one))
      const listed = async (kind: 'dmarc' | 'tls' | null, domain: string | null, limit = 10) =>
        (await store.inbound.reports({ kind, domain, limit })).map((row) => row.id as string)
      expect(await listed(null, null)).toEqual(['rep_3', 'rep_2', 'rep_1'])
      expect(await listed(null, null, 1)).toEqual(['rep_3'])
      expect(await listed('dmarc', null)).toEqual(['rep_3', 'rep_1'])
      expect(await listed(null, 'example.com')).toEqual(['rep_2', 'rep_1'])
      expect(await listed('tls', 'example.com')).toEqual(['rep_2'])
      const { body, ...row } = report()
      expect((await store.inbound.reports({ kind: 'dmarc', domain: 'example.com', limit: 1 }))[0]).toEqual(
        row,
      )
    })

    test('what is old goes', async () => {
      await store.inbound.addReport(written(report()))
      await store.inbound.forget(NOW, NOW)
      expect(await store.inbound.report('rep_1' as ReportId)).not.toBeNull()
      await store.inbound.forget(NOW + 1, NOW)
      expect(await store.inbound.report('rep_1' as ReportId)).toBeNull()
    })
  })

  describe('routes', () => {
    test('a webhook is closed once, and what waits for it is due when it opens', async () => {
      const forward = route({ id: 'rte_2' as InboundRouteId, pattern: '*@example.com', action: 'forward' })
      for (const one of [route(), forward]) await store.inbound.addRoute(one)
      await store.inbound.addPost(post({ dueAt: NOW + 5000 }))
      await store.inbound.addPost(post({ id: 'in_2', dueAt: null }))
      expect(await store.inbound.openRoute(route().pattern, NOW)).toEqual({ ok: true, value: false })
      expect(await store.inbound.nextPostDueAt([])).toBe(NOW + 5000)
      expect(await store.inbound.closeRoute(route().id)).toEqual({ ok: true, value: true })
      expect(await store.inbound.closeRoute(route().id)).toEqual({ ok: true, value: false })
      expect(await store.inbound.closeRoute(forward.id)).toEqual({ ok: true, value: false })
      expect(await store.inbound.routes(null)).toEqual([forward, route({ closed: true })])
      expect(await store.inbound.openRoute(route().pattern, NOW)).toEqual({ ok: true, value: true })
      expect(await store.inbound.routes(null)).toEqual([forward, route()])
      expect(await store.inbound.nextPostDueAt([])).toBe(NOW)
      expect(await store.inbound.countPosts()).toEqual({ waiting: 1, failed: 1 })
    })

    test('a route is aimed elsewhere', async () => {
      await store.inbound.addRoute(route())
      expect(await store.inbound.aimRoute(route().id, 'https://other.example/')).toEqual({
        ok: true,
        value: true,
      })
      expect(await store.inbound.routes(null)).toEqual([route({ target: 'https://other.example/' })])
      const nobody = 'rte_none' as InboundRouteId
      expect(await store.inbound.aimRoute(nobody, 'x')).toEqual({ ok: true, value: false })
    })

    test('a pattern has one route', async () => {
      expect(await store.inbound.addRoute(route())).toEqual({ ok: true, value: undefined })
      const second = route({ id: 'rte_2' as InboundRouteId })
      expect(await store.inbound.addRoute(second)).toEqual({ ok: false, error: 'exists' })
    })

    test('they are found by pattern and account, and removed by pattern', async () => {
      const all = route({ id: 'rte_2' as InboundRouteId, pattern: '*@example.com', action: 'forward' })
      for (const one of [route(), all]) await store.inbound.addRoute(one)
      expect(await store.inbound.routes(null)).toEqual([all, route()])
      expect(await store.inbound.routes(ACCOUNT)).toEqual([all, route()])
      expect(await store.inbound.routes('acc_000000000009' as AccountId)).toEqual([])
      expect(await store.inbound.routesFor(['support@example.com', '*@example.com'])).toHaveLength(2)
      expect(await store.inbound.routesFor(['x@example.com', '*@example.com'])).toEqual([all])
      expect(await store.inbound.removeRoute('*@example.com')).toEqual({ ok: true, value: true })
      expect(await store.inbound.removeRoute('*@example.com')).toEqual({ ok: true, value: false })
      expect(await store.inbound.routesFor(['*@example.com'])).toEqual([])
    })
  })

  describe('posts', () => {
    test('the same mail waits once', async () => {
      expect(await store.inbound.addPost(post())).toEqual({ ok: true, value: 'added' })
      expect(await store.inbound.addPost(post())).toEqual({ ok: true, value: 'known' })
      expect(await store.inbound.countPosts()).toEqual({ waiting: 1, failed: 0 })
    })

    test('who takes one moves its next turn, so that nobody takes it beside him', async () => {
      await store.inbound.addPost(post())
      await store.inbound.addPost(post({ id: 'in_2', dueAt: NOW + 5 }))
      expect(await store.inbound.nextPostDueAt([])).toBe(NOW)
      expect(
        await store.inbound.takePosts({ now: NOW - 1, until: NOW + 100, limit: 10, except: [] }),
      ).toEqual([])
      const both = [
        store.inbound.takePosts({ now: NOW, until: NOW + 100, limit: 10, except: [] }),
        store.inbound.takePosts({ now: NOW, until: NOW + 100, limit: 10, except: [] }),
      ]
      const taken = (await Promise.all(both)).flat()
      expect(taken).toEqual([post({ dueAt: NOW + 100 })])
      expect(await store.inbound.nextPostDueAt([])).toBe(NOW + 5)
      expect(
        await store.inbound.takePosts({ now: NOW + 100, until: NOW + 200, limit: 1, except: [] }),
      ).toHaveLength(1)
    })

    test('one of each route is taken, and none of those that are named', async () => {
      const other = { routeId: 'rte_2' as InboundRouteId, dueAt: NOW + 1 }
      await store.inbound.addPost(post())
      await store.inbound.addPost(post({ id: 'in_2' }))
      await store.inbound.addPost(post({ id: 'in_3', ...other, body: 'éé' }))
      const ids = async (now: number, except: readonly string[]) =>
        (
          await store.inbound.takePosts({
            now,
            until: NOW + 100,
            limit: 10,
            except: except as InboundRouteId[],
          })
        ).map(({ id }) => id)
      expect(await store.inbound.nextPostDueAt(['rte_1' as InboundRouteId])).toBe(NOW + 1)
      expect(await store.inbound.waitingPosts()).toEqual(
        expect.arrayContaining([
          { routeId: 'rte_1' as InboundRouteId, letters: 2, octets: 32 },
          { routeId: 'rte_2' as InboundRouteId, letters: 1, octets: 4 },
        ]),
      )
      expect(await ids(NOW + 1, ['rte_1', "'"])).toEqual(['in_3'])
      expect(await ids(NOW + 1, [])).toEqual(['in_1'])
      expect(await ids(NOW + 1, [])).toEqual(['in_2'])
      expect(await store.inbound.nextPostDueAt(['rte_1', 'rte_2'] as InboundRouteId[])).toBeNull()
    })

    test('one ends, comes again, or is given up and goes when it is old', async () => {
      for (const id of ['in_1', 'in_2', 'in_3']) await store.inbound.addPost(post({ id }))
      await store.inbound.endPost('in_1')
      await store.inbound.deferPost('in_2', 1, NOW + 50, '503')
      await store.inbound.deferPost('in_3', 9, null, '500')
      expect(await store.inbound.countPosts()).toEqual({ waiting: 1, failed: 1 })
      expect(
        await store.inbound.takePosts({ now: NOW + 50, until: NOW + 60, limit: 10, except: [] }),
      ).toEqual([post({ id: 'in_2', attempts: 1, dueAt: NOW + 60, lastError: '503' })])
      await store.inbound.forget(NOW, NOW + 1)
      expect(await store.inbound.countPosts()).toEqual({ waiting: 1, failed: 0 })
    })
  })
}
