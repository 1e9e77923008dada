//
// Owns: how the one executable is made: dist/mailwok, or the file named as the first argument.
//
// Never --minify-identifiers: it switches the validation of queries off in silence. The executable must not load a
// stranger's .env or bunfig.toml from the folder it is started in. Bytecode halves the time to the first line of a
// command for 4 MB; it keeps the text of functions, which Elysia reads, and threads start from it as well.

import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const ROOT = dirname(import.meta.dir)

/** Threads are found in the executable only when their first files are named as entry points. */
const ENTRY_POINTS = ['cli/main.ts', ...new Bun.Glob('src/**/*-thread.ts').scanSync({ cwd: ROOT })]

const target = resolve(Bun.argv[2] ?? join(ROOT, 'dist', 'mailwok'))
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }
const commit = commitOf(ROOT)

mkdirSync(dirname(target), { recursive: true })
// A running executable cannot be overwritten; it can be replaced.
const fresh = `${target}.${process.pid}`
const build = Bun.spawnSync(
  [
    process.execPath,
    'build',
    '--compile',
    '--compile-exec-argv=--smol',
    '--minify-whitespace',
    '--minify-syntax',
    '--bytecode',
    '--format=esm',
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    '--define',
    'process.env.NODE_ENV="production"',
    '--define',
    `MAILWOK_VERSION=${JSON.stringify(version)}`,
    '--define',
    `MAILWOK_COMMIT=${JSON.stringify(commit)}`,
    // Threads are looked for by their path from here.
    `--root=${ROOT}`,
    `--outfile=${fresh}`,
    ...ENTRY_POINTS,
  ],
  { cwd: ROOT, stdout: 'inherit', stderr: 'inherit' },
)
if (!build.success) {
  rmSync(fresh, { force: true })
  process.exit(1)
}
renameSync(fresh, target)
console.log(`built ${target}`)

/** Empty where there is no git, or no history. */
function commitOf(folder: string): string {
  if (Bun.which('git') === null) return ''
  const { success, stdout } = Bun.spawnSync(['git', 'rev-parse', '--short=12', 'HEAD'], {
    cwd: folder,
    stderr: 'ignore',
  })
  return success ? stdout.toString().trim() : ''
}
