//
// Owns: how the one executable is made, for this machine or another one.
//
// Never minified identifiers: they switch the validation of queries off in silence. The executable must not load a
// stranger's .env or bunfig.toml from the folder it is started in. Bytecode halves the time to the first line of a
// command; it keeps the text of functions, which Elysia reads, and threads start from it as well. What several entry
// points share is in it once, and what is imported late is read late: a command loads no node.

import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { leaner } from './leaner.ts'

export const ROOT = dirname(import.meta.dir)

export type Target = 'bun-linux-x64' | 'bun-linux-x64-baseline' | 'bun-linux-arm64'

/** Threads are found in the executable only when their first files are named as entry points. */
const entryPoints = (): readonly string[] =>
  // In the same order everywhere: folders are not read in one.
  ['cli/main.ts', ...new Bun.Glob('src/**/*-thread.ts').scanSync({ cwd: ROOT })].toSorted()

/**
 * Functions that lie deeper are compiled when they are called first. All of them would be 6 MB more, in an executable
 * that is to stay below 130 MB; starting takes the same.
 */
const BYTECODE_DEPTH = 1

export async function makeExecutable(target: Target | null, outfile: string): Promise<void> {
  mkdirSync(dirname(outfile), { recursive: true })
  // A running executable cannot be overwritten; it can be replaced. Its first name stands in it: always the same one.
  const folder = mkdtempSync(join(dirname(outfile), '.build-'))
  const fresh = join(folder, 'mailwok')
  try {
    await Bun.build({
      entrypoints: entryPoints().map((file) => join(ROOT, file)),
      // Threads are looked for by their path from here.
      root: ROOT,
      target: 'bun',
      format: 'esm',
      splitting: true,
      minify: { whitespace: true, syntax: true, identifiers: false },
      bytecode: true,
      bytecodeDepth: BYTECODE_DEPTH,
      define: {
        'process.env.NODE_ENV': '"production"',
        MAILWOK_VERSION: JSON.stringify(version()),
        MAILWOK_COMMIT: JSON.stringify(commit()),
      },
      plugins: [leaner(ROOT)],
      compile: {
        ...(target === null ? {} : { target }),
        outfile: fresh,
        execArgv: ['--smol'],
        autoloadDotenv: false,
        autoloadBunfig: false,
      },
    })
    renameSync(fresh, outfile)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function version(): string {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Empty where there is no git, or no history. */
export const commit = (): string => git('rev-parse', '--short=12', 'HEAD')

/** Seconds; what is built of a commit carries its date, whenever that is done. */
export const commitDate = (): number => Number(git('log', '-1', '--format=%ct')) || 0

function git(...args: readonly string[]): string {
  if (Bun.which('git') === null) return ''
  const { success, stdout } = Bun.spawnSync(['git', ...args], { cwd: ROOT, stderr: 'ignore' })
  return success ? stdout.toString().trim() : ''
}
