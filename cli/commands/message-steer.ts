//
// Owns: the verbs that steer one message: cancel, retry, reschedule.

import type { Command } from 'commander'
import type { Admin, AdminAnswer } from '../../src/admin/admin.ts'
import type { SteeredRow } from '../../src/admin/message-rows.ts'
import { type Context, finish, runs, withAdmin } from '../context.ts'
import { type Exit, tableOf } from '../output.ts'

export function addSteering(message: Command): void {
  runs(
    message
      .command('cancel')
      .description('end what waits of a message; what was delivered stays so')
      .argument('<id>', 'msg_…'),
    (context, command) => steer(context, 'cancelled', (admin) => admin.messageCancel(idOf(command))),
  )
  runs(
    message
      .command('retry')
      .description('try now what waits of a message for another attempt, or is held')
      .argument('<id>', 'msg_…'),
    (context, command) => steer(context, 'due now', (admin) => admin.messageRetry(idOf(command))),
  )
  runs(
    message
      .command('reschedule')
      .description('another time for a message that waits for its own')
      .argument('<id>', 'msg_…')
      .argument('<time>', 'such as 2027-01-15T10:30:00+01:00, or now'),
    (context, command) =>
      steer(context, 'rescheduled', (admin) =>
        admin.messageReschedule({ ...idOf(command), at: command.args[1] ?? '' }),
      ),
  )
}

const idOf = (command: Command): { readonly id: string } => ({ id: command.args[0] ?? '' })

function steer(
  context: Context,
  done: string,
  move: (admin: Admin) => AdminAnswer<SteeredRow>,
): Promise<Exit> {
  return withAdmin(context, async (admin) =>
    finish(context, await move(admin), (row) => {
      context.out.one(row, () => tableOf(row.recipients, ['recipient', 'status']))
      const when = row.scheduled_at === null ? '' : `, at ${row.scheduled_at}`
      context.out.note(`\n${row.moved} ${done}${done === 'rescheduled' ? when : ''}`)
    }),
  )
}
