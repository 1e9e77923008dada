//
// Owns: the lines to paste into a program so that it sends by this server: those of docs/frameworks.md, which the
// frameworks themselves are tried with, with host, port, key and author filled in.

import frameworks from '../docs/frameworks.md' with { type: 'text' }
import type { Config } from '../src/config/schema.ts'

export const PROGRAMS = ['curl', 'node', 'laravel', 'django', 'rails', 'wordpress', 'smtp'] as const
export type Program = (typeof PROGRAMS)[number]

export interface Place {
  readonly host: string
  /** STARTTLS; null: that is switched off. */
  readonly starttls: number | null
  readonly tls: number | null
  /** Where the REST API is. */
  readonly url: string
  readonly key: string
  /** A domain that was added. */
  readonly domain: string
}

export function placeOf(config: Config, key: string, domain: string): Place {
  const { api, server, submission } = config
  const ports = submission.starttls.map(({ port }) => port)
  const [https] = api.https
  const [http] = api.http
  const local = http === undefined ? config.server.publicUrl : `http://${http.host}:${http.port}`
  return {
    host: server.hostname,
    starttls: ports.find((port) => port === 587) ?? ports[0] ?? null,
    tls: submission.tls[0]?.port ?? null,
    url:
      https === undefined ? local : `https://${server.hostname}${https.port === 443 ? '' : `:${https.port}`}`,
    key,
    domain,
  }
}

export function snippetFor(program: Program, place: Place): string {
  switch (program) {
    case 'curl':
      return [
        `curl ${place.url}/v1/email/send \\`,
        `  -H 'Authorization: Bearer ${place.key}' -H 'Content-Type: application/json' \\`,
        `  -d '{"from": "Shop <shop@${place.domain}>", "to": "you@example.net", "subject": "Hello", "text": "It works."}'`,
      ].join('\n')
    case 'node':
      return `# in the environment\nMAILWOK_KEY=${place.key}\n\n${ofPage('Nodemailer', place)}`
    case 'laravel':
      return `# .env\n${ofPage('Laravel', place)}`
    case 'django':
      return `# in the environment\nMAILWOK_KEY=${place.key}\n\n# settings.py\n${ofPage('Django', place)}`
    case 'rails':
      return `# bin/rails credentials:edit\nmailwok_key: ${place.key}\n\n# config/environments/production.rb\n${ofPage('Rails', place)}`
    case 'wordpress':
      return `// wp-config.php, above the line that says to stop editing\ndefine('MAILWOK_KEY', '${place.key}');\n\n// wp-content/mu-plugins/mailwok.php\n${ofPage('WordPress', place)}`
    case 'smtp':
      return smtp(place)
    default:
      return program satisfies never
  }
}

/** The first block of the section is its settings. */
function ofPage(section: string, place: Place): string {
  const text = new RegExp(`^## ${section}\\n([\\s\\S]*?)^## `, 'm').exec(frameworks)?.[1] ?? ''
  const settings = /^```\w+\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? ''
  return settings
    .trimEnd()
    .replaceAll('mail.example.com', place.host)
    .replaceAll('587', String(place.starttls ?? 587))
    .replaceAll('mwk_live_…', place.key)
    .replaceAll('shop@example.com', `shop@${place.domain}`)
}

function smtp({ host, starttls, tls, key, domain }: Place): string {
  const ports = [
    ...(starttls === null ? [] : [`${starttls} (STARTTLS)`]),
    ...(tls === null ? [] : [`${tls} (TLS from the start)`]),
  ]
  return [
    `host       ${host}`,
    `port       ${ports.join(' or ') || 'none: [submission] is switched off'}`,
    `user name  ${key}`,
    `password   ${key}`,
    `From       an address @${domain}`,
  ].join('\n')
}
