//
// install.sh and the .deb from the first installation to the last, in a throwaway tree: the machine's own system under an
// overlay, without its /usr/local, /opt, /etc/mailwok and whatever else is not part of a new Debian; own network, own
// processes. MAILWOK_DEBIAN_TREE names another tree, such as one that debootstrap made (a minute and a half, too long for
// every run):
//   debootstrap --variant=minbase bookworm /tmp/debian && MAILWOK_DEBIAN_TREE=/tmp/debian bun test test/install-tree

import { expect, setDefaultTimeout } from 'bun:test'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { debianPackage } from '../scripts/debian-package.ts'
import { EXECUTABLE, hasExecutable } from './support/lab-binary.ts'
import { runs, testWith } from './support/system-part.ts'

setDefaultTimeout(120_000)

const ROOT = dirname(import.meta.dir)
const LOWER = process.env['MAILWOK_DEBIAN_TREE'] ?? '/'

const IN_ITS_OWN = `set -eu
mount -t tmpfs -o size=3g tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
cd "$1/root"
for hidden in usr/local opt root home srv run tmp; do
  mkdir -p "$hidden"
  mount -t tmpfs tmpfs "$hidden"
done
mkdir -p usr/local/bin
rm -rf etc/mailwok var/lib/mailwok
mount -t proc proc proc
mount --rbind /dev dev
cp "$3"/* srv/
ip link set lo up
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot . /srv/install-tree.sh`

const canIsolate = runs('unshare', '--mount', '--net', '--pid', '--fork', 'true')

testWith(
  'root with namespaces, or a built executable',
  canIsolate && hasExecutable && runs(EXECUTABLE, 'unit'),
  'an empty tree: installed, run, upgraded, uninstalled; by dpkg installed, removed, purged',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mailwok-tree-'))
    try {
      const parts = join(folder, 'parts')
      await Bun.$`mkdir -p ${parts} ${join(folder, 'tree')}`
      copyFileSync(EXECUTABLE, join(parts, 'mailwok'))
      // An older one that is another file and does the same.
      writeFileSync(join(parts, 'older'), '#!/bin/sh\nexec /srv/mailwok "$@"\n', { mode: 0o755 })
      copyFileSync(join(ROOT, 'install.sh'), join(parts, 'install.sh'))
      copyFileSync(join(ROOT, 'test/support/install-tree.sh'), join(parts, 'install-tree.sh'))
      writeFileSync(join(parts, 'mailwok.deb'), packageOf())
      const command = [
        'unshare',
        '--mount',
        '--net',
        '--pid',
        '--fork',
        '--kill-child',
        'sh',
        '-c',
        IN_ITS_OWN,
      ]
      const child = Bun.spawn([...command, 'sh', join(folder, 'tree'), LOWER, parts], {
        stdout: 'pipe',
        stderr: 'pipe',
      })
      const [said, failed] = await Promise.all([child.stdout.text(), child.stderr.text()])
      await child.exited
      expect({ said: said.trim().split('\n').at(-1), failed }).toEqual({
        said: 'done: everything',
        failed: '',
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)

function packageOf(): Buffer {
  return debianPackage({
    root: ROOT,
    executable: EXECUTABLE,
    version: '0.1.0',
    machine: process.arch === 'arm64' ? 'arm64' : 'amd64',
    date: 1_750_000_000,
    printed: (...args) => Bun.spawnSync([EXECUTABLE, ...args]).stdout,
  })
}
