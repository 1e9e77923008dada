//
// Owns: the keys of looking whether all is well: [doctor]. Part of the table in schema.ts.

import { duration, HOST_OR_NOTHING, section, textList } from './field.ts'

const isHost = (value: string): boolean => value !== '' && HOST_OR_NOTHING.test(value)
const PLACE = /^(?:\[[0-9a-f:.]+\]|[^\s:[\]]+)(?::\d{1,5})?$/i

export const doctor = section('Looking whether all is well: mailwok doctor.', {
  every: duration('1h', 'How often a running node looks by itself. 0s: only at its start, and when asked.'),
  receivers: textList(
    'At whose MX hosts it knocks to see whether outgoing port 25 is open. Empty: at nobody’s.',
    'a list of domains such as ["gmail.com"]',
    isHost,
    ['gmail.com', 'outlook.com', 'yahoo.com', 'icloud.com', 'gmx.net'],
  ),
  time_servers: textList(
    'Who is asked for the time (SNTP). Empty: nobody.',
    'a list of hosts such as ["time.cloudflare.com"]',
    (value) => PLACE.test(value),
    ['time.cloudflare.com'],
  ),
  blocklists: textList(
    'Lists at which our addresses are looked up, such as "zen.spamhaus.org". Read their terms first.',
    'a list of zones such as ["zen.spamhaus.org"]',
    isHost,
  ),
})
