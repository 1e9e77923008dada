//
// Owns: a throw-away PostgreSQL cluster from the system's package, and a fresh database in it for each test file.
// Never: touches a cluster it did not start, and never opens a port beyond loopback.
//
// One run shares one cluster: whoever needs it first starts it and leaves its url in MAILWOK_TEST_POSTGRES.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SQL } from 'bun'

export const POSTGRES_URL = 'MAILWOK_TEST_POSTGRES'
/** Set by .ci/run: a suite that is skipped for want of a system part is a failure then. */
export const TEST_ALL = 'MAILWOK_TEST_ALL'

/** Of several installed majors the newest; null when this machine has none. */
export function postgresBinaries(): string | null {
  const onPath = Bun.which('postgres')
  if (onPath && Bun.which('initdb')) return onPath.slice(0, -'/postgres'.length)
  const root = '/usr/lib/postgresql'
  const majors = existsSync(root) ? readdirSync(root).map(Number).filter(Number.isInteger) : []
  for (const major of majors.sort((a, b) => b - a)) {
    const bin = join(root, String(major), 'bin')
    if (existsSync(join(bin, 'postgres')) && existsSync(join(bin, 'initdb'))) return bin
  }
  return null
}

/** What a suite says and does about a machine without PostgreSQL. */
export function postgresSuite(name: string): { readonly name: string; readonly skip: boolean } {
  if (process.env[POSTGRES_URL] || postgresBinaries()) return { name, skip: false }
  if (process.env[TEST_ALL] === '1')
    throw new Error(`${name}: PostgreSQL is not installed, and ${TEST_ALL}=1`)
  return { name: `${name} (skipped: PostgreSQL is not installed)`, skip: true }
}

/** A new, empty database in the cluster of this run; returns its url. */
export async function freshDatabase(): Promise<string> {
  const admin = process.env[POSTGRES_URL] ?? (await startShared()).url
  const name = `t_${process.pid}_${Bun.nanoseconds().toString(36)}`
  await administer(admin, `CREATE DATABASE ${name}`)
  const url = new URL(admin)
  url.pathname = `/${name}`
  return url.href
}

/** As new, and quicker than a new one: nothing may be connected to it. */
export const emptied = (url: string): Promise<void> =>
  administer(url, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public')

export async function administer(admin: string, statement: string): Promise<void> {
  const sql = new SQL(admin, { max: 1 })
  try {
    await sql.unsafe(statement).simple()
  } finally {
    await sql.close({ timeout: 1 })
  }
}

async function startShared(): Promise<PostgresCluster> {
  const cluster = await PostgresCluster.start()
  process.env[POSTGRES_URL] = cluster.url
  return cluster
}

/** fsync stays on: what these tests prove is durability. */
const SETTINGS = { fsync: 'on', max_connections: '60', shared_buffers: '64MB', logging_collector: 'off' }
const PATIENCE_MS = 30_000

/** Twenty tries of a quarter second: the pid file goes when the postmaster has ended. */
const WARDEN = `
  trap '' INT TERM HUP
  cat >/dev/null
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || break
    kill -QUIT "$pid" 2>/dev/null || break
    sleep 0.25
  done
  rm -rf "$1"`

export class PostgresCluster {
  readonly url: string
  readonly #bin: string
  readonly #folder: string
  readonly #port: number

  private constructor(bin: string, folder: string, port: number) {
    this.#bin = bin
    this.#folder = folder
    this.#port = port
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`
  }

  static async start(): Promise<PostgresCluster> {
    const bin = postgresBinaries()
    if (!bin) throw new Error('PostgreSQL is not installed')
    const folder = mkdtempSync(join(tmpdir(), 'mailwok-pg-'))
    const cluster = new PostgresCluster(bin, folder, await freePort())
    cluster.#ward()
    if (process.getuid?.() === 0) run('chown', ['postgres:', folder])
    cluster.#as('initdb', [
      '-D',
      cluster.data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ])
    await cluster.boot()
    return cluster
  }

  get data(): string {
    return join(this.#folder, 'data')
  }

  /** Starts the postmaster and waits until it takes connections. */
  async boot(): Promise<void> {
    const settings = Object.entries(SETTINGS).flatMap(([key, value]) => ['-c', `${key}=${value}`])
    const where = ['-D', this.data, '-k', this.#folder, '-p', String(this.#port), '-h', '127.0.0.1']
    const log = Bun.file(join(this.#folder, 'log'))
    const child = Bun.spawn([...asPostgres(), `${this.#bin}/postgres`, ...where, ...settings], {
      cwd: this.#folder,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: log,
    })
    child.unref()
    const deadline = Bun.nanoseconds() + PATIENCE_MS * 1e6
    while (this.#pidFile()[7]?.trim() !== 'ready') {
      if (child.exitCode !== null || Bun.nanoseconds() > deadline) {
        throw new Error(`PostgreSQL did not start: ${readFileSync(join(this.#folder, 'log'), 'utf8')}`)
      }
      await Bun.sleep(10)
    }
  }

  /** As `pg_ctl stop -m immediate`: no checkpoint, no farewell to clients; what was not synced is lost. */
  async crash(): Promise<void> {
    const pid = this.pid
    if (pid === null) return
    process.kill(pid, 'SIGQUIT')
    const deadline = Bun.nanoseconds() + PATIENCE_MS * 1e6
    while (alive(pid)) {
      if (Bun.nanoseconds() > deadline) throw new Error(`PostgreSQL ${pid} does not stop`)
      await Bun.sleep(10)
    }
  }

  /** Ends it and removes its folder; the end of this process does the same. */
  async stop(): Promise<void> {
    await this.crash()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /**
   * A shell that waits for the end of a pipe which only we hold, then clears away. An exit hook would not do:
   * it does not run when a test run is killed, and that is when a postmaster would be left behind.
   */
  #ward(): void {
    const child = Bun.spawn(['sh', '-c', WARDEN, 'warden', this.#folder], {
      stdin: 'pipe',
      stdout: 'ignore',
      stderr: 'ignore',
    })
    child.unref()
  }

  get pid(): number | null {
    const pid = Number(this.#pidFile()[0])
    return Number.isInteger(pid) && pid > 1 ? pid : null
  }

  /** Lines of postmaster.pid: the pid first, the state eighth. */
  #pidFile(): readonly string[] {
    try {
      return readFileSync(join(this.data, 'postmaster.pid'), 'utf8').split('\n')
    } catch {
      return []
    }
  }

  #as(program: string, args: readonly string[]): void {
    const [first = '', ...rest] = [...asPostgres(), join(this.#bin, program), ...args]
    run(first, rest, this.#folder)
  }
}

/** initdb and postgres refuse to run as root. */
function asPostgres(): readonly string[] {
  const identity = process.getuid?.() === 0 ? ['--reuid=postgres', '--regid=postgres', '--init-groups'] : []
  return ['setpriv', ...identity, '--']
}

function run(program: string, args: readonly string[], cwd = '/'): void {
  const done = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${done.stderr}${done.error ?? ''}`)
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'Z'
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
