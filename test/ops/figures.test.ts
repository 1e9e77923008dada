import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FIGURES } from '../../src/ops/figures.ts'
import { openFigures } from '../../src/ops/meter.ts'

const ROOT = join(import.meta.dir, '..', '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

const toldIn = (page: string): ReadonlyMap<string, string> =>
  new Map(
    [...page.matchAll(/^\| (`mailwok_.*?`) \|/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/`mailwok_(\w+)(?:\{([\w,]+)\})?`/g)].map(
        ([, name = '', labels = '']) => [name, labels] as const,
      ),
    ),
  )

test('docs/operating.md has every figure with its labels', () => {
  const told = [...toldIn(read('docs/operating.md'))].toSorted()
  expect(told).toEqual(
    Object.entries(FIGURES)
      .map(([name, { labels }]) => [name, labels.join(',')] as [string, string])
      .toSorted(),
  )
})

test('names are as Prometheus wants them, and a help says more than the name', () => {
  for (const [name, { help, kind }] of Object.entries(FIGURES)) {
    expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter'])
    expect(name).not.toMatch(/_(?:ms|milliseconds|octets|minutes|hours|kb|mb)(?:_|$)/)
    expect(help).toMatch(/^[A-Z\d].{10,}\.$/)
    expect(help.toLowerCase().replace('.', '')).not.toBe(name.replaceAll('_', ' '))
  }
})

test('counters are there before the first count, gauges are not', async () => {
  const text = await openFigures().text()
  expect(text).toContain('\nmailwok_smtp_auth_failures_total 0\n')
  expect(text).toContain(`# HELP mailwok_attempts_total ${FIGURES['attempts_total']?.help}`)
  expect(text).not.toContain('mailwok_egress_open')
})

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly for: string
      readonly labels: Readonly<Record<string, string>>
      readonly annotations: Readonly<Record<string, string>>
    }[]
  }[]
}

const rules = (Bun.YAML.parse(read('assets/prometheus-alerts.yml')) as Rules).groups.flatMap(
  (group) => group.rules,
)
const panels = (JSON.parse(read('assets/grafana-dashboard.json')) as Dashboard).panels
const ASKED = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ targets, title }) => targets.map(({ expr }) => [title, expr] as const)),
]

test.each(ASKED)('%s asks for figures and labels that there are', (title, expr) => {
  const asked = [...expr.matchAll(/mailwok_(\w+)(?:\{(\w+)=)?/g)]
  if (title !== 'MailwokDown') expect(asked).not.toBeEmpty()
  for (const [, name = '', label] of asked) {
    expect(Object.keys(FIGURES)).toContain(name)
    if (label !== undefined) expect(FIGURES[name]?.labels).toContain(label)
    // A counter since the start says nothing.
    if (FIGURES[name]?.kind === 'counter') expect(expr).toMatch(/(?:rate|increase)\(/)
  }
  for (const [, by = ''] of expr.matchAll(/by \(([\w, ]+)\)/g))
    for (const label of by.split(', '))
      expect(['instance', ...asked.flatMap(([, name = '']) => FIGURES[name]?.labels ?? [])]).toContain(label)
  expect(expr.split('(')).toHaveLength(expr.split(')').length)
})

test('rules are complete, and no two have one name', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  for (const rule of rules) {
    expect(rule.for).toMatch(/^\d+[mhd]$/)
    expect(['warning', 'critical']).toContain(rule.labels['severity'] ?? '')
    expect(rule.annotations).toMatchObject({ summary: expect.any(String), description: expect.any(String) })
    // A label in the words of a rule is one of its figures'.
    const labels = [...`${rule.annotations['summary']}`.matchAll(/\$labels\.(\w+)/g)].map(
      ([, label = '']) => label,
    )
    for (const label of labels) {
      const names = [...rule.expr.matchAll(/mailwok_(\w+)/g)].map(([, name = '']) => name)
      expect(['instance', ...names.flatMap((name) => FIGURES[name]?.labels ?? [])]).toContain(label)
    }
  }
})
