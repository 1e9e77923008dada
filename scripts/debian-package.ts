//
// Owns: the .deb, written by hand: an ar of two tars (deb(5)). The same octets wherever it is made, also without dpkg.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Entry, foldersOf, tar } from './tar.ts'

interface Package {
  readonly root: string
  readonly executable: string
  readonly version: string
  readonly machine: string
  /** Seconds; of every file in it. */
  readonly date: number
  readonly printed: (...args: readonly string[]) => Buffer
}

export function debianPackage(made: Package): Buffer {
  const files = filesOf(made)
  const control = [
    { path: 'control', mode: 0o644, octets: Buffer.from(controlOf(made, files)) },
    ...['postinst', 'prerm', 'postrm'].map((name) => ({
      path: name,
      mode: 0o755,
      octets: readFileSync(join(made.root, 'assets', 'debian', name)),
    })),
  ]
  return ar(made.date, [
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', packed(control, made.date)],
    ['data.tar.gz', packed([...foldersOf(files), ...files], made.date)],
  ])
}

function filesOf({ root, executable, printed }: Package): readonly Entry[] {
  const plain = (path: string, octets: Uint8Array): Entry => ({ path, mode: 0o644, octets })
  return [
    { path: 'usr/bin/mailwok', mode: 0o755, octets: readFileSync(executable) },
    plain('lib/systemd/system/mailwok.service', printed('unit', '--executable', '/usr/bin/mailwok')),
    plain('usr/share/bash-completion/completions/mailwok', printed('completion', 'bash')),
    plain('usr/share/zsh/vendor-completions/_mailwok', printed('completion', 'zsh')),
    plain('usr/share/fish/vendor_completions.d/mailwok.fish', printed('completion', 'fish')),
    plain('usr/share/man/man1/mailwok.1.gz', gzip(printed('man'))),
    plain('usr/share/doc/mailwok/copyright', readFileSync(join(root, 'LICENSE'))),
    plain('usr/share/doc/mailwok/changelog.gz', gzip(readFileSync(join(root, 'CHANGELOG.md')))),
    ...['prometheus-alerts.yml', 'grafana-dashboard.json'].map((name) =>
      plain(`usr/share/doc/mailwok/${name}`, readFileSync(join(root, 'assets', name))),
    ),
    plain('usr/share/doc/mailwok/mailwok.example.toml', readFileSync(join(root, 'mailwok.example.toml'))),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** What the executable does not run without, and no more: it works in the smallest tree. */
const controlOf = ({ version, machine }: Package, files: readonly Entry[]): string => `Package: mailwok
Version: ${version}
Architecture: ${machine}
Maintainer: MailWok <mailwok@localhost>
Installed-Size: ${Math.ceil(files.reduce((sum, { octets }) => sum + (octets?.length ?? 0), 0) / 1024)}
Depends: libc6 (>= 2.28), passwd
Recommends: ca-certificates
Suggests: postgresql-client
Section: mail
Priority: optional
Homepage: https://github.com/mailwok/mailwok
Description: mail sending appliance
 REST API, SMTP relay, durable queue and delivery to MX hosts with DKIM, in
 one executable.
`

const packed = (entries: readonly Entry[], date: number): Buffer => gzip(tar(entries, date))

/** Without a time and a name inside. */
function gzip(octets: Uint8Array): Buffer {
  const made = Buffer.from(Bun.gzipSync(Uint8Array.from(octets), { level: 6 }))
  made.fill(0, 4, 8)
  // Which system it was made on.
  made[9] = 255
  return made
}

function ar(date: number, members: readonly (readonly [string, Buffer])[]): Buffer {
  const parts: Buffer[] = [Buffer.from('!<arch>\n')]
  for (const [name, octets] of members) {
    const head = `${name.padEnd(16)}${String(date).padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}`
    parts.push(Buffer.from(`${head}${String(octets.length).padEnd(10)}\`\n`), octets)
    if (octets.length % 2 === 1) parts.push(Buffer.from('\n'))
  }
  return Buffer.concat(parts)
}
