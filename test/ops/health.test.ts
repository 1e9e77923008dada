import { expect, test } from 'bun:test'
import { openHealth } from '../../src/ops/health.ts'

test('ready once every part has said so, and never again after stopping', () => {
  const health = openHealth()
  health.expect('store')
  health.expect('api')
  health.ready('store')
  expect(health.readyz()).toEqual({ ok: false, reasons: [{ part: 'api', reason: 'starting' }] })
  health.ready('api')
  expect(health.readyz()).toEqual({ ok: true, reasons: [] })
  health.unready('store', 'disk full')
  expect(health.readyz()).toEqual({ ok: false, reasons: [{ part: 'store', reason: 'disk full' }] })
  health.ready('store')
  health.stopping()
  expect(health.readyz().reasons).toEqual([{ part: 'node', reason: 'stopping' }])
  expect(health.livez()).toEqual({ ok: true, reasons: [] })
})
