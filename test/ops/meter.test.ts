import { expect, test } from 'bun:test'
import { openFigures } from '../../src/ops/meter.ts'

test('counters, gauges and samples come out as Prometheus reads them', async () => {
  const { meter, text, contentType } = openFigures()
  meter.count('accepted_total')
  meter.count('accepted_total', 2)
  meter.count('refused_total', 1, { code: 'rate_limited' })
  meter.count('refused_total', 1, { code: 'mail_loop' })
  meter.gauge('queue_waiting', 7)
  meter.gauge('queue_waiting', 5)
  meter.observe('commit_seconds', 0.004)
  const lines = (await text()).split('\n')
  for (const line of [
    'mailwok_accepted_total 3',
    'mailwok_refused_total{code="rate_limited"} 1',
    'mailwok_refused_total{code="mail_loop"} 1',
    'mailwok_queue_waiting 5',
    'mailwok_commit_seconds_bucket{le="0.005"} 1',
    'mailwok_commit_seconds_bucket{le="0.0025"} 0',
    'mailwok_commit_seconds_count 1',
  ]) {
    expect(lines).toContain(line)
  }
  expect(contentType).toStartWith('text/plain')
})

test('two books do not share a figure', async () => {
  const [one, other] = [openFigures(), openFigures()]
  one.meter.count('things_total')
  expect(await other.text()).not.toContain('things')
})
