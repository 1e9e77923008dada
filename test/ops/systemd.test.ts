//
// The word to systemd, heard by a datagram socket of Python's: the runtime has none itself.

import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openServiceManager } from '../../src/ops/systemd.ts'
import { handClock } from '../support/clock.ts'

const python = Bun.which('python3')
const folder = mkdtempSync(join(tmpdir(), 'mailwok-notify-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind('\\0' + name[1:] if name.startswith('@') else name)
s.settimeout(10)
print('listening', flush=True)
for _ in range(int(sys.argv[2])):
    print(repr(s.recv(4096).decode()), flush=True)
`

/** What arrives at `socket` while `speak` speaks. */
async function heard(socket: string, count: number, speak: () => void): Promise<readonly string[]> {
  const listener = Bun.spawn([python ?? 'python3', '-c', LISTENER, socket, String(count)], { stdout: 'pipe' })
  const lines: string[] = []
  let text = ''
  for await (const chunk of listener.stdout.pipeThrough(new TextDecoderStream())) {
    if (text === '') speak()
    text += chunk
  }
  lines.push(...text.trim().split('\n').slice(1))
  await listener.exited
  return lines.map((line) => line.slice(1, -1))
}

describe.skipIf(python === null)(python ? 'systemd' : 'systemd (skipped: Python is not installed)', () => {
  test.each([join(folder, 'notify.sock'), `@mailwok-test-${process.pid}`])(
    'every word reaches %s',
    async (socket) => {
      const clock = handClock()
      const words = await heard(socket, 4, () => {
        const manager = openServiceManager({ socket, watchdog: null, clock, isAlive: () => true })
        manager.ready('2 listeners\nFORGED=1')
        manager.status('busy')
        manager.reloading()
        manager.stopping()
      })
      expect(words).toEqual([
        'READY=1\\nSTATUS=2 listeners FORGED=1',
        'STATUS=busy',
        expect.stringMatching(/^RELOADING=1\\nMONOTONIC_USEC=\d+$/),
        'STOPPING=1',
      ])
    },
  )

  test('the watchdog is fed twice as often as it bites, and only by the living', async () => {
    const clock = handClock()
    const socket = join(folder, 'watchdog.sock')
    let alive = true
    const words = await heard(socket, 4, () => {
      const manager = openServiceManager({ socket, watchdog: 10_000, clock, isAlive: () => alive })
      clock.advance(10_000)
      alive = false
      clock.advance(60_000)
      manager.stopping()
    })
    expect(words).toEqual(['WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1'])
  })
})

test('without a service manager nothing is said and nothing fails', () => {
  for (const socket of [null, '', '/nowhere/at/all', `/${'x'.repeat(200)}`]) {
    const manager = openServiceManager({ socket, watchdog: null, clock: handClock(), isAlive: () => true })
    manager.ready('')
    manager.stopping()
  }
})
