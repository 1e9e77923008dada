//
// Owns: Postfix as the peer beside us: an instance of its own in a folder, with or without OpenDKIM on a unix socket.

import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endByPid, until } from './processes.ts'

export interface Peer {
  readonly name: string
  readonly port: number
  /** Root pids of everything that it consists of. */
  readonly pids: readonly number[]
  /** Messages that are still in its queue. */
  queued(): number
  stop(): Promise<void>
}

export interface PostfixOptions {
  readonly folder: string
  readonly port: number
  readonly sinkPort: number
  readonly signed: boolean
}

const idOf = (kind: 'u' | 'g', name: string): number =>
  Number(Bun.spawnSync(['id', `-${kind}`, name]).stdout.toString().trim())

export async function startPostfix(options: PostfixOptions): Promise<Peer> {
  const { folder, port, signed } = options
  const socket = join(folder, 'spool', 'opendkim', 'sock')
  mkdirSync(join(folder, 'etc'), { recursive: true })
  mkdirSync(join(folder, 'spool'), { recursive: true })
  mkdirSync(join(folder, 'data'), { recursive: true })
  chmodSync(folder, 0o755)
  chownSync(join(folder, 'data'), idOf('u', 'postfix'), idOf('g', 'postfix'))
  writeFileSync(join(folder, 'etc', 'main.cf'), mainCf(options, signed ? socket : null))
  writeFileSync(join(folder, 'etc', 'master.cf'), masterCf(port))
  writeFileSync(join(folder, 'etc', 'dynamicmaps.cf'), '')
  copyFileSync('/etc/postfix/postfix-files', join(folder, 'etc', 'postfix-files'))
  const signer = signed ? await startOpendkim(folder, socket) : null
  const started = Bun.spawnSync(['postfix', '-c', join(folder, 'etc'), 'start'], { stderr: 'pipe' })
  if (started.exitCode !== 0) throw new Error(`postfix did not start: ${started.stderr.toString()}`)
  const pidFile = join(folder, 'spool', 'pid', 'master.pid')
  await until('postfix to write its pid', () => existsSync(pidFile))
  const master = Number((await Bun.file(pidFile).text()).trim())
  await until('postfix to listen', () => answers(port))
  return {
    name: signed ? 'Postfix + OpenDKIM (unix socket)' : 'Postfix',
    port,
    pids: signer ? [master, signer.pid] : [master],
    queued: () => ['maildrop', 'incoming', 'active', 'deferred'].reduce((sum, queue) => sum + count(join(folder, 'spool', queue)), 0),
    stop: async () => {
      Bun.spawnSync(['postfix', '-c', join(folder, 'etc'), 'stop'], { stderr: 'ignore' })
      if (signer) await endByPid(signer)
    },
  }
}

function count(folder: string): number {
  if (!existsSync(folder)) return 0
  let files = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    files += entry.isDirectory() ? count(join(folder, entry.name)) : 1
  }
  return files
}

async function answers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } })
    socket.end()
    return true
  } catch {
    return false
  }
}

async function startOpendkim(folder: string, socket: string) {
  const keys = join(folder, 'keys')
  mkdirSync(keys, { recursive: true })
  mkdirSync(join(folder, 'spool', 'opendkim'), { recursive: true })
  const made = Bun.spawnSync(['opendkim-genkey', '-b', '2048', '-d', 'example.com', '-s', 'bench', '-D', keys])
  if (made.exitCode !== 0) throw new Error(`opendkim-genkey: ${made.stderr.toString()}`)
  // A key that the signer cannot read makes Postfix refuse mail at thousands a second: the figure would be nonsense.
  const [uid, gid] = [idOf('u', 'opendkim'), idOf('g', 'opendkim')]
  for (const path of [keys, join(keys, 'bench.private')]) chownSync(path, uid, gid)
  chownSync(join(folder, 'spool', 'opendkim'), uid, idOf('g', 'postfix'))
  chmodSync(join(folder, 'spool', 'opendkim'), 0o750)
  writeFileSync(
    join(folder, 'opendkim.conf'),
    [
      'Syslog no',
      'UMask 007',
      'Mode s',
      'Domain example.com',
      'Selector bench',
      `KeyFile ${join(keys, 'bench.private')}`,
      'Canonicalization relaxed/relaxed',
      'SignatureAlgorithm rsa-sha256',
      'InternalHosts 127.0.0.1',
      'OversignHeaders From',
      `Socket local:${socket}`,
      'UserID opendkim:postfix',
      '',
    ].join('\n'),
  )
  const child = Bun.spawn(['opendkim', '-f', '-x', join(folder, 'opendkim.conf')], { stdout: 'ignore', stderr: 'inherit' })
  await until('opendkim to make its socket', () => existsSync(socket), 20_000)
  return child
}

const mainCf = ({ folder, sinkPort }: PostfixOptions, milter: string | null): string => `
compatibility_level = 3.6
queue_directory = ${folder}/spool
data_directory = ${folder}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.com
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:${sinkPort}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtpd_tls_security_level = none
smtp_tls_security_level = none
default_process_limit = 100
default_destination_concurrency_limit = 20
in_flow_delay = 0
biff = no
alias_maps =
alias_database =
local_recipient_maps =
maillog_file = ${folder}/postfix.log
maillog_file_prefixes = ${folder}
${milter ? `smtpd_milters = unix:opendkim/sock\nmilter_default_action = tempfail` : ''}
`

const masterCf = (port: number): string => `
127.0.0.1:${port} inet n - n - - smtpd
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
`
