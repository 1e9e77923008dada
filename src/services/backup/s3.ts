//
// Owns: backups at an S3-compatible store: the same files under `<prefix>/<name>/`, the manifest last, so that what has
// none did not end.
// Never: sees a URL of anybody but the operator: this client does not ask where an address leads.

import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { S3Client } from 'bun'
import { fault, ok, type Result } from '../../core/result.ts'
import { readManifest } from './checking.ts'
import { type BackupFault, MANIFEST, parseManifest } from './manifest.ts'
import { isBackupName } from './shelf.ts'

export interface S3Options {
  /** `https://s3.example.net/bucket/prefix`; the prefix may be left out. */
  readonly url: string
  readonly region: string
  readonly keyId: string
  readonly secret: string
}

export class S3Shelf {
  readonly place: string
  readonly #client: S3Client
  readonly #prefix: string

  constructor({ url, region, keyId, secret }: S3Options) {
    const { origin, pathname } = new URL(url)
    const [bucket = '', ...prefix] = pathname.split('/').filter((part) => part !== '')
    this.place = url
    this.#prefix = prefix.map((part) => `${part}/`).join('')
    this.#client = new S3Client({
      endpoint: origin,
      bucket,
      region: region || 'us-east-1',
      accessKeyId: keyId,
      secretAccessKey: secret,
    })
  }

  /** Names of finished backups, the newest first. */
  async list(): Promise<readonly string[]> {
    const names = (await this.#keys(this.#prefix)).flatMap((key) => {
      const [name = '', file, ...deeper] = key.slice(this.#prefix.length).split('/')
      return isBackupName(name) && file === MANIFEST && deeper.length === 0 ? [name] : []
    })
    return names.sort().reverse()
  }

  async put(name: string, folder: string): Promise<void> {
    const manifest = await readManifest(folder)
    if (!manifest.ok) throw new Error(manifest.error.message)
    for (const file of [...manifest.value.files.map((each) => each.name), MANIFEST]) {
      const key = this.#keyOf(name, file)
      const local = Bun.file(join(folder, file))
      await this.#client.write(key, local)
      const { size } = await this.#client.stat(key)
      if (size !== local.size) throw new Error(`${key} has ${size} octets there; ${local.size} were sent`)
    }
  }

  /** Into an empty folder; the manifest last, as when it was made. */
  async get(name: string, folder: string): Promise<Result<void, BackupFault>> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if ((await readdir(folder)).length > 0)
      return fault({ code: 'not_empty', message: `${folder} is not empty` })
    const manifest = this.#client.file(this.#keyOf(name, MANIFEST))
    if (!(await manifest.exists()))
      return fault({ code: 'no_backup', message: `there is no finished backup ${name} at ${this.place}` })
    const text = await manifest.text()
    const read = parseManifest(text)
    if (!read.ok) return fault({ code: 'damaged', message: `${name}: ${read.error}` })
    for (const file of read.value.files) {
      const to = join(folder, file.name)
      await mkdir(dirname(to), { recursive: true, mode: 0o700 })
      await this.#fetch(this.#keyOf(name, file.name), to)
    }
    await Bun.write(join(folder, MANIFEST), text, { mode: 0o600 })
    return ok(undefined)
  }

  /** The manifest first: what remains after a crash is no backup. */
  async remove(name: string): Promise<void> {
    await this.#client.delete(this.#keyOf(name, MANIFEST))
    for (const key of await this.#keys(`${this.#prefix}${name}/`)) await this.#client.delete(key)
  }

  /** A part at a time: a database is larger than memory. */
  async #fetch(key: string, to: string): Promise<void> {
    await Bun.write(to, '', { mode: 0o600 })
    const file = Bun.file(to).writer()
    for await (const part of this.#client.file(key).stream()) {
      file.write(part)
      await file.flush()
    }
    await file.end()
  }

  #keyOf(name: string, file: string): string {
    return `${this.#prefix}${name}/${file}`
  }

  async #keys(prefix: string): Promise<readonly string[]> {
    const keys: string[] = []
    let continuationToken: string | undefined
    do {
      const page = await this.#client.list({ prefix, ...(continuationToken ? { continuationToken } : {}) })
      keys.push(...(page.contents ?? []).map(({ key }) => key))
      continuationToken = page.isTruncated ? page.nextContinuationToken : undefined
    } while (continuationToken !== undefined)
    return keys
  }
}
