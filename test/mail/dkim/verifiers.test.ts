import { afterAll, expect } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bothKeys, signed } from '../../support/dkim.ts'
import { HARD, PLAIN } from '../../support/dkim-corpus.ts'
import { runs, testWith } from '../../support/system-part.ts'

// Verifiers that nobody here wrote, each told the keys from a file; they read the wall clock, so t= is now.

const PYTHON = '/usr/bin/python3'
const keys = await bothKeys()
const folder = mkdtempSync(join(tmpdir(), 'mailwok-dkim-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Every sample as we sign it, then the same with a covered field changed. */
const samples = [...PLAIN, ...HARD]
const honest = samples.map(({ message }) => signed(message, keys, Date.now()))
const changed = honest.map((whole) =>
  Buffer.from(whole.toString('latin1').replace('Subject:   A', 'Subject:   B'), 'latin1'),
)

async function files(): Promise<readonly string[]> {
  const names = [...honest, ...changed].map((_, at) => join(folder, `${at}.eml`))
  await Promise.all([...honest, ...changed].map((whole, at) => Bun.write(names[at] ?? '', whole)))
  return names
}

async function answerOf(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'ignore' })
  return new Response(child.stdout).text()
}

testWith('opendkim', runs('opendkim', '-V'), 'OpenDKIM passes both signatures of every sample', async () => {
  const zone = join(folder, 'keys.txt')
  const config = join(folder, 'opendkim.conf')
  await Bun.write(zone, keys.map((key) => `${key.name} ${key.record}\n`).join(''))
  await Bun.write(config, `Mode v\nTestPublicKeys ${zone}\nAlwaysAddARHeader yes\n`)
  const answer = await answerOf(['opendkim', '-x', config, '-vv', '-t', (await files()).join(',')])
  const results = answer.split('INSHEADER').slice(1)
  const passes = results.map((result) => result.match(/dkim=pass/g)?.length ?? 0)
  expect(passes).toEqual([...honest.map(() => 2), ...changed.map(() => 0)])
})

const DKIMPY = `
import dkim, json, sys
zone = json.loads(sys.argv[1])
find = lambda name, timeout=5: zone.get(name.decode().rstrip('.'), '').encode()
def passes(file):
    message = open(file, 'rb').read()
    return sum(bool(dkim.DKIM(message).verify(idx=at, dnsfunc=find)) for at in range(2))
print(json.dumps([passes(file) for file in sys.argv[2:]]))
`

const dkimpy = runs(PYTHON, '-c', 'import dkim, nacl')
testWith(
  'python3-dkim (and python3-nacl)',
  dkimpy,
  'dkimpy passes both signatures of every sample',
  async () => {
    const zone = JSON.stringify(Object.fromEntries(keys.map((key) => [key.name, key.record])))
    const answer = await answerOf([PYTHON, '-c', DKIMPY, zone, ...(await files())])
    expect(JSON.parse(answer)).toEqual([...honest.map(() => 2), ...changed.map(() => 0)])
  },
)
