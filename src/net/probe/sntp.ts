//
// Owns: what time it is elsewhere: one SNTP question (RFC 4330 §5).

import { createSocket } from 'node:dgram'
import type { Clock } from '../../core/ports.ts'
import { fault, ok, type Result } from '../../core/result.ts'
import type { Milliseconds } from '../../core/time.ts'

const OCTETS = 48
/** No leap warning, version 4, client. */
const CLIENT = 0x23
const MODE_OF_SERVERS = 4
/** Seconds from 1900, where NTP counts from, to 1970. */
const FROM_1900 = 2_208_988_800
const TRANSMITTED_AT = 40
const ORIGINATED_AT = 24

/** How far our clock is ahead of theirs; half of the way there and back is taken for the way back. */
export function clockAhead(
  { host, port }: { readonly host: string; readonly port: number },
  clock: Clock,
  within: Milliseconds,
): Promise<Result<Milliseconds, string>> {
  return new Promise((done) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    const cancel = setTimeout(() => end(fault('no answer')), within)
    const question = Buffer.alloc(OCTETS)
    question[0] = CLIENT
    const askedAt = clock.now()
    const startedAt = clock.monotonic()
    // Echoed as it is: what answers another question is none (RFC 4330 §5).
    question.writeUInt32BE(Math.floor(askedAt / 1000) % 2 ** 32, TRANSMITTED_AT)
    question.writeUInt32BE(((startedAt * 4096) % 2 ** 32) >>> 0, TRANSMITTED_AT + 4)
    function end(result: Result<Milliseconds, string>): void {
      clearTimeout(cancel)
      socket.removeAllListeners()
      socket.on('error', () => undefined)
      socket.close()
      done(result)
    }
    socket.once('error', (error) => end(fault('code' in error ? String(error.code) : error.message)))
    socket.on('message', (answer) => {
      const echoed = answer.subarray(ORIGINATED_AT, ORIGINATED_AT + 8)
      const isOurs = echoed.equals(question.subarray(TRANSMITTED_AT, TRANSMITTED_AT + 8))
      if (answer.length < OCTETS || ((answer[0] ?? 0) & 7) !== MODE_OF_SERVERS || !isOurs) return
      // Stratum 0 is a kiss of death: it tells no time (RFC 4330 §8).
      if (answer[1] === 0) return end(fault('the server asks to be left alone'))
      const way = (clock.monotonic() - startedAt) / 2
      end(ok(askedAt + way - timeIn(answer)))
    })
    socket.send(question, port, host)
  })
}

function timeIn(answer: Buffer): Milliseconds {
  const seconds = answer.readUInt32BE(TRANSMITTED_AT) - FROM_1900
  const fraction = answer.readUInt32BE(TRANSMITTED_AT + 4) / 2 ** 32
  // From 2036 on the count begins anew (RFC 4330 §3).
  return ((seconds < 0 ? seconds + 2 ** 32 : seconds) + fraction) * 1000
}
