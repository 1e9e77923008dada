//
// Owns: readers of tracked mail at a fixed pace, a process of its own: each asks for the next path of a file when it is due,
// whatever the answers do. Says as JSON how long after that each answer was there.
// Run: bun bench/support/paced-readers.ts PORT FILE PER_SECOND COUNT CONNECTIONS

import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

const [port = 0, perSecond = 1, count = 1, connections = 1] = [2, 4, 5, 6].map((at) =>
  Number(process.argv[at]),
)
const paths = readFileSync(process.argv[3] ?? '', 'utf8')
  .trimEnd()
  .split('\n')
const AGENT =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15'

interface Link {
  ask(path: string, dueAt: number): void
}

const took: { readonly opens: number[]; readonly clicks: number[] } = { opens: [], clicks: [] }
let wrong = 0
let ended: () => void = () => undefined
const allAnswered = new Promise<void>((resolve) => {
  ended = resolve
})
let left = count
const waiting: { readonly path: string; readonly dueAt: number }[] = []
const idle: Link[] = []

async function openLink(): Promise<Link> {
  let under: { path: string; dueAt: number } | null = null
  let text = ''
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data(_, octets) {
        text += octets.toString('latin1')
        const head = text.indexOf('\r\n\r\n')
        if (head === -1 || under === null) return
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0)
        if (text.length < head + 4 + length) return
        const isClick = under.path.startsWith('/c/')
        if (!text.startsWith(isClick ? 'HTTP/1.1 302' : 'HTTP/1.1 200')) wrong++
        ;(isClick ? took.clicks : took.opens).push(performance.now() - under.dueAt)
        text = ''
        under = null
        left -= 1
        if (left === 0) ended()
        const next = waiting.shift()
        if (next) link.ask(next.path, next.dueAt)
        else idle.push(link)
      },
    },
  })
  const link: Link = {
    ask(path, dueAt) {
      under = { path, dueAt }
      socket.write(`GET ${path} HTTP/1.1\r\nHost: track.example.com\r\nUser-Agent: ${AGENT}\r\n\r\n`)
    },
  }
  return link
}

idle.push(...(await Promise.all(Array.from({ length: connections }, openLink))))
const start = performance.now()
for (let sent = 0; sent < count; ) {
  const due = Math.min(count, Math.floor(((performance.now() - start) * perSecond) / 1000) + 1)
  for (; sent < due; sent += 1) {
    const one = { path: paths[sent % paths.length] ?? '', dueAt: start + (sent * 1000) / perSecond }
    const link = idle.pop()
    if (link) link.ask(one.path, one.dueAt)
    else waiting.push(one)
  }
  await Bun.sleep(1)
}
await allAnswered
console.log(JSON.stringify({ ...took, wrong, seconds: (performance.now() - start) / 1000 }))
process.exit(0)
