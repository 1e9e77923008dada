//
// Owns: the keys of how long things are kept, and of the copies of them.

import { count, duration, matching, path, secretText, section, size, text } from './field.ts'

export const retention = section('How long things are kept. What is owed is never removed.', {
  content: duration('3d', "Bodies, counted from the last recipient's answer."),
  attempts: duration('30d', 'Evidence of single attempts.'),
  events: duration('90d', 'The log; never before every follower of it has passed.'),
  unsubscribe: duration(
    '365d',
    'How long after it was sent marketing mail can be left; laws ask for up to 60 days.',
  ),
  audit: duration('365d', 'What was done, by whom.'),
  reports: duration('395d', 'DMARC and TLS reports that others sent: a year and a month, to compare.'),
  max_size: size(
    '0B',
    'Beyond it what is finished goes before its time: bodies, then the log, the oldest first. 0B: no bound.',
  ),
  keep_free: size('1GB', 'The same when the disk has less than this free; at most a twentieth of the disk.'),
})

export const backup = section('Copies of everything that must survive.', {
  every: duration('0s', 'How often one is made, such as "24h". 0s: only by mailwok backup create.'),
  keep: count(7, 'So many of the newest stay, here and elsewhere.', { from: 1, to: 1000 }),
  path: path('', 'A folder, best on another disk. Empty: data_dir/backups.'),
  s3: matching('', 'Each is brought there too: "https://s3.example.net/bucket/prefix". Empty: nowhere.', {
    pattern: /^$|^https?:\/\/[^\s/?#@]+\/[^\s/?#]+(?:\/[A-Za-z0-9._-]+)*\/?$/,
    want: 'a URL with a bucket such as "https://s3.example.net/bucket/prefix"',
  }),
  s3_region: text('', 'Empty: us-east-1, which most compatible stores take.'),
  s3_key_id: text('', 'The access key; it needs to list, read, write and delete below the prefix.'),
  s3_secret: secretText('Its secret; better s3_secret__FILE.'),
})
