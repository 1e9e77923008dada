//
// Owns: what each figure is: its kind, its labels, and what whoever reads /metrics is told of it.
// Never: counts (those who know call the meter by these names, without the prefix).

export type FigureKind = 'counter' | 'gauge' | 'histogram'

export interface Figure {
  readonly kind: FigureKind
  readonly labels: readonly string[]
  readonly help: string
  /** Of a histogram; absent: seconds. */
  readonly buckets?: readonly number[]
}

const counter = (help: string, ...labels: readonly string[]): Figure => ({ kind: 'counter', labels, help })
const gauge = (help: string, ...labels: readonly string[]): Figure => ({ kind: 'gauge', labels, help })

/** Names by Prometheus' custom: counters end in _total, units are seconds and bytes. */
export const FIGURES: Readonly<Record<string, Figure>> = {
  alerts_total: counter('What the operator was told of, with or without a letter.', 'kind'),
  api_problems_total: counter('Answers of the API that were no success.', 'code'),
  attempts_total: counter('Attempts to deliver, by outcome: delivered, deferred, bounced.', 'outcome'),
  audit_late_total: counter(
    'Acts whose record the audit log did not take at once: each is in the log as an error, and is tried again.',
  ),
  backup_age_seconds: gauge('Seconds since the newest backup was finished; absent while there is none.'),
  backup_bytes: gauge('Octets of the newest backup that this process made.'),
  backup_uploads_total: counter('Backups by the clock that were brought elsewhere: done, failed.', 'result'),
  backups_total: counter('Backups by the clock: done, failed.', 'result'),
  certificate_expiry_seconds: gauge('When a certificate ends, in seconds since 1970.', 'host'),
  certificate_orders_total: counter(
    'Orders at the authority: issued, refused, limited (it wants less), away (it was not reached), ours, no_address (it was not asked).',
    'result',
  ),
  clicks_total: counter('Clicks in tracked mail: machine is true, false or unknown.', 'machine'),
  damaged_contents_total: counter('Contents that do not match their SHA-256; their deliveries are held.'),
  deliveries_in_hand: gauge('Deliveries in memory: under way or next.'),
  deliveries_in_hand_bytes: gauge('Octets of mail in memory: under way or next.'),
  deliveries_possibly_doubled_total: counter(
    'Deliveries sent again though the receiver may have taken them: lost_reply, crash, worker.',
    'cause',
  ),
  delivery_workers_lost_total: counter('Worker threads that died; what they held is tried again.'),
  disk_free_bytes: gauge('Octets free on the disk that holds the store.'),
  dmarc_own_failures_total: counter("Messages from this server's addresses that failed DMARC at a receiver."),
  doctor_findings: gauge('What the doctor found the last time: ok, warn, fail, unknown.', 'state'),
  domain_looks_total: counter('Looks at domains by the clock: done, or what the store said.', 'end'),
  egress_open: gauge('1 while providers can be reached on port 25, 0 while none can.'),
  follower_behind_events: gauge('At least so many events a reader of the log has still to read.', 'follower'),
  follower_behind_seconds: gauge('Age of what a reader of the log read last.', 'follower'),
  follower_faults_total: counter('A reader could not go on; it tries again each second.', 'follower'),
  inbound_connections: gauge('SMTP connections to port 25 open now.'),
  inbound_mail_total: counter('Messages received on port 25, by what became of them.', 'result'),
  inbound_messages_total: counter('Messages received on port 25, accepted and refused.', 'result'),
  inbound_posts_total: counter(
    'Tries to bring a received letter to its webhook: delivered, deferred, failed for good.',
    'result',
  ),
  inbound_posts_waiting: gauge('Letters that wait for their webhook.'),
  inbound_recipients_refused_total: counter(
    "Recipients refused on port 25. unknown: no such mailbox; not-ours: another's domain; closed: its webhook answered 410.",
    'reason',
  ),
  lane_changes_total: counter(
    'Changes of the pace towards a provider: slowed, paused, probing, recovered.',
    'provider',
    'change',
  ),
  lane_connections: gauge('Connections at work to a provider.', 'provider'),
  lane_limit: gauge('Connections that may be open to a provider at most.', 'provider'),
  lane_rate: gauge('Messages a second that a provider gets at most; 0 is no limit.', 'provider'),
  lane_waiting: gauge(
    'Deliveries to a provider that wait in memory; the rest waits in the store.',
    'provider',
  ),
  messages_accepted_total: counter(
    'Messages accepted, by the door they came through: api, smtp, notice.',
    'source',
  ),
  messages_refused_total: counter('Messages refused at the door, by the code of the refusal.', 'code'),
  notices_total: counter('Mail of the system itself: dsn, alert, report, forward.', 'kind'),
  opens_total: counter('Opens of tracked mail: machine is true, false or unknown.', 'machine'),
  queue_overdue_seconds: gauge(
    'How long the delivery has been due that has been so for longest; 0 while all that waits waits for its time.',
  ),
  readings_dropped_total: counter(
    'Opens and clicks that could not be kept: the store was away, and memory has room for 20,000; links led on all the same.',
  ),
  readings_of_removed_mail_total: counter(
    'Opens and clicks of mail that retention has removed: answered, and told to nobody.',
  ),
  removed_early_total: counter(
    'Finished bodies and events that went before their time, for want of room.',
    'kind',
  ),
  reports_received_total: counter('Reports of others: dmarc and tls.', 'kind'),
  search_blocks_total: counter('Blocks of the index of mail that were made or looked at again.'),
  sending_changes_total: counter(
    'How often a domain, stream or account was warned, paused or resumed.',
    'state',
  ),
  sending_states: gauge(
    'Domains, streams and accounts that are warned or paused for their complaints and bounces.',
    'state',
  ),
  settlements_refused_total: counter(
    'Outcomes that the store refused for good: a bug; the delivery comes back with the next start.',
  ),
  smtp_auth_failures_total: counter('Wrong keys over SMTP.'),
  smtp_connections: gauge('SMTP connections of submitters open now.'),
  smtp_messages_total: counter('Messages received by SMTP, accepted and refused.', 'result'),
  stale_settlements_total: counter('Outcomes of deliveries that another node had taken over.'),
  store_bytes: gauge('Octets of the database.'),
  store_group_size: {
    kind: 'histogram',
    labels: [],
    help: 'Members of a group commit.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
  },
  store_kind_bytes: gauge('Octets of the database by kind of what they hold, every six hours.', 'kind'),
  store_used_bytes: gauge('Octets in use in the store: what retention makes smaller.'),
  store_wal_bytes: gauge('Octets of the write-ahead log of the database.'),
  suppression_anomalies_total: counter(
    'Stretches of the log in which a provider said unknown so often that it was not believed.',
    'provider',
  ),
  suppressions_total: counter(
    'Entries that came by themselves: hard_bounce, complaint, unsubscribe.',
    'reason',
  ),
  unsubscribed_total: counter('Recipients who left: one-click, page, mailto.', 'by'),
  warmup_exhausted_providers: gauge('Providers at which no address has any warm-up budget left today.'),
  warmup_standings: gauge('Pairs of address and provider that are cold and warm.', 'state'),
  warmup_waits_total: counter('Deliveries that found no warm-up budget.'),
  webhook_first_attempt_seconds: {
    kind: 'histogram',
    labels: [],
    help: 'Seconds from an event to the first try to post it to its webhook.',
  },
  webhook_posts_total: counter(
    'Tries to post an event to its webhook: taken, waiting for the next try, given_up.',
    'result',
  ),
  webhook_posts_waiting: gauge('Events that wait for their webhook.'),
}
