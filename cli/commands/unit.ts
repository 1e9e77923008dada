import type { Command } from 'commander'
import unit from '../../assets/mailwok.service' with { type: 'text' }
import { runs } from '../context.ts'

const STARTS = 'ExecStart=/usr/local/bin/mailwok'

/** An installer that has nothing but the executable asks it. */
export function addUnitCommand(program: Command): void {
  runs(
    program
      .command('unit')
      .description('print the systemd unit; install.sh puts it in place')
      .option('--executable <path>', 'what it starts', '/usr/local/bin/mailwok'),
    async ({ out }, command) => {
      const { executable } = command.opts<{ executable: string }>()
      out.plain(unit.replace(STARTS, () => `ExecStart=${executable}`).trimEnd())
      return 0
    },
  )
}
