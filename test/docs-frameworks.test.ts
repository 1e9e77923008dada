//
// The settings of docs/frameworks.md, used as they stand there by the frameworks themselves: over TLS with a certificate that
// they verify, on port 587 and as the page says of 465; what arrives is looked at. A wrong key is told as the page says.

import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { simpleParser } from 'mailparser'
import { AUTHORIZED, type Lab, startLab } from './support/appliance.ts'
import { authority } from './support/authority.ts'
import { LAB_KEY } from './support/lab-folder.ts'
import { runs, testWith } from './support/system-part.ts'

const PAGE = readFileSync(join(dirname(import.meta.dir), 'docs', 'frameworks.md'), 'utf8')
const PROGRAMS = join(import.meta.dir, 'support', 'frameworks')
/** Debian's own: another Python does not know of its packages. */
const PYTHON = '/usr/bin/python3'
const JARS = ['core', 'beans', 'context', 'context.support']
const CLASSES = [
  ...JARS.map((name) => `/usr/share/java/spring3-${name}.jar`),
  ...['javax.mail', 'javax.activation', 'commons-logging'].map((name) => `/usr/share/java/${name}.jar`),
].join(':')

const PORT = /\b(?:587|465)\b/g

interface Framework {
  readonly part: string
  readonly isThere: boolean
  /** Takes keys and files of settings, in turns. */
  readonly command: readonly string[]
  /** For port 465, if the page has it: what is taken out, what is put there, as the page says in these words. */
  readonly implicit: readonly (readonly [before: string, after: string])[] | null
  /** Of the program, and on the page. */
  readonly said: readonly string[]
  /** True: it takes one pair of arguments. */
  readonly oneByOne?: true
  /** True: of this version alone, no certificate is looked at. */
  readonly trustsAnybody?: true
}

const folder = mkdtempSync(join(tmpdir(), 'mailwok-frameworks-'))
const ca = join(folder, 'ca.pem')
const store = join(folder, 'ca.p12')

const FRAMEWORKS: Readonly<Record<string, Framework>> = {
  Laravel: {
    part: 'php-symfony-mailer',
    isThere: runs('php', '-r', 'require "/usr/share/php/Symfony/Component/Mailer/autoload.php";'),
    command: ['php', '-d', `openssl.cafile=${ca}`, 'laravel.php'],
    implicit: [['MAIL_MAILER=smtp', 'MAIL_MAILER=smtp\nMAIL_SCHEME=smtps']],
    said: ["'X-MailWok-Tags'", "'welcome'"],
  },
  Symfony: {
    part: 'php-symfony-mailer',
    isThere: runs('php', '-r', 'require "/usr/share/php/Symfony/Component/Mailer/autoload.php";'),
    command: ['php', '-d', `openssl.cafile=${ca}`, 'symfony.php'],
    implicit: [['smtp://', 'smtps://']],
    said: ["addTextHeader('X-MailWok-Tags', 'welcome')"],
  },
  Django: {
    part: 'python3-django',
    isThere: runs(PYTHON, '-c', 'import django'),
    command: [PYTHON, 'settings.py'],
    implicit: [['EMAIL_USE_TLS = True', 'EMAIL_USE_SSL = True']],
    said: ['headers={"X-MailWok-Tags": "welcome"}', 'sendtestemail'],
    // From version 4.2 on it looks.
    trustsAnybody: true,
  },
  Flask: {
    part: 'python3',
    isThere: runs(PYTHON, '--version'),
    command: [PYTHON, 'flask.py'],
    implicit: [
      ['        server.starttls(context=ssl.create_default_context())\n', ''],
      [
        'smtplib.SMTP("mail.example.com", 587, timeout=30)',
        'smtplib.SMTP_SSL("mail.example.com", 465, timeout=30, context=ssl.create_default_context())',
      ],
    ],
    said: ['message["From"] = "Shop <shop@example.com>"', 'message["X-MailWok-Tags"] = "welcome"'],
  },
  Rails: {
    part: 'ruby-actionmailer',
    isThere: runs('ruby', '-e', 'require "action_mailer"'),
    command: ['ruby', 'rails.rb'],
    implicit: [['enable_starttls: true', 'tls: true']],
    said: ['default from: "Shop <shop@example.com>"', 'headers["X-MailWok-Tags"] = "welcome"'],
  },
  Sinatra: {
    part: 'ruby-mail',
    isThere: runs('ruby', '-e', 'require "mail"'),
    command: ['ruby', 'sinatra.rb'],
    implicit: [['enable_starttls: true', 'tls: true']],
    said: ['header["X-MailWok-Tags"] = "welcome"'],
  },
  Spring: {
    part: 'libspring-context-support-java',
    isThere: runs('sh', '-c', `java -version && ls ${CLASSES.replaceAll(':', ' ')}`),
    command: [
      'java',
      '-XX:TieredStopAtLevel=1',
      `-Djavax.net.ssl.trustStore=${store}`,
      '-Djavax.net.ssl.trustStorePassword=changeit',
      ...['-cp', CLASSES, 'Spring.java'],
    ],
    implicit: [
      ['spring.mail.properties.mail.smtp.starttls.enable=true\n', ''],
      [
        'spring.mail.properties.mail.smtp.starttls.required=true',
        'spring.mail.properties.mail.smtp.ssl.enable=true',
      ],
    ],
    said: ['helper.setFrom("Shop <shop@example.com>")', 'message.addHeader("X-MailWok-Tags", "welcome")'],
  },
  Nodemailer: {
    part: 'node',
    isThere: runs('node', '--version'),
    command: ['node', 'nodemailer.mjs'],
    implicit: [['requireTLS: true', 'secure: true']],
    said: [],
  },
  Go: {
    part: 'golang-go',
    isThere: runs('go', 'version'),
    command: ['sh', 'go.sh'],
    // Another program, which the page does not have.
    implicit: null,
    said: [],
  },
  WordPress: {
    part: 'libphp-phpmailer',
    isThere: runs('php', '-r', 'require "/usr/share/php/libphp-phpmailer/autoload.php";'),
    command: ['php', '-d', `openssl.cafile=${ca}`, 'wordpress.php'],
    implicit: [["$mail->SMTPSecure = 'tls';", "$mail->SMTPSecure = 'ssl';"]],
    said: ['X-MailWok-Tags: welcome'],
    oneByOne: true,
  },
}

describe('docs/frameworks.md', () => {
  let lab: Lab
  beforeAll(async () => {
    const root = authority('Lab authority')
    const { cert, key } = root.issue({ names: ['localhost'] })
    const files = { 'ca.pem': root.cert, 'cert.pem': cert, 'key.pem': key }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    lab = await startLab({
      config: {
        'tls.mode': 'files',
        'tls.cert': join(folder, 'cert.pem'),
        'tls.key': join(folder, 'key.pem'),
      },
    })
  })
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const [name, framework] of Object.entries(FRAMEWORKS)) {
    testWith(framework.part, framework.isThere, `${name} sends by the settings of the page`, async () => {
      const { settings, implicit } = onPage(name, framework)
      if (name === 'Spring') trust()

      const wrongKey = 'mwk_live_Wrong0Wrong0Wrong'
      const before = lab.mx.messages.length
      const told = await run(framework, [
        [LAB_KEY, here(settings, 'submission.starttls', LAB_KEY)],
        [LAB_KEY, here(implicit, framework.implicit ? 'submission.tls' : 'submission.starttls', LAB_KEY)],
        [wrongKey, here(settings, 'submission.starttls', wrongKey)],
        [LAB_KEY, here(settings, 'submission.starttls', LAB_KEY, '127.0.0.1')],
      ])
      const [starttls, tls, refused, elsewhere] = told
      expect([starttls, tls]).toEqual(['sent', 'sent'])
      expect(refused).toMatch(
        framework.part === 'libphp-phpmailer' ? /^error .*authenticate/ : /^error .*535/,
      )
      expect(elsewhere).toMatch(framework.trustsAnybody ? /^sent$/ : /^error /)
      await arrived(name, framework, before)
    })
  }

  /** As the page has it, on this machine. */
  function here(settings: string, listener: string, key: string, host = 'localhost'): string {
    expect(settings).toContain('mail.example.com')
    expect(settings).toMatch(PORT)
    return settings
      .replaceAll('mail.example.com', host)
      .replaceAll(PORT, String(lab.port(listener)))
      .replaceAll('mwk_live_…', key)
  }

  async function run(
    framework: Framework,
    asked: readonly (readonly [key: string, settings: string])[],
  ): Promise<readonly string[]> {
    const pairs = asked.map(([key, settings], at) => {
      const path = join(folder, `settings-${at}`)
      writeFileSync(path, settings)
      return [key, path]
    })
    const told: string[] = []
    for (const given of framework.oneByOne ? pairs : [pairs.flat()]) {
      const program = Bun.spawn([...framework.command, ...given], {
        cwd: PROGRAMS,
        env: { ...process.env, SSL_CERT_FILE: ca, NODE_EXTRA_CA_CERTS: ca, LANG: 'C.UTF-8' },
        stdout: 'pipe',
        stderr: 'pipe',
      })
      // Who knocks with a wrong key waits, by the clock of the lab.
      const said = await lab.meanwhile(new Response(program.stdout).text())
      const wrong = await new Response(program.stderr).text()
      told.push(...(said === '' ? [wrong] : said.trimEnd().split('\n')))
    }
    return told
  }

  async function arrived(name: string, framework: Framework, before: number): Promise<void> {
    const listed = await lab.fetch('/v1/email?limit=20', { headers: AUTHORIZED })
    const { data } = (await listed.json()) as { data: { message_id: string }[] }
    for (const { message_id } of data) await lab.ended(message_id)
    const fresh = lab.mx.messages.slice(before)
    const letters = fresh.filter(({ forwardPaths }) => forwardPaths.includes('you@example.net'))
    expect(letters).toHaveLength(framework.trustsAnybody ? 3 : 2)
    for (const { bytes } of letters) {
      const letter = await simpleParser(bytes)
      expect(letter.from?.text).toBe('"Shop" <shop@example.com>')
      expect(letter.text?.trim()).toBe('It works.')
      expect(letter.headers.has('x-mailwok-tags')).toBe(false)
      if (framework.said.length === 0) continue
      expect(letter.subject).toBe('Grüße ✓')
      expect(String(letter.html)).toContain('<p>It works.</p>')
    }
    const events = await lab.fetch('/v1/events?type=email.queued&limit=1', { headers: AUTHORIZED })
    const queued = (await events.json()) as { data: { metadata: { tags: string[] } }[] }
    if (name !== 'Django') expect(queued.data[0]?.metadata.tags).toEqual(['welcome'])
    else
      expect(fresh.filter(({ forwardPaths }) => forwardPaths.includes('test@example.net'))).not.toHaveLength(
        0,
      )
  }
})

/** What the page has for port 587, and what it makes of that for port 465; the program's words stand there too. */
function onPage(
  name: string,
  framework: Framework,
): { readonly settings: string; readonly implicit: string } {
  const section = new RegExp(`^## ${name}\n([\\s\\S]*?)^## `, 'm').exec(PAGE)?.[1] ?? ''
  const settings = /^```\w+\n([\s\S]*?)^```$/m.exec(section)?.[1] ?? ''
  const changes = framework.implicit ?? []
  const implicit = changes.reduce((text, [before, after]) => {
    expect(text).toContain(before)
    return text.replace(before, after)
  }, settings)
  for (const [, after] of changes) expect(section).toContain(after.split('\n').at(-1) ?? after)
  for (const words of framework.said) {
    expect(section).toContain(words)
    expect(readFileSync(join(PROGRAMS, framework.command.at(-1) ?? ''), 'utf8')).toContain(words)
  }
  return { settings, implicit }
}

/** Java wants a file of its own kind. */
function trust(): void {
  const made = Bun.spawnSync([
    ...['keytool', '-importcert', '-noprompt', '-alias', 'lab', '-file', ca],
    ...['-keystore', store, '-storetype', 'PKCS12', '-storepass', 'changeit'],
  ])
  if (made.exitCode !== 0) throw new Error(String(made.stderr) + String(made.stdout))
}
