//
// Owns: reading what `bun test --reporter=junit` wrote, as far as sums and names of skipped suites go.

export interface Report {
  readonly passed: number
  readonly failed: number
  /** Each failed test: its file, its suite, its name. */
  readonly failures: readonly string[]
  /** Skipped tests by suite: its file and its outermost name. */
  readonly skipped: ReadonlyMap<string, number>
}

export function readJunit(xml: string): Report {
  const skipped = new Map<string, number>()
  const failures: string[] = []
  let passed = 0
  for (const match of xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const body = match[2] ?? ''
    if (/<(?:failure|error)\b/.test(body)) failures.push(nameOf(match[1] ?? ''))
    else if (/<skipped\b/.test(body)) {
      const suite = suiteOf(match[1] ?? '')
      skipped.set(suite, (skipped.get(suite) ?? 0) + 1)
    } else passed += 1
  }
  return { passed, failed: failures.length, failures, skipped }
}

function nameOf(attributes: string): string {
  const suite = suiteOf(attributes)
  const name = attribute(attributes, 'name')
  return suite.endsWith(name) ? suite : `${suite} > ${name}`
}

function suiteOf(attributes: string): string {
  const file = attribute(attributes, 'file')
  const suite = attribute(attributes, 'classname') || attribute(attributes, 'name')
  return file === '' ? suite : `${file}: ${suite}`
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function attribute(attributes: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? ''
  return value.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}
