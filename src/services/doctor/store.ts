//
// Owns: whether the store is there, of a schema that this release knows, and sound.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Diagnosis } from '../../core/diagnosis.ts'
import type { Milliseconds } from '../../core/time.ts'
import { fail, fine, unknown, warn } from './say.ts'

export interface StoreFacts {
  /** The file, or the server without its password. */
  readonly place: string
  readonly engine: 'sqlite' | 'postgres'
  readonly exists: boolean
  /** Null: it was opened. */
  readonly fault: string | null
  readonly schema: number
  readonly known: number
  /** Null: not looked at in this depth. `timeout`: it took too long. Else what is wrong; empty: nothing. */
  readonly damage: readonly string[] | 'timeout' | null
}

/** What the process that looks says. */
export interface Soundness {
  readonly schema: number
  readonly damage: readonly string[]
}

/** Reads the whole file in a process of its own, which is killed when it takes longer: a thread would not end inside a question. */
export async function soundnessOf(
  file: string,
  within: Milliseconds,
  depth: 'quick' | 'full',
): Promise<Soundness | 'timeout' | string> {
  if (!existsSync(file)) return 'no such file'
  const isCompiled = import.meta.url.includes('/$bunfs/')
  const self = isCompiled
    ? ['doctor', 'store-check']
    : [join(import.meta.dir, '../../store/sqlite/check-process.ts')]
  const child = Bun.spawn([process.execPath, ...self, file, depth], {
    env: {},
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: within,
    killSignal: 'SIGKILL',
  })
  const [said, complained, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (child.signalCode !== null) return 'timeout'
  if (code !== 0) return complained.trim() || `the process that looks ended with ${code}`
  return JSON.parse(said) as Soundness
}

export function judgeStore(facts: StoreFacts): readonly Diagnosis[] {
  const { damage, engine, exists, fault, known, place, schema } = facts
  const subject = place
  if (!exists) {
    const why = `There is no store at ${place}; the first start makes one. Where there was one, this is the wrong configuration or the wrong disk.`
    return [
      warn('store_missing', {
        subject,
        why,
        fix: ['mailwok config show --origin | grep -E "store|data_dir"', 'mount'],
      }),
    ]
  }
  if (schema > known) {
    const why = `The store has schema ${schema}, and this release knows up to ${known}: a newer release wrote it.`
    return [
      fail('store_schema', {
        subject,
        why,
        fix: [
          'Start the newer release again, or restore the backup that was made before it:',
          'mailwok backup restore FOLDER --replace',
        ],
      }),
    ]
  }
  if (Array.isArray(damage) && damage.length > 0) return [damaged(facts, damage)]
  if (fault !== null) {
    if (/malformed|not a database|corrupt/i.test(fault)) return [damaged(facts, [fault])]
    const fix =
      engine === 'postgres'
        ? ['pg_isready -d "$URL"', 'journalctl -u postgresql -n 50']
        : [`ls -l ${place}*`, `fuser -v ${place}`]
    return [fail('store_unreachable', { subject, why: `The store cannot be opened: ${fault}.`, fix })]
  }
  if (damage === 'timeout') {
    const why =
      'The store was not read to its end within the time that there is for it; what was read is sound.'
    return [
      unknown('store_unchecked', {
        subject,
        why,
        fix: ['mailwok db check     # takes as long as it takes'],
      }),
    ]
  }
  if (schema < known) {
    const why = `The store has schema ${schema}; the next start brings it to ${known}.`
    return [
      warn('store_schema', {
        subject,
        why,
        fix: ['mailwok backup create FOLDER     # first', 'systemctl restart mailwok'],
      }),
    ]
  }
  return [fine('store', subject, `Schema ${schema}${damage === null ? '' : ', and sound'}.`)]
}

function damaged({ place }: StoreFacts, damage: readonly string[]): Diagnosis {
  const why = `The store is damaged (${damage.slice(0, 2).join('; ')}): a disk that fails, or a file that was copied while it was in use.`
  const fix = [
    'systemctl stop mailwok',
    `cp -a ${place} ${place}-wal /somewhere/else/     # as it is, before anything else`,
    'dmesg | grep -iE "I/O error|ext4|nvme"',
    'mailwok backup restore FOLDER --replace',
  ]
  return fail('store_damaged', { subject: place, why, fix })
}
