//
// Owns: an SMTP client that sends at a fixed pace whatever the answers do, and notes when it had which 250.
// A client that waits for each answer before the next message slows down with what it measures, and hides the delay.

import { performance } from 'node:perf_hooks'

export interface Sent {
  readonly recipient: string
  /** When the message was due, when its last octet was written, and when its 250 came. */
  readonly dueAt: number
  readonly writtenAt: number
  readonly acceptedAt: number
}

export interface Pace {
  readonly port: number
  readonly perSecond: number
  readonly messages: number
  readonly connections: number
  readonly size: number
  /** Else r0@example.net, r1@example.net … */
  readonly recipientOf?: (index: number) => string
}

interface Link {
  say(text: string): void
  /** The next reply, which must begin with this. */
  hear(code: string): Promise<number>
  end(): void
}

export async function sendPaced(pace: Pace): Promise<readonly Sent[]> {
  const idle = await Promise.all(Array.from({ length: pace.connections }, () => openLink(pace.port)))
  const links = [...idle]
  const waiting: ((link: Link) => void)[] = []
  const take = (): Promise<Link> => {
    const link = idle.pop()
    return link ? Promise.resolve(link) : new Promise((given) => void waiting.push(given))
  }
  const give = (link: Link): void => {
    const next = waiting.shift()
    if (next) next(link)
    else idle.push(link)
  }
  const recipientOf = pace.recipientOf ?? ((index: number) => `r${index}@example.net`)
  const start = performance.now()
  const sent: Promise<Sent>[] = []
  for (let index = 0; index < pace.messages; index += 1) {
    const dueAt = start + (index * 1000) / pace.perSecond
    const early = dueAt - performance.now()
    if (early > 0) await Bun.sleep(early)
    sent.push(take().then((link) => sendOne(link, recipientOf(index), { dueAt, size: pace.size, give })))
  }
  const all = await Promise.all(sent)
  for (const link of links) link.end()
  return all
}

interface One {
  readonly dueAt: number
  readonly size: number
  give(link: Link): void
}

async function sendOne(link: Link, recipient: string, { dueAt, size, give }: One): Promise<Sent> {
  link.say(`MAIL FROM:<sender@example.com>\r\nRCPT TO:<${recipient}>\r\nDATA\r\n`)
  for (const code of ['250', '250', '354']) await link.hear(code)
  const line = `${'A line of a letter that says nothing of interest.'.padEnd(70, '.')}\r\n`
  const header = `From: <sender@example.com>\r\nTo: <${recipient}>\r\nSubject: Hello\r\nDate: ${new Date().toUTCString().replace('GMT', '+0000')}\r\nMessage-ID: <${recipient}>\r\n\r\n`
  link.say(`${header}${line.repeat(Math.ceil(size / line.length))}.\r\n`)
  const writtenAt = performance.now()
  const acceptedAt = await link.hear('250')
  give(link)
  return { recipient, dueAt, writtenAt, acceptedAt }
}

async function openLink(port: number): Promise<Link> {
  let text = ''
  const replies: { line: string; at: number }[] = []
  let waiter: (() => void) | null = null
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data(_, bytes) {
        const at = performance.now()
        text += bytes.toString('latin1')
        const lines = text.split('\r\n')
        text = lines.pop() ?? ''
        for (const line of lines) if (line[3] !== '-') replies.push({ line, at })
        waiter?.()
      },
    },
  })
  const hear = async (code: string): Promise<number> => {
    while (replies.length === 0) {
      await new Promise<void>((come) => {
        waiter = come
      })
    }
    const reply = replies.shift()
    if (!reply?.line.startsWith(code)) throw new Error(`want ${code}, got ${reply?.line}`)
    return reply.at
  }
  const link: Link = {
    say: (words) => void socket.write(words),
    hear,
    end: () => void socket.end(),
  }
  await hear('220')
  link.say('EHLO client.example.com\r\n')
  await hear('250')
  return link
}
