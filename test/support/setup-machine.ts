//
// Owns: a machine on which `mailwok setup` is tried: a folder with the configuration that install.sh leaves, a service
// command in place of systemd, a fake DNS into which records are published, an MX.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { DnsRow } from '../../src/admin/domain-rows.ts'
import { mailwokCommand } from './command-line.ts'
import { type FakeDns, startDns } from './dns.ts'
import { emptyFolder } from './lab-folder.ts'
import { type Mx, startMx } from './mx.ts'

type Line = Readonly<Record<string, unknown>>

/** A machine with an executable and a folder, where `service start|stop` is what systemctl is elsewhere. */
export class Machine implements AsyncDisposable {
  readonly folder = emptyFolder()
  readonly file = join(this.folder, 'mailwok.toml')
  readonly dns: FakeDns
  readonly mx: Mx

  constructor(dns: FakeDns, mx: Mx, smtp: number) {
    this.dns = dns
    this.mx = mx
    mkdirSync(join(this.folder, 'data'))
    writeFileSync(this.file, tomlFor(this.folder, { dns: dns.address, mx: mx.port, smtp }))
    const [serve, service] = [mailwokCommand('serve', '--config', this.file), join(this.folder, 'service')]
    writeFileSync(
      service,
      [
        '#!/bin/sh',
        `cd ${this.folder}`,
        'case $1 in',
        `start) ${serve.join(' ')} >>log 2>&1 </dev/null & echo $! >pid; echo start >>did ;;`,
        'stop) kill "$(cat pid)"; while kill -0 "$(cat pid)" 2>/dev/null; do sleep 0.05; done; echo stop >>did ;;',
        'esac',
      ].join('\n'),
      { mode: 0o755 },
    )
  }

  get did(): string {
    const file = join(this.folder, 'did')
    return existsSync(file) ? readFileSync(file, 'utf8').trim().replaceAll('\n', ' ') : ''
  }

  /** `heard` hears each line when it comes. */
  async setup(args: readonly string[], heard: (line: Line) => void = () => undefined) {
    const child = Bun.spawn(
      mailwokCommand('setup', '--config', this.file, '--service', join(this.folder, 'service'), ...args),
      {
        cwd: this.folder,
        env: { PATH: process.env['PATH'] ?? '' },
        stdin: 'ignore',
        stdout: 'pipe',
        stderr: 'pipe',
      },
    )
    const failed = child.stderr.text()
    const lines: Line[] = []
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of child.stdout) {
      const pieces = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = pieces.pop() ?? ''
      for (const piece of pieces) {
        const line = JSON.parse(piece) as Line
        lines.push(line)
        heard(line)
      }
    }
    const step = (name: string): Line | undefined => lines.find((line) => line['step'] === name)
    return { code: await child.exited, err: await failed, lines, step }
  }

  publish(records: readonly DnsRow[]): void {
    for (const name of new Set(records.map((it) => it.name))) {
      const at = records.filter((it) => it.name === name)
      const mx = at
        .filter(({ type }) => type === 'MX')
        .map(({ value }) => [10, value.replace(/^\d+ /, '')] as const)
      const txt = at.filter(({ type }) => type === 'TXT').map(({ strings }) => strings)
      const cname = at.find(({ type }) => type === 'CNAME')?.value
      this.dns.set(name, {
        ...(mx.length > 0 ? { MX: mx } : {}),
        ...(txt.length > 0 ? { TXT: txt } : {}),
        ...(cname === undefined ? {} : { CNAME: cname }),
        ttl: 1,
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pid = join(this.folder, 'pid')
    if (existsSync(pid)) await Bun.spawn([join(this.folder, 'service'), 'stop'], { stderr: 'ignore' }).exited
    await Promise.all([this.dns.close(), this.mx.close()])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export async function machine(): Promise<Machine> {
  const dns = await startDns({
    'example.net': { MX: [[10, 'mx.example.net']] },
    'mx.example.net': { A: ['127.0.0.1'] },
    'mail.lab.test': { A: ['127.0.0.1'] },
  })
  return new Machine(dns, await startMx(), await freePort())
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const place = server.address()
  await new Promise((done) => server.close(done))
  return typeof place === 'object' && place !== null ? place.port : 0
}

/** As install.sh leaves it, and what a lab needs below it. */
const tomlFor = (
  folder: string,
  ports: { readonly dns: string; readonly mx: number; readonly smtp: number },
) => `
# After a change: mailwok config check
[server]
hostname = ""
operator = ""          # your address: alerts, postmaster@ and abuse@
data_dir = "${folder}/data"
[delivery]
mode = "direct"        # "capture" writes mail into files instead
mx_port = ${ports.mx}
allow_private_destinations = true
workers = 1
[dns]
servers = ["${ports.dns}"]
timeout = "2s"
[api]
https = ""
http = "127.0.0.1:0"
admin_socket = "${folder}/admin.sock"
[submission]
starttls = "127.0.0.1:${ports.smtp}"
tls = ""
[inbound]
listen = "127.0.0.1:0"
[doctor]
receivers = []
`
