//
// Owns: one message by SMTP over TLS, as an application of the user would send it. For `mailwok try` alone.

export interface TrialMessage {
  readonly port: number
  readonly key: string
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly body: string
}

/** Resolves with the reply to the message; throws the reply that was not expected. */
export async function sendBySmtp(message: TrialMessage): Promise<string> {
  const replies = new Replies()
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: message.port,
    // The certificate is one that this node made for itself a moment ago.
    tls: { rejectUnauthorized: false },
    socket: {
      data: (_, bytes) => replies.take(bytes.toString()),
      close: () => replies.end(),
      error: () => replies.end(),
    },
  })
  try {
    await replies.expect(220)
    let last = ''
    for (const [command, code] of dialogue(message)) {
      socket.write(`${command}\r\n`)
      last = await replies.expect(code)
    }
    socket.write('QUIT\r\n')
    return last
  } finally {
    socket.end()
  }
}

function dialogue({ key, from, to, subject, body }: TrialMessage): readonly (readonly [string, number])[] {
  const text = [`From: ${from}`, `To: ${to}`, `Subject: ${subject}`, '', body, '.'].join('\r\n')
  return [
    ['EHLO try.localhost', 250],
    // RFC 4616: authorization identity, user name and password; both are the key.
    [`AUTH PLAIN ${Buffer.from(`\0${key}\0${key}`).toString('base64')}`, 235],
    [`MAIL FROM:<${from}>`, 250],
    [`RCPT TO:<${to}>`, 250],
    ['DATA', 354],
    [text, 250],
  ]
}

class Replies {
  #text = ''
  #ended = false
  #wake: () => void = () => undefined

  take(text: string): void {
    this.#text += text
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  async expect(code: number): Promise<string> {
    for (;;) {
      // The last line of a reply has a space behind its code (RFC 5321 §4.2).
      const whole = /^(?:\d{3}-.*\r\n)*(\d{3})(?: .*)?\r\n/.exec(this.#text)
      if (whole) {
        this.#text = this.#text.slice(whole[0].length)
        if (Number(whole[1]) === code) return whole[0].trim()
        throw new Error(`SMTP: wanted ${code}, got ${whole[0].trim()}`)
      }
      if (this.#ended) throw new Error(`SMTP: the connection ended before ${code}`)
      await new Promise<void>((done) => {
        this.#wake = done
      })
    }
  }
}
