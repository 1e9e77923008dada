import { existsSync, realpathSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { AdminFault } from '../../src/admin/admin.ts'
import type { Config } from '../../src/config/schema.ts'
import { fault, ok, type Result } from '../../src/core/result.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { VERSION } from '../../src/ops/version.ts'
import { connectAdmin } from '../client.ts'
import { type Context, finish, runs } from '../context.ts'
import type { Exit } from '../output.ts'
import { copyOf, download, findPublished, RELEASES } from '../upgrade/candidate.ts'
import { oldOf, type Ran, type State, upgrade, type World } from '../upgrade/upgrading.ts'

interface Options {
  readonly binary?: string
  readonly sha256?: string
  readonly to?: string
  readonly url: string
  readonly check?: boolean
  readonly service?: string
  readonly executable?: string
  readonly wait: string
}

const PACKAGED = '/var/lib/dpkg/info/mailwok.list'
const BETWEEN_ASKS = 200

export function addUpgradeCommand(program: Command): void {
  runs(
    program
      .command('upgrade')
      .description(
        'put another version in place: checked, with a backup, and back again if it does not become ready',
      )
      .option('--binary <file>', 'this executable; else a released one is fetched')
      .option('--sha256 <hex>', 'what its SHA-256 must be; else SHA256SUMS beside it says')
      .option('--to <version>', 'this released version, not the latest')
      .option('--url <url>', 'where releases are', RELEASES)
      .option('--check', 'only say what there is; nothing is changed')
      .option('--service <command>', 'called with start and stop behind it where there is no systemd')
      .option('--executable <path>', 'what is replaced (default: this executable)')
      .option('--wait <seconds>', 'for the node to stop, and to become ready', '120'),
    run,
  )
}

async function run(context: Context, command: Command): Promise<Exit> {
  const options = command.opts<Options>()
  const wanted = options.to ?? null
  if (options.check === true) return check(context, options.url, wanted)
  const loaded = context.load()
  if (loaded === null) return 1
  const { config } = loaded
  return finish(context, await replace(context, config, options), (done) =>
    context.out.one(done, () => done.message),
  )
}

async function check(context: Context, url: string, wanted: string | null): Promise<Exit> {
  const found = await findPublished(url, wanted)
  return finish(context, found, ({ version, sha256, url: file }) =>
    context.out.one(
      { current: VERSION, available: version, same: version === VERSION, url: file, sha256 },
      () => (version === VERSION ? `${VERSION} is what there is` : `${version} is there; this is ${VERSION}`),
    ),
  )
}

interface Done {
  readonly executable: string
  readonly version: string
  readonly backup: string
  readonly running: boolean
  readonly message: string
}

async function replace(
  context: Context,
  config: Config,
  options: Options,
): Promise<Result<Done, AdminFault>> {
  const executable = resolve(options.executable ?? process.execPath)
  const refused = refusal(executable, config, options)
  if (refused !== null) return fault(refused)
  const real = realpathSync(executable)
  const admin = await connectAdmin(config.api.adminSocket)
  await admin?.close()
  const world = worldOf(context, config, options)
  const before = admin === null ? null : await world.state()
  if (before !== null && serviceOf(options) === null) {
    const message = 'a node runs, and there is no systemd: say by --service what stops and starts it'
    return fault({ code: 'no_service', message })
  }
  const candidate = `${real}.candidate`
  const brought = await bring(context, options, candidate)
  if (!brought.ok) return brought
  try {
    const stamp = new Date(systemClock().now()).toISOString().replace(/[:.]/g, '-')
    const backup = join(config.server.dataDir, `before-upgrade-${stamp}`)
    const done = await upgrade(world, { executable: real, candidate, backup, before })
    return done.ok ? ok(await report(world, done.value)) : done
  } finally {
    rmSync(candidate, { force: true })
  }
}

async function report(
  world: World,
  done: { readonly executable: string; readonly backup: string; readonly running: boolean },
): Promise<Done> {
  const asked = await world.run(done.executable, 'version')
  const { version } = JSON.parse(asked.said) as { readonly version: string }
  const state = done.running ? 'it runs and is ready' : 'no node was running: the next start takes it'
  const message = `${version} is in place, ${state}\nthe old executable: ${oldOf(done.executable)}\nthe store as it was: ${done.backup}`
  return { ...done, version, message }
}

/** What would end badly, before anything is done. */
function refusal(
  executable: string,
  config: Config,
  { executable: named, binary, sha256 }: Options,
): AdminFault | null {
  if (named === undefined && VERSION.endsWith('-checkout'))
    return { code: 'not_installed', message: 'this is a checkout; install.sh builds and installs it' }
  if (!existsSync(executable)) return { code: 'no_file', message: `${executable} is not there` }
  if (executable === '/usr/bin/mailwok' && existsSync(PACKAGED))
    return { code: 'packaged', message: 'dpkg put this executable here: install the newer .deb by dpkg -i' }
  if (config.api.adminSocket === '')
    return {
      code: 'no_admin_socket',
      message: 'api.admin_socket is off: nobody can be asked whether the node is ready',
    }
  if (sha256 !== undefined && binary === undefined)
    return { code: 'usage', message: '--sha256 is for --binary; what is fetched is checked by SHA256SUMS' }
  return null
}

async function bring(
  { out }: Context,
  { binary, sha256, to, url }: Options,
  candidate: string,
): Promise<Result<void, AdminFault>> {
  if (binary !== undefined) {
    const copied = await copyOf(resolve(binary), sha256 ?? null, candidate)
    if (copied.ok && !copied.value.checked)
      out.note(`${binary} has no SHA256SUMS beside it and no --sha256: it is taken as it is`)
    return copied.ok ? ok(undefined) : copied
  }
  const found = await findPublished(url, to ?? null)
  if (!found.ok) return found
  if (found.value.version === VERSION)
    return fault({ code: 'up_to_date', message: `${VERSION} is in place already` })
  out.note(`fetching ${found.value.url}`)
  return download(found.value, candidate)
}

export function serviceOf({ service }: Pick<Options, 'service'>): readonly string[] | null {
  if (service !== undefined) return ['/bin/sh', '-c', `${service} "$1"`, 'sh']
  return existsSync('/run/systemd/system') ? ['/bin/sh', '-c', 'systemctl "$1" mailwok.service', 'sh'] : null
}

function worldOf(context: Context, config: Config, options: Options): World {
  const { file, flags } = context.asked
  const globals = [
    ...(file === null ? [] : ['--config', resolve(file)]),
    ...[...flags].flatMap(([key, value]) => ['--set', `${key}=${value}`]),
  ]
  return {
    run: (executable, ...args) => ran([executable, ...args, ...globals, '--json']),
    service: (verb) => ran([...(serviceOf(options) ?? ['false']), verb]),
    state: () => stateOf(config.api.adminSocket),
    until: async (holds) => {
      const rounds = Math.max(1, Math.ceil((Number(options.wait) * 1000) / BETWEEN_ASKS))
      for (let round = 0; round < rounds; round += 1) {
        if (await holds()) return true
        await Bun.sleep(BETWEEN_ASKS)
      }
      return false
    },
    tell: (line) => context.out.note(line),
  }
}

export async function stateOf(socket: string): Promise<State | null> {
  const admin = await connectAdmin(socket)
  if (admin === null) return null
  const asked = await admin.status({})
  if (!asked.ok) return { ready: false, reasons: asked.error.message }
  const { ready, reasons } = asked.value
  return { ready, reasons: reasons.map(({ part, reason }) => `${part}: ${reason}`).join(', ') }
}

/** What a command said, its error before its result. */
export async function ran(command: readonly string[]): Promise<Ran> {
  try {
    const child = Bun.spawn([...command], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
    const [said, failed, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
    return { ok: code === 0, said: (code === 0 ? said : failed || said).trim().slice(0, 2000) }
  } catch (error) {
    return { ok: false, said: error instanceof Error ? error.message : String(error) }
  }
}
