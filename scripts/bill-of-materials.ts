//
// Owns: what is in the executable, as CycloneDX 1.5: the runtime and every library that the lock file gives to what we
// depend on. Some of their code is left out of the executable (leaner.ts) and still named here.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Names = Readonly<Record<string, string>>

interface Details {
  readonly dependencies?: Names
  readonly optionalDependencies?: Names
}

/** name@version, registry, what it depends on, integrity */
type Locked = readonly [string, string, Details, string]

interface Component {
  readonly type: string
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses?: readonly { readonly license: { readonly name: string } }[]
}

export function billOfMaterials(root: string, date: number): string {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly dependencies: Names
    readonly devDependencies: Names
  }
  const locked = readLock(join(root, 'bun.lock'))
  const used = usedBy(Object.keys(own.dependencies), locked)
  const parts = [...used].map((place) => componentOf(root, place, locked[place] as Locked))
  const runtime = { ...named('bun', own.devDependencies['bun'] ?? ''), type: 'platform' }
  const components = [...new Map([runtime, ...parts].map((it) => [it['bom-ref'], it])).values()].toSorted(
    (a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1),
  )
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      timestamp: new Date(date * 1000).toISOString(),
      component: { ...named(own.name, own.version), type: 'application' },
    },
    components,
  }
  const serial = createHash('sha256').update(JSON.stringify(bill)).digest('hex')
  const text = JSON.stringify({ ...bill, serialNumber: `urn:uuid:${uuidOf(serial)}` }, null, 2)
  return `${text}\n`
}

/** JSON with a comma behind the last of each list. */
function readLock(file: string): Readonly<Record<string, Locked>> {
  const text = readFileSync(file, 'utf8').replace(/,(\s*[}\]])/g, '$1')
  return (JSON.parse(text) as { readonly packages: Record<string, Locked> }).packages
}

/** Places in the lock: a copy of its own is named behind who has it (`mailparser/libmime`). */
function usedBy(names: readonly string[], locked: Readonly<Record<string, Locked>>): ReadonlySet<string> {
  const used = new Set<string>()
  const waiting = names.map((name) => ({ name, from: '' }))
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const place = placeOf(next.name, next.from, locked)
    if (place === null || used.has(place)) continue
    used.add(place)
    const { dependencies = {}, optionalDependencies = {} } = locked[place]?.[2] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies }))
      waiting.push({ name, from: place })
  }
  return used
}

/** The nearest copy, as folders are looked through. Null: an optional one that is not there. */
function placeOf(name: string, from: string, locked: Readonly<Record<string, Locked>>): string | null {
  for (let folder = from; folder !== ''; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))) {
    if (locked[`${folder}/${name}`]) return `${folder}/${name}`
  }
  return locked[name] ? name : null
}

function componentOf(root: string, place: string, [full, , , integrity]: Locked): Component {
  const at = full.lastIndexOf('@')
  const license = licenseOf(root, place)
  const [alg, hash = ''] = (integrity ?? '').split('-')
  return {
    ...named(full.slice(0, at), full.slice(at + 1)),
    ...(alg === 'sha512'
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }] }
      : {}),
    ...(license === null ? {} : { licenses: [{ license: { name: license } }] }),
  }
}

const named = (name: string, version: string): Component => ({
  type: 'library',
  'bom-ref': `${name}@${version}`,
  name,
  version,
  purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
})

/** Old packages have an object, or a list of them. */
interface Licensed {
  readonly license?: string | { readonly type: string }
  readonly licenses?: readonly { readonly type: string }[]
}

function licenseOf(root: string, place: string): string | null {
  const [, ...names] = place.split(/(?:^|\/)(?=@|[^@/]+)(@[^/]+\/[^/]+|[^/]+)/)
  const path = join(
    root,
    ...names.filter((it) => it !== '').flatMap((it) => ['node_modules', it]),
    'package.json',
  )
  try {
    const own = JSON.parse(readFileSync(path, 'utf8')) as Licensed
    const license = own.license ?? own.licenses?.[0]
    return typeof license === 'string' ? license : (license?.type ?? null)
  } catch {
    return null
  }
}

const uuidOf = (hex: string): string =>
  [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
