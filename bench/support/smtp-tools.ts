//
// Owns: the load generator and the receiver of the Postfix package, as both sides of every relay figure.

import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { endByPid, until } from './processes.ts'

export interface Sink {
  readonly port: number
  readonly pid: number
  /** Messages that it has answered with 250. */
  received(): number
  stop(): Promise<void>
}

export interface SinkOptions {
  readonly port: number
  /** Where its counters go; a folder in memory, so that no disk takes part. */
  readonly folder: string
  /** A folder for everything that it receives; null throws it away. */
  readonly dump: string | null
}

/** As root it wants to know as whom to run. */
const USER = process.getuid?.() === 0 ? ['-u', 'root'] : []

export async function startSink({ port, folder, dump }: SinkOptions): Promise<Sink> {
  const counters = join(folder, `sink-${port}`)
  const keep = dump ? ['-d', join(dump, 'message.')] : []
  const child = Bun.spawn(
    [Bun.which('smtp-sink') ?? '/usr/sbin/smtp-sink', ...USER, '-c', ...keep, `127.0.0.1:${port}`, '200'],
    // It says that a client hung up at each end of a session.
    { stdin: 'ignore', stdout: Bun.file(counters), stderr: 'ignore' },
  )
  const fd = openSync(counters, 'a+')
  await until('smtp-sink to listen', () => answers(port))
  return {
    port,
    pid: child.pid,
    received: () => lastCount(fd),
    stop: async () => {
      await endByPid(child)
      closeSync(fd)
    },
  }
}

/** The sink writes "sess=… quit=… mesg=…\r" at each change; only the tail is of interest. */
function lastCount(fd: number): number {
  const { size } = fstatSync(fd)
  const tail = Buffer.alloc(Math.min(size, 256))
  readSync(fd, tail, 0, tail.length, size - tail.length)
  const counts = [...tail.toString('latin1').matchAll(/mesg=(\d+)\r/g)]
  return Number(counts.at(-1)?.[1] ?? 0)
}

export async function answers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } })
    socket.end()
    return true
  } catch {
    return false
  }
}

export interface Load {
  readonly port: number
  readonly messages: number
  readonly connections: number
  /** Octets of each message. */
  readonly size: number
  /** A message of one's own instead. */
  readonly file?: string
  /** A connection for each message instead of one for many. */
  readonly connectionEach?: boolean
}

/** Runs smtp-source to its end and says how many seconds it took; throws if anything was refused. */
export async function sendLoad(load: Load): Promise<number> {
  const many = load.connectionEach ? [] : ['-d']
  const count = ['-s', load.connections, '-m', load.messages].map(String)
  const what = load.file === undefined ? ['-l', String(load.size)] : ['-F', load.file]
  const envelope = ['-f', 'sender@example.com', '-t', 'reader@example.net']
  const program = Bun.which('smtp-source') ?? '/usr/sbin/smtp-source'
  const start = performance.now()
  const child = Bun.spawn([program, ...many, ...count, ...what, ...envelope, `127.0.0.1:${load.port}`], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  })
  const code = await child.exited
  const seconds = (performance.now() - start) / 1000
  const words = await new Response(child.stderr).text()
  if (code !== 0 || words.trim() !== '') {
    throw new Error(`smtp-source ended with ${code}: ${words.slice(0, 500)}`)
  }
  return seconds
}

/** All that a dumping sink wrote, one text per message. */
export const dumped = (folder: string): readonly string[] =>
  readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
