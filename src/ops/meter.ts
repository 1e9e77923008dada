//
// Owns: figures for Prometheus. Counters are there from the start, or the first rise would be nobody's; gauges when they are
// first known: a 0 would be a lie.
// Never: default metrics of the process (their figures of the garbage collector are empty on this runtime).

import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter, MetricLabels } from '../core/ports.ts'
import { FIGURES } from './figures.ts'

export interface FigureBook {
  readonly meter: Meter
  /** The exposition format that Prometheus reads. */
  text(): Promise<string>
  readonly contentType: string
}

const PREFIX = 'mailwok_'
const NO_LABELS: MetricLabels = {}
/** Seconds, from one fsync to the receiver's patience. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export function openFigures(): FigureBook {
  const registry = new Registry()
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()
  const gauges = new Map<string, Gauge>()
  const meter: Meter = {
    count: (name, by = 1, labels = NO_LABELS) =>
      known(counters, name, () => new Counter(described(name, labels, registry))).inc(labels, by),
    observe: (name, value, labels = NO_LABELS) =>
      known(
        histograms,
        name,
        () => new Histogram({ ...described(name, labels, registry), buckets: bucketsOf(name) }),
      ).observe(labels, value),
    gauge: (name, value, labels = NO_LABELS) =>
      known(gauges, name, () => new Gauge(described(name, labels, registry))).set(labels, value),
  }
  for (const [name, { kind, labels }] of Object.entries(FIGURES)) {
    const none = Object.fromEntries(labels.map((label) => [label, '']))
    if (kind === 'counter') counters.set(name, new Counter(described(name, none, registry)))
  }
  return { meter, text: () => registry.metrics(), contentType: registry.contentType }
}

const bucketsOf = (name: string): number[] => [...(FIGURES[name]?.buckets ?? BUCKETS)]

function known<T>(metrics: Map<string, T>, name: string, make: () => T): T {
  const metric = metrics.get(name)
  if (metric !== undefined) return metric
  const made = make()
  metrics.set(name, made)
  return made
}

const described = (name: string, labels: MetricLabels, registry: Registry) => ({
  name: PREFIX + name,
  help: FIGURES[name]?.help ?? name.replaceAll('_', ' '),
  labelNames: Object.keys(labels),
  registers: [registry],
})
