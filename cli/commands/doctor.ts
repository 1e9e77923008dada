import type { Command } from 'commander'
import type { BounceRow } from '../../src/admin/doctor-rows.ts'
import { formatFault } from '../../src/config/faults.ts'
import { type Loaded, loadConfig } from '../../src/config/load.ts'
import { type Checkup, type Diagnosis, hasFailed } from '../../src/core/diagnosis.ts'
import { connectAdmin } from '../client.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { doctorTable } from '../doctor-table.ts'
import { type Exit, tableOf } from '../output.ts'
import { becomeOwnerOf } from '../privileges.ts'

/** It looks at all there is, and brings it along: no other command waits for that. */
const doctorPath = () => import('../../src/doctor-path.ts')

interface Options {
  readonly quick?: boolean
  readonly fix?: boolean
  readonly bundle?: string
  readonly day?: string
}

export function addDoctorCommand(program: Command): void {
  const doctor = program
    .command('doctor')
    .description(
      'look whether all is well, and say how to mend what is not; ends with 3 when something fails',
    )
    .option('--quick', 'without asking anybody beyond the name servers')
    .option('--fix', 'first mend modes, owners and missing folders')
    .option(
      '--bundle <file>',
      'write findings, configuration and figures without secrets into a tar.gz, to ask for help with',
    )
    .option('--day <1|7|30>', 'what a new sender does on that day')
  runs(doctor, (context, command) => examine(context, command.opts<Options>()))
  runs(
    doctor
      .command('bounce')
      .description('bring a bounce back by the way that bounces take, and see whether it is taken in')
      .option('--domain <name>', 'of this sending domain; without it the first one'),
    bounce,
  )
  // For this executable itself: reading gigabytes is done by a process that can be killed.
  runs(
    doctor.command('store-check', { hidden: true }).argument('<file>').argument('<depth>'),
    async (_, command) => {
      const { tellSoundness } = await doctorPath()
      return tellSoundness(command.args[0] ?? '', command.args[1] ?? '') === 0 ? 0 : 1
    },
  )
}

async function examine(context: Context, options: Options): Promise<Exit> {
  if (options.day !== undefined) return advise(context, options.day)
  const loaded = loadConfig(context.asked)
  const checkup = loaded.ok
    ? await look(context, loaded.value, options)
    : misread(loaded.error.map((fault) => formatFault(fault)))
  if ('code' in checkup) return context.out.fail(checkup)
  if (options.bundle !== undefined && loaded.ok) {
    const { writeBundle } = await import('../../src/doctor-bundle.ts')
    const written = await writeBundle(options.bundle, { checkup, config: loaded.value })
    if (!written.ok) return context.out.fail({ code: 'bundle_failed', message: written.error })
    context.out.note(`written: ${options.bundle}; look into it before you give it away`)
  }
  context.out.one(checkup, () => doctorTable(checkup))
  return hasFailed(checkup) ? 3 : 0
}

async function look(
  context: Context,
  { config, file }: Loaded,
  { fix, quick }: Options,
): Promise<Checkup | { readonly code: string; readonly message: string }> {
  const depth = quick === true ? 'quick' : 'full'
  if (fix === true) {
    const { mendAll } = await doctorPath()
    const mended = await mendAll(config, file)
    for (const { done, subject } of mended) {
      context.out.note(`${subject}: ${done.ok ? done.value : `could not be mended: ${done.error}`}`)
    }
    if (mended.length === 0) context.out.note('nothing that --fix could mend')
  }
  const admin = await connectAdmin(config.api.adminSocket)
  if (admin === null) {
    const { examineAlone } = await doctorPath()
    return examineAlone(config, {
      configFile: file,
      depth,
      becomeOwner: () => becomeOwnerOf(config.server.dataDir),
    })
  }
  const done = await admin.doctor({ depth })
  return done.ok ? done.value : done.error
}

/** Nothing else can be looked at: nobody knows where it is. */
function misread(faults: readonly string[]): Checkup {
  const diagnoses: readonly Diagnosis[] = faults.map((fault) => ({
    check: 'configuration',
    ailment: 'configuration_invalid',
    state: 'fail',
    subject: fault.split(': ')[0] ?? 'mailwok.toml',
    why: fault,
    fix: ['mailwok config check', 'mailwok config default     # every key with its default'],
    mendable: false,
  }))
  return { at: 0, took: 0, depth: 'quick', diagnoses }
}

async function advise(context: Context, day: string): Promise<Exit> {
  const { adviceOn } = await doctorPath()
  const advice = adviceOn(day)
  if (advice === null) {
    return context.out.fail({ code: 'usage', message: `--day is "${day}"; want 1, 7 or 30` })
  }
  context.out.one(advice, () =>
    advice.steps
      .map(({ lines, title }, at) => [`${at + 1}. ${title}`, ...lines.map((line) => `   ${line}`)].join('\n'))
      .join('\n\n'),
  )
  return 0
}

function bounce(context: Context, command: Command): Promise<Exit> {
  const domain = command.opts<{ domain?: string }>().domain ?? null
  return withAdmin(context, async (admin) => {
    const done = await admin.doctorBounce({ domain })
    const exit = finish(context, done, (row) => context.out.one(row, () => shown(row)))
    return done.ok && !done.value.came_back ? 3 : exit
  })
}

const shown = ({ came_back, domain, return_path, steps }: BounceRow): string =>
  [
    tableOf(steps, ['what', 'ok', 'said']),
    came_back
      ? `A bounce of ${domain} comes back: ${return_path} was reached, and the log has it.`
      : `A bounce of ${domain} does not come back. The step above that failed says where it is lost.`,
  ].join('\n')
