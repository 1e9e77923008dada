//
// Owns: what happens when a provider puts everything off for a while and 100,000 messages wait: how evenly they leave.
// Run: bun bench/storm.ts [messages]
//
// The whole appliance runs in this process on a clock that is moved by hand, second by second, between a fake name server
// and a receiver on real sockets: hours pass in minutes, and what left in a second is counted exactly.

import { must, startLab } from '../test/support/appliance.ts'
import { table, whole, writeSection } from './support/results.ts'
import { startStormReceiver } from './support/storm-receiver.ts'

const messages = Number(process.argv[2] ?? 100_000)
const RECIPIENTS = 1_000
const SECOND = 1_000
/** A connection that stands still between steps could send one message in each alone. */
const STEPS = 10
const STORM_SECONDS = 600
/** Before the storm the provider is used to this. */
const CALM = { perSecond: 40, seconds: 60 }
/** Simulated; a bench that does not end is no bench. */
const MOST_SECONDS = 40_000
/** What left within so many seconds is held against the rate of their beginning and end. */
const WINDOW = 10

const receiver = startStormReceiver()
await using lab = await startLab({
  config: { 'delivery.mx_port': String(receiver.port), 'delivery.connections_per_provider': '20' },
})

const lane = async () => must(await lab.admin.queueLanes({ provider: 'example.net' }))[0] ?? null

/** A second passes in small steps, and everything that each sets off is done before the next. */
async function second(): Promise<void> {
  for (let step = 0; step < STEPS; step += 1) {
    lab.clock.advance(SECOND / STEPS)
    for (let calm = 0, seen = -1; calm < 2; ) {
      await new Promise((done) => setTimeout(done, 1))
      calm = receiver.busy() === 0 && receiver.replies() === seen ? calm + 1 : 0
      seen = receiver.replies()
    }
  }
  // A write that changes nothing comes back when the heartbeat before it has.
  await lab.advance(0)
}

const sendMany = async (count: number, name: string): Promise<void> => {
  const to = Array.from({ length: count }, (_, i) => `${name}-${i}@example.net`)
  const { status } = await lab.send({ to: 'first@example.net', bcc: to, text: 'A letter.' })
  if (status !== 200) throw new Error(`not accepted: ${status}`)
}

for (let passed = 0; passed < CALM.seconds; passed += 1) {
  await sendMany(CALM.perSecond, `calm${passed}`)
  await second()
}
await lab.advance(60 * SECOND)
await second()
const before = receiver.delivered()

receiver.storm = true
for (let part = 0; part < messages / RECIPIENTS; part += 1) {
  await sendMany(RECIPIENTS - 1, `r${part}`)
  console.log(`accepted ${(part + 1) * RECIPIENTS}`)
}
const storm = { tries: receiver.refused(), last: 0 }
for (let passed = 0; passed < STORM_SECONDS; passed += 1) await second()
storm.last = receiver.refused()
const refused = storm.last - storm.tries

receiver.storm = false
interface Sample {
  readonly left: number
  readonly rate: number | null
}
const samples: Sample[] = []
const goal = before + Math.ceil(messages / RECIPIENTS) * RECIPIENTS
while (receiver.delivered() < goal && samples.length < MOST_SECONDS) {
  const from = receiver.delivered()
  await second()
  samples.push({ left: receiver.delivered() - from, rate: (await lane())?.per_second ?? null })
  if (samples.length % 300 === 0)
    console.log(samples.length, receiver.delivered() - before, samples.at(-1)?.rate)
}

let worst = 0
let limited = 0
for (let end = WINDOW; end <= samples.length; end += 1) {
  const window = samples.slice(end - WINDOW, end)
  const rates = window.map(({ rate }) => rate)
  if (rates.some((rate) => rate === null)) continue
  limited += 1
  const rate = Math.max(...rates.map((each) => each ?? 0))
  // A second's worth may gather, and a message is never less than one.
  const allowed = rate * WINDOW + Math.max(rate, 1)
  worst = Math.max(worst, window.reduce((sum, { left }) => sum + left, 0) / allowed)
}
if (process.env['STORM_TRACE'])
  for (const [at, { left, rate }] of samples.entries()) if (left > 0) console.log(at, left, rate)
const most = Math.max(...samples.map(({ left }) => left))
const delivered = receiver.delivered() - before
const freed = samples.findIndex(({ rate }) => rate === null)

writeSection({
  script: 'storm',
  title: 'A storm that lifts',
  command: ['bun bench/storm.ts', ...process.argv.slice(2)].join(' '),
  programs: [],
  body: `${whole(messages)} messages to one provider arrive while it answers every MAIL with 421 4.7.28 for ${STORM_SECONDS / 60} minutes; before, it took ${CALM.perSecond} a second.
Time is moved by hand, second by second; sockets, store and threads are real.

${table({
  head: ['', ''],
  rows: [
    ['attempts that it had to refuse during the storm', whole(refused)],
    ['delivered after it lifted', `${whole(delivered)} of ${whole(goal - before)}`],
    ['until the last one, simulated', `${whole(samples.length / 60)} min`],
    ['most in one second', whole(most)],
    ['rate limited for, simulated', freed === -1 ? 'to the end' : `${whole(freed / 60)} min`],
    [
      `most in any ${WINDOW} s while limited, against rate × ${WINDOW} s and a second’s worth`,
      `${worst.toFixed(2)} ×`,
    ],
  ],
})}`,
})
if (delivered !== goal - before) throw new Error(`${goal - before - delivered} messages did not arrive`)
if (limited === 0) throw new Error('the lane was never limited: nothing was shown')
process.exit(0)
