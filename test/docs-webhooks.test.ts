//
// The examples of docs/webhooks.md, run as they stand there against deliveries that were really posted: each believes
// what is genuine, and nothing else.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { EventId } from '../src/core/ids.ts'
import { SECOND } from '../src/core/time.ts'
import { OutgoingHttp } from '../src/net/http/outgoing.ts'
import { systemClock } from '../src/ops/clock.ts'
import { secretText } from '../src/services/posting/signature.ts'
import { Poster } from '../src/services/webhooks/poster.ts'
import { type Got, hook } from './support/hook.ts'
import { knownHook } from './support/known-hook.ts'
import { runs, testWith } from './support/system-part.ts'

interface Case {
  readonly what: string
  readonly secret: string
  readonly got: Got
  readonly want: boolean
}

interface Language {
  /** Of its block on the page. */
  readonly fence: string
  readonly part: string
  readonly isThere: boolean
  /** Files around the example, by path. */
  readonly files: (example: string) => Readonly<Record<string, string>>
  /** The last one reads cases from its input, a line each, apart by tabs, and says true or false. */
  readonly commands: readonly (readonly string[])[]
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  JavaScript: {
    fence: 'js',
    part: 'node',
    isThere: runs('node', '--version'),
    files: (example) => ({
      'main.mjs': `${example}
import { readFileSync } from 'node:fs'
for (const line of readFileSync(0, 'utf8').split('\\n')) {
  const [secret, id, timestamp, signature, body] = line.split('\\t')
  console.log(isGenuine(secret, { id, timestamp, signature }, Buffer.from(body, 'base64')))
}`,
    }),
    commands: [['node', 'main.mjs']],
  },
  Python: {
    fence: 'python',
    part: 'python3',
    isThere: runs('python3', '--version'),
    files: (example) => ({
      'main.py': `${example}
import sys
for line in sys.stdin.read().split("\\n"):
    secret, id, timestamp, signature, body = line.split("\\t")
    print(str(is_genuine(secret, id, timestamp, signature, base64.b64decode(body))).lower())`,
    }),
    commands: [['python3', 'main.py']],
  },
  PHP: {
    fence: 'php',
    part: 'php',
    isThere: runs('php', '--version'),
    files: (example) => ({
      'main.php': `<?php
${example}
foreach (explode("\\n", stream_get_contents(STDIN)) as $line) {
  [$secret, $id, $timestamp, $signature, $body] = explode("\\t", $line);
  echo is_genuine($secret, $id, $timestamp, $signature, base64_decode($body)) ? "true\\n" : "false\\n";
}`,
    }),
    commands: [['php', 'main.php']],
  },
  Ruby: {
    fence: 'ruby',
    part: 'ruby',
    isThere: runs('ruby', '--version'),
    files: (example) => ({
      'main.rb': `${example}
STDIN.read.split("\\n", -1).each do |line|
  secret, id, timestamp, signature, body = line.split("\\t", -1)
  puts genuine?(secret, id, timestamp, signature, body.unpack1("m"))
end`,
    }),
    commands: [['ruby', 'main.rb']],
  },
  Go: {
    fence: 'go',
    part: 'go',
    isThere: runs('go', 'version'),
    files: (example) => ({
      'go.mod': 'module example.com/shop\n\ngo 1.19\n',
      'webhooks/webhooks.go': example,
      'main.go': `package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strings"

	"example.com/shop/webhooks"
)

func main() {
	input, _ := io.ReadAll(os.Stdin)
	for _, line := range strings.Split(string(input), "\\n") {
		part := strings.Split(line, "\\t")
		body, _ := base64.StdEncoding.DecodeString(part[4])
		fmt.Println(webhooks.IsGenuine(part[0], part[1], part[2], part[3], body))
	}
}`,
    }),
    commands: [['go', 'build', '-o', 'shop', '.'], ['./shop']],
  },
  Java: {
    fence: 'java',
    part: 'javac',
    isThere: runs('javac', '-version'),
    files: (example) => ({
      'Webhooks.java': example,
      'Main.java': `import java.util.Base64;
public class Main {
  public static void main(String[] args) throws Exception {
    for (String line : new String(System.in.readAllBytes()).split("\\n")) {
      String[] part = line.split("\\t", -1);
      System.out.println(Webhooks.isGenuine(part[0], part[1], part[2], part[3], Base64.getDecoder().decode(part[4])));
    }
  }
}`,
    }),
    commands: [
      ['javac', 'Webhooks.java', 'Main.java'],
      ['java', '-Xshare:auto', '-cp', '.', 'Main'],
    ],
  },
}

/** Go compiles its library where nobody did before. */
setDefaultTimeout(300_000)

const page = readFileSync(join(import.meta.dir, '..', 'docs', 'webhooks.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'mailwok-examples-'))
let cases: readonly Case[] = []

beforeAll(async () => {
  cases = await delivered()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the example of docs/webhooks.md believes what is genuine, and nothing else', () => {
  for (const [name, { fence, part, isThere, files, commands }] of Object.entries(LANGUAGES)) {
    testWith(part, isThere, name, async () => {
      const examples = [...page.matchAll(new RegExp(`^\`\`\`${fence}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))]
      expect(examples).toHaveLength(1)
      for (const [path, text] of Object.entries(files(examples[0]?.[1] ?? ''))) {
        const file = join(folder, fence, path)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text)
      }
      let said = ''
      for (const command of commands) said = await run(command, join(folder, fence))
      const verdicts = said.trim().split('\n')
      expect(cases.map(({ what }, at) => `${what}: ${verdicts[at]}`)).toEqual(
        cases.map(({ what, want }) => `${what}: ${want}`),
      )
    })
  }
})

async function run(command: readonly string[], cwd: string): Promise<string> {
  const child = Bun.spawn([...command], {
    cwd,
    stdin: Buffer.from(cases.map(lineOf).join('\n')),
    stdout: 'pipe',
    stderr: 'pipe',
    // Nothing is fetched, whatever an example names.
    env: { ...process.env, GOPROXY: 'off', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' },
  })
  const [said, complaints] = await Promise.all([child.stdout.text(), child.stderr.text()])
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')}: ${complaints}`)
  return said
}

const lineOf = ({ secret, got: { headers, text } }: Case): string =>
  [
    secret,
    ...['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name] ?? ''),
    Buffer.from(text).toString('base64'),
  ].join('\t')

const BODY = '{"event":"email.delivered","metadata":{"tags":["größer","💌"]}}'
const [NEW, OLD] = [Buffer.alloc(32, 0xfb), Buffer.alloc(32, 2)]

/** Posted over HTTP while a secret is being replaced: two signatures. */
async function delivered(): Promise<readonly Case[]> {
  await using program = hook()
  const clock = systemClock()
  const [host = '', port] = program.place.split(':')
  const http = new OutgoingHttp({
    resolver: { addresses: () => Promise.reject(new Error('literals alone')) },
    clock,
    allow: [{ host, port: Number(port) }],
    allowPrivate: false,
    ca: null,
  })
  const known = knownHook({
    url: program.url,
    key: NEW,
    previousKey: OLD,
    previousUntil: clock.now() + SECOND * 60,
  })
  const eventId = 'evt_mjw3xn400001' as EventId
  const post = (at: number) =>
    new Poster({ http, clock: { ...clock, now: () => at }, agent: 'MailWok/test' }).post(known, {
      eventId,
      body: BODY,
    })
  await post(clock.now())
  await post(clock.now() - 400 * SECOND)
  const [fresh, stale] = program.got
  if (!fresh || !stale) throw new Error('nothing came')
  const secret = secretText(NEW)
  const [first = '', second = ''] = (fresh.headers['webhook-signature'] ?? '').split(' ')
  const over = (headers: Readonly<Record<string, string>>): Got => ({
    ...fresh,
    headers: { ...fresh.headers, ...headers },
  })
  const wrong = { secret, want: false }
  return [
    { what: 'as it came', secret, got: fresh, want: true },
    { what: 'with the secret before', secret: secretText(OLD), got: fresh, want: true },
    { what: 'one signature', secret, got: over({ 'webhook-signature': first }), want: true },
    { ...wrong, what: 'only the other signature', got: over({ 'webhook-signature': second }) },
    { ...wrong, what: 'another secret', secret: secretText(Buffer.alloc(32, 3)), got: fresh },
    { ...wrong, what: 'a changed body', got: { ...fresh, text: BODY.replace('delivered', 'deliverec') } },
    { ...wrong, what: 'a longer body', got: { ...fresh, text: `${BODY} ` } },
    { ...wrong, what: 'an empty body', got: { ...fresh, text: '' } },
    { ...wrong, what: 'another id', got: over({ 'webhook-id': 'evt_mjw3xn400002' }) },
    {
      ...wrong,
      what: 'another time',
      got: over({ 'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 2) }),
    },
    { ...wrong, what: 'no time', got: over({ 'webhook-timestamp': 'now' }) },
    { ...wrong, what: 'a changed signature', got: over({ 'webhook-signature': flipped(first) }) },
    { ...wrong, what: 'another version', got: over({ 'webhook-signature': first.replace('v1,', 'v2,') }) },
    { ...wrong, what: 'no signature', got: over({ 'webhook-signature': '' }) },
    { ...wrong, what: 'seven minutes old', got: stale },
  ]
}

const flipped = (signature: string): string => {
  const at = signature.length - 10
  return `${signature.slice(0, at)}${signature[at] === 'A' ? 'B' : 'A'}${signature.slice(at + 1)}`
}
