//
// Owns: the load generator and the receiver of the Postfix package, as both sides of every relay figure.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { endByPid } from './processes.ts'

export interface Sink {
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

/** A receiver that throws everything away; with `dump` it writes each session to a file instead. */
export function startSink(port: number, dump: string | null = null): Sink {
  if (dump) mkdirSync(dirname(dump), { recursive: true })
  // As root it wants to know as whom to run.
  const user = process.getuid?.() === 0 ? ['-u', 'root'] : []
  const child = Bun.spawn(['smtp-sink', ...user, ...(dump ? ['-d', dump] : []), `127.0.0.1:${port}`, '200'], {
    stdout: 'ignore',
    stderr: 'inherit',
  })
  return { port, pid: child.pid, stop: () => endByPid(child) }
}

export interface Load {
  readonly port: number
  readonly messages: number
  readonly connections: number
  /** Octets of each message. */
  readonly size: number
  /** A connection for each message instead of one for many. */
  readonly connectionEach?: boolean
}

/** Runs smtp-source to its end; throws if anything was refused. */
export async function sendLoad(load: Load): Promise<void> {
  const child = Bun.spawn(
    [
      'smtp-source',
      ...(load.connectionEach ? [] : ['-d']),
      '-s',
      String(load.connections),
      '-m',
      String(load.messages),
      '-l',
      String(load.size),
      '-f',
      'sender@example.com',
      '-t',
      'reader@example.net',
      `127.0.0.1:${load.port}`,
    ],
    { stdout: 'ignore', stderr: 'pipe' },
  )
  const code = await child.exited
  const words = await new Response(child.stderr).text()
  if (code !== 0 || words.trim() !== '') throw new Error(`smtp-source ended with ${code}: ${words.slice(0, 500)}`)
}

/** All that a dumping sink wrote, one text per session. */
export const dumped = (folder: string): readonly string[] =>
  readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'latin1'))
