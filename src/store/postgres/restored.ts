//
// Owns: the log of a database that was restored into another cluster. There transaction numbers begin anew, and what was
// written under higher ones would be hidden from followers until the new cluster has counted as far.
// Never: loses an event for a follower; where it cannot know it tells one again.

import type { SQL } from 'bun'

/** Older than every transaction that a cluster gives out, and one for all: their own numbers keep them in order. */
const PAST = '3'

/** A row of the future: only another cluster can have written it. */
const IS_RESTORED = `
  SELECT max(xid) >= pg_snapshot_xmax(pg_current_snapshot()) AS restored FROM (
    SELECT xid FROM events ORDER BY xid DESC LIMIT 1) AS last`

/** Back to before the first event that this follower has not read. */
const MOVE_CURSORS = `
  UPDATE cursors c
     SET position = '${PAST}.' || coalesce(
       (SELECT min(e.seq) - 1 FROM events e
         WHERE (e.xid, e.seq) > (split_part(c.position, '.', 1)::xid8, split_part(c.position, '.', 2)::bigint)),
       (SELECT max(e.seq) FROM events e), 0)
   WHERE c.position <> ''`

const MOVE_EVENTS = `UPDATE events SET xid = '${PAST}'::xid8 WHERE xid <> '${PAST}'::xid8`

/** In the transaction of the schema's steps: no other node reads or writes meanwhile. */
export async function adoptRestored(tx: SQL): Promise<boolean> {
  const [row] = await tx.unsafe<{ restored: boolean | null }[]>(IS_RESTORED)
  if (row?.restored !== true) return false
  await tx.unsafe(MOVE_CURSORS)
  await tx.unsafe(MOVE_EVENTS)
  return true
}
