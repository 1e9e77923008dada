//
// Owns: Postfix as the peer beside us: an instance of its own in a folder, with or without OpenDKIM on a unix socket.

import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Child, endByPid, until } from './processes.ts'
import { answers } from './smtp-tools.ts'

export interface Peer {
  readonly name: string
  readonly port: number
  /** Root pids of everything that it consists of. */
  readonly pids: readonly number[]
  /** What its signatures are verified with: names and values of TXT records. */
  records(): ReadonlyMap<string, string>
  stop(): Promise<void>
}

export interface PostfixOptions {
  readonly folder: string
  readonly port: number
  readonly sinkPort: number
  readonly signed: boolean
}

const idOf = (kind: 'u' | 'g', name: string): number =>
  Number(
    Bun.spawnSync(['id', `-${kind}`, name])
      .stdout.toString()
      .trim(),
  )

export async function startPostfix(options: PostfixOptions): Promise<Peer> {
  const { folder, port, signed } = options
  const etc = join(folder, 'etc')
  layOut(options)
  const signer = signed ? await startOpendkim(folder) : null
  try {
    const started = Bun.spawnSync(['postfix', '-c', etc, 'start'], { stderr: 'pipe' })
    if (started.exitCode !== 0) throw new Error(`postfix did not start: ${started.stderr.toString()}`)
    await until('postfix to listen', () => answers(port), 20_000)
  } catch (error) {
    if (signer) await endByPid(signer)
    throw error
  }
  const master = Number((await Bun.file(join(folder, 'spool', 'pid', 'master.pid')).text()).trim())
  return {
    name: signed ? 'Postfix + OpenDKIM' : 'Postfix',
    port,
    pids: signer ? [master, signer.pid] : [master],
    records: () => (signed ? recordOf(join(folder, 'keys', 'bench.txt')) : new Map()),
    stop: async () => {
      // Waits until the last of its processes has gone.
      Bun.spawnSync(['postfix', '-c', etc, 'stop'], { stderr: 'ignore' })
      if (signer) await endByPid(signer)
    },
  }
}

function layOut(options: PostfixOptions): void {
  const { folder, port } = options
  for (const name of ['etc', 'spool', 'data']) mkdirSync(join(folder, name), { recursive: true })
  // Its daemons run as postfix and opendkim; temporary folders are their maker's alone.
  chmodSync(folder, 0o755)
  chownSync(join(folder, 'data'), idOf('u', 'postfix'), idOf('g', 'postfix'))
  writeFileSync(join(folder, 'etc', 'main.cf'), mainCf(options))
  writeFileSync(join(folder, 'etc', 'master.cf'), masterCf(port))
  writeFileSync(join(folder, 'etc', 'dynamicmaps.cf'), '')
  copyFileSync('/etc/postfix/postfix-files', join(folder, 'etc', 'postfix-files'))
}

async function startOpendkim(folder: string): Promise<Child> {
  const keys = join(folder, 'keys')
  const rooms = join(folder, 'spool', 'opendkim')
  const socket = join(rooms, 'sock')
  for (const path of [keys, rooms]) mkdirSync(path, { recursive: true })
  const made = Bun.spawnSync([
    'opendkim-genkey',
    '-b',
    '2048',
    '-d',
    'example.com',
    '-s',
    'bench',
    '-D',
    keys,
  ])
  if (made.exitCode !== 0) throw new Error(`opendkim-genkey: ${made.stderr.toString()}`)
  const [user, postfix] = [idOf('u', 'opendkim'), idOf('g', 'postfix')]
  for (const path of [keys, join(keys, 'bench.private')]) chownSync(path, user, idOf('g', 'opendkim'))
  chownSync(rooms, user, postfix)
  chmodSync(rooms, 0o750)
  writeFileSync(join(folder, 'opendkim.conf'), opendkimConf(keys, socket))
  const child = Bun.spawn(['opendkim', '-f', '-x', join(folder, 'opendkim.conf')], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  })
  try {
    await until('opendkim to make its socket', () => existsSync(socket), 20_000)
  } catch (error) {
    await endByPid(child)
    throw error
  }
  return child
}

/** The zone file that opendkim-genkey leaves: strings in quotes within brackets. */
function recordOf(path: string): ReadonlyMap<string, string> {
  const value = [...readFileSync(path, 'utf8').matchAll(/"([^"]*)"/g)].map(([, text]) => text).join('')
  return new Map([['bench._domainkey.example.com', value]])
}

const opendkimConf = (keys: string, socket: string): string => `
Syslog no
UMask 007
Mode s
Domain example.com
Selector bench
KeyFile ${join(keys, 'bench.private')}
# The folders above are those of temporary files, which others may write to: it refuses such keys otherwise.
RequireSafeKeys no
Canonicalization relaxed/relaxed
SignatureAlgorithm rsa-sha256
InternalHosts 127.0.0.1
OversignHeaders From
Socket local:${socket}
UserID opendkim:postfix
`

const mainCf = ({ folder, sinkPort, signed }: PostfixOptions): string => `
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
${signed ? 'smtpd_milters = unix:opendkim/sock\nmilter_default_action = tempfail' : ''}
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
