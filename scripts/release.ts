//
// Owns: `bun run release`: dist/release with everything that is published of one commit. Two runs of one commit with the
// pinned bun make the same octets: nothing in it knows when or where it was made.
//
//   bun scripts/release.ts [folder] [x64|arm64 ...]

import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { billOfMaterials } from './bill-of-materials.ts'
import { debianPackage } from './debian-package.ts'
import { commitDate, makeExecutable, ROOT, type Target, version } from './executable.ts'

interface Machine {
  readonly target: Target
  readonly debian: string
}

const MACHINES: Readonly<Record<string, Machine>> = {
  // Without AVX2: small hosts still rent such machines.
  x64: { target: 'bun-linux-x64-baseline', debian: 'amd64' },
  arm64: { target: 'bun-linux-arm64', debian: 'arm64' },
}

const [given, ...asked] = Bun.argv.slice(2)
const folder = resolve(given ?? join(ROOT, 'dist', 'release'))
const wanted = asked.length > 0 ? asked : Object.keys(MACHINES)
const name = version()
const missing: string[] = []

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
for (const machine of wanted) await make(machine)
writeFileSync(join(folder, `mailwok-${name}.cdx.json`), billOfMaterials(ROOT, commitDate()))
copyFileSync(join(ROOT, 'install.sh'), join(folder, 'install.sh'))
chmodSync(join(folder, 'install.sh'), 0o755)
writeSums()
for (const line of missing) console.error(line)
process.exit(missing.length > 0 ? 1 : 0)

async function make(machine: string): Promise<void> {
  const known = MACHINES[machine]
  if (!known) throw new Error(`${machine}: known are ${Object.keys(MACHINES).join(', ')}`)
  const file = join(folder, `mailwok-${name}-linux-${machine}`)
  try {
    await makeExecutable(known.target, file)
  } catch (error) {
    // The runtime for another machine is fetched; a release that lacks one says so by its exit code as well.
    missing.push(`not made: mailwok-${name}-linux-${machine} (${known.target}): ${String(error)}`)
    return
  }
  const made = debianPackage({
    root: ROOT,
    executable: file,
    version: name,
    machine: known.debian,
    date: commitDate(),
    printed: printedBy,
  })
  writeFileSync(join(folder, `mailwok_${name}_${known.debian}.deb`), made)
}

/** What the executable prints of itself is the same on every machine: the source is asked, as the version it becomes. */
function printedBy(...args: readonly string[]): Buffer {
  const define = `MAILWOK_VERSION=${JSON.stringify(name)}`
  const { success, stdout, stderr } = Bun.spawnSync([
    process.execPath,
    '--define',
    define,
    join(ROOT, 'cli', 'main.ts'),
    ...args,
  ])
  if (!success) throw new Error(`mailwok ${args.join(' ')}: ${stderr.toString()}`)
  return stdout
}

function writeSums(): void {
  const lines = readdirSync(folder)
    .toSorted()
    .map((file) => {
      const octets = readFileSync(join(folder, file))
      console.log(`${file} (${(octets.length / 1e6).toFixed(1)} MB)`)
      return `${createHash('sha256').update(octets).digest('hex')}  ${file}\n`
    })
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''))
}
