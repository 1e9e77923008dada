//
// Owns: the two commands of a checkout, on a machine with nothing but Node and npm, or nothing but Bun.
// Never: a dependency, or a word newer than Node 18: this runs before anything is installed.
//
//   node scripts/run.mjs start   installs what the lock file names, builds, runs `mailwok try`
//   node scripts/run.mjs build   installs and builds dist/mailwok, or the file named behind it
//   node scripts/run.mjs test    installs, then every check

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const STAMP = join(ROOT, 'node_modules', '.installed-from')
const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const WANTED = devDependencies.bun

const [verb = '', ...rest] = process.argv.slice(2)
if (!['start', 'build', 'test'].includes(verb)) {
  process.stderr.write('usage: node scripts/run.mjs start|build|test\n')
  process.exit(2)
}

const bun = install()
if (verb === 'test') process.exit(run(bun, ['scripts/check.ts', ...rest]))
if (verb === 'build') process.exit(run(bun, ['scripts/build.ts', ...rest]))
const built = run(bun, ['scripts/build.ts'])
process.exit(built === 0 ? run(join(ROOT, 'dist', 'mailwok'), ['try', ...rest]) : built)

/** Makes node_modules what bun.lock says and returns the pinned bun. */
function install() {
  const own = join(ROOT, 'node_modules', 'bun', 'bin', 'bun.exe')
  if (isInstalled() && versionOf(own) === WANTED) return own
  const { bun: installer, remove } = findInstaller()
  try {
    if (run(installer, ['install', '--frozen-lockfile']) !== 0)
      fail('the dependencies could not be installed')
    placeBinary(own, installer)
  } finally {
    remove()
  }
  if (versionOf(own) !== WANTED) fail(`bun ${WANTED} could not be put into node_modules`)
  mkdirSync(dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, lockStamp())
  return own
}

function isInstalled() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lockStamp()
}

function lockStamp() {
  return readFileSync(join(ROOT, 'bun.lock'), 'utf8')
}

/** The bun that runs this file, one on PATH, else one that npm fetches into a folder of its own. */
function findInstaller() {
  const keep = () => undefined
  if (process.versions.bun === WANTED) return { bun: process.execPath, remove: keep }
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(folder, 'bun')
    if (folder !== '' && isFile(candidate) && versionOf(candidate) === WANTED)
      return { bun: candidate, remove: keep }
  }
  const folder = mkdtempSync(join(tmpdir(), 'mailwok-bun-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`fetching bun ${WANTED}\n`)
  const npm = [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `bun@${WANTED}`,
  ]
  const candidate = join(folder, 'node_modules', 'bun', 'bin', 'bun.exe')
  if (run('npm', npm) === 0 && versionOf(candidate) === WANTED) return { bun: candidate, remove }
  remove()
  return fail(`bun ${WANTED} is needed; npm could not fetch it`)
}

/** Where lifecycle scripts do not run, the package holds a stub: the installer itself takes its place. */
function placeBinary(own, installer) {
  if (versionOf(own) === WANTED || !existsSync(dirname(own))) return
  rmSync(own, { force: true })
  writeFileSync(own, readFileSync(installer), { mode: 0o755 })
}

function isFile(path) {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function versionOf(binary) {
  if (!isFile(binary)) return null
  const { status, stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}

/** Signals that stop this process reach the child as well: a terminal sends them to both. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' })
  if (error) process.stderr.write(`${command}: ${error.message}\n`)
  return status ?? 1
}

function fail(why) {
  process.stderr.write(`${why}\n`)
  return process.exit(1)
}
