//
// Owns: every check in one run (`npm test`): lint, types, build, tests; at the end what failed, with its error, and one
// line that sums them up.
//
// MAILWOK_TEST_ALL=1 turns a skipped test into a failure. Arguments are handed to `bun test`, to run a part of it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  POSTGRES_URL,
  PostgresCluster,
  postgresBinaries,
  TEST_ALL,
} from '../test/support/postgres-cluster.ts'
import { type Report, readJunit } from './junit.ts'

const ROOT = dirname(import.meta.dir)
const BIN = join(ROOT, 'node_modules', '.bin')
const MUST_HAVE_ALL = process.env[TEST_ALL] === '1'

/** What stood on the screen before a test was called failed: so many lines of it are told again at the end. */
const LINES_OF_A_FAILURE = 40

const total = { passed: 0, failed: 0 }

step('lint', [join(BIN, 'biome'), 'check', '.'])
step('types', [join(BIN, 'tsc'), '--noEmit'])
step('build', [process.execPath, 'scripts/build.ts'])
await runTests()

console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)

function step(name: string, command: readonly string[]): void {
  const start = performance.now()
  const { success, stdout, stderr } = Bun.spawnSync([...command], { cwd: ROOT, env: process.env })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${name}: ${success ? 'ok' : 'failed'} (${seconds} s)`)
  if (success) total.passed += 1
  else {
    total.failed += 1
    process.stderr.write(Buffer.concat([stdout, stderr]))
  }
}

async function runTests(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-check-'))
  const outfile = join(folder, 'junit.xml')
  // One cluster for all: a test file that finds none would start its own.
  const cluster = !process.env[POSTGRES_URL] && postgresBinaries() ? await PostgresCluster.start() : null
  try {
    const tests = Bun.spawn(
      [
        process.execPath,
        'test',
        '--only-failures',
        // A busy machine is no fault; a test that hangs still is.
        '--timeout=30000',
        '--reporter=junit',
        `--reporter-outfile=${outfile}`,
        ...Bun.argv.slice(2),
      ],
      {
        cwd: ROOT,
        stdout: 'inherit',
        stderr: 'pipe',
        env: {
          ...process.env,
          // Suites that hold for the executable run against it.
          MAILWOK_BINARY: join(ROOT, 'dist', 'mailwok'),
          ...(cluster ? { [POSTGRES_URL]: cluster.url } : {}),
        },
      },
    )
    const [code, accounts] = await Promise.all([tests.exited, passOn(tests.stderr)])
    count(readReport(outfile), code)
    for (const account of accounts) console.log(`\n${account}`)
  } finally {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Shows what bun says as it comes; gives what it said about each failure: on a long run it has scrolled away. */
async function passOn(output: ReadableStream<Uint8Array>): Promise<string[]> {
  const accounts: string[] = []
  const decoder = new TextDecoder()
  let recent: string[] = []
  let rest = ''
  for await (const bytes of output) {
    process.stderr.write(bytes)
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      recent.push(line)
      if (!line.startsWith('(fail)')) continue
      accounts.push(recent.slice(-LINES_OF_A_FAILURE).join('\n'))
      recent = []
    }
    recent = recent.slice(-LINES_OF_A_FAILURE)
  }
  return accounts
}

function readReport(file: string): Report | null {
  try {
    return readJunit(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

function count(report: Report | null, code: number): void {
  if (report === null) {
    console.log('tests: no report was written')
    total.failed += 1
    return
  }
  total.passed += report.passed
  total.failed += report.failed
  for (const failure of report.failures) console.log(`failed: ${failure}`)
  // A file that does not load, an unhandled error between tests: bun says so by its exit code alone.
  if (code !== 0 && report.failed === 0) {
    console.log(`tests: bun test ended with ${code}`)
    total.failed += 1
  }
  for (const [suite, tests] of report.skipped) {
    console.log(
      `${MUST_HAVE_ALL ? 'skipped, which is a failure here' : 'skipped'}: ${suite} (${tests} tests)`,
    )
    if (MUST_HAVE_ALL) total.failed += tests
  }
}
