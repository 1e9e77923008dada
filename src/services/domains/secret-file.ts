//
// Owns: the file that keeps the master secret: one secret per line in base64, the current one first.
// Never: writes over a file that is there. Whoever loses it loses DKIM keys and every link in sent mail.

import { randomBytes } from 'node:crypto'
import { type FileHandle, link, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fault, ok, type Result } from '../../core/result.ts'
import { MASTER_OCTETS, type Secrets, secretsOf } from './secret.ts'

/** Nobody but the owner; some owner's group is a stranger as well. */
const OWNER_ONLY = 0o600
const OTHERS = 0o077
/** Far more than any list of old secrets; a wrong path must not be read into memory. */
const MAX_OCTETS = 64 * 1024

/** Reads the master secret, making it where there is none. The error is a sentence for the operator. */
export async function openMasterSecret(file: string): Promise<Result<Secrets, string>> {
  try {
    const text = (await read(file)) ?? (await create(file))
    return text.ok ? parse(file, text.value) : text
  } catch (error) {
    return fault(`${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Null when there is no such file. */
async function read(file: string): Promise<Result<string, string> | null> {
  const handle = await openOrNull(file)
  if (handle === null) return null
  try {
    // The open file is judged, not its name: a name can be changed in between.
    const { mode, size, uid } = await handle.stat()
    if ((mode & OTHERS) !== 0) {
      return fault(`${file} can be read or changed by others (mode ${octal(mode)}); run: chmod 600 ${file}`)
    }
    const own = process.getuid?.() ?? uid
    if (uid !== own && uid !== 0) return fault(`${file} belongs to user ${uid}; want ${own} or root`)
    if (size > MAX_OCTETS) return fault(`${file} has ${size} octets: that is no master secret`)
    return ok(await handle.readFile('utf8'))
  } finally {
    await handle.close()
  }
}

async function openOrNull(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/**
 * Written whole beside its place, then linked to it: link(2) fails where a file is, as O_EXCL does, but a
 * crash in between leaves no empty secret. Two processes that start at once end with the same one.
 */
async function create(file: string): Promise<Result<string, string>> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const text = `${randomBytes(MASTER_OCTETS).toString('base64')}\n`
  await writeDurably(draft, text)
  try {
    await link(draft, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return (await read(file)) ?? fault(`${file} came and went; start again`)
  } finally {
    await rm(draft, { force: true })
    await syncFolder(folder)
  }
  return ok(text)
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', OWNER_ONLY)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A new name is durable only once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function parse(file: string, text: string): Result<Secrets, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const masters = lines.map((line) => Buffer.from(line.trim(), 'base64'))
  const wrong = masters.findIndex((master) => master.length !== MASTER_OCTETS)
  const [current, ...old] = masters
  if (current === undefined || wrong !== -1) {
    return fault(
      `${file}, line ${Math.max(wrong, 0) + 1}: want ${MASTER_OCTETS} octets in base64 on each line, the current secret first`,
    )
  }
  return ok(secretsOf([current, ...old]))
}

const octal = (mode: number): string => `0${(mode & 0o777).toString(8)}`

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
