import { once } from 'node:events';
import { writeSync } from 'node:fs';
import knexFactory from 'knex';
import { budgetOf, startReplica } from './TestReplica';
import { DatabaseLeaseStore } from '../leases';
import { demandOf, requests } from './demands';

/**
 * A process that makes requests as fast as it may, and says of each in advance that
 * a provider is going to be asked. It is told its database, its limit, and how many
 * it may have running, and begins when it hears anything on its standard input.
 */
async function main(): Promise<void> {
  const { connection, limit, parallel } = JSON.parse(process.argv[2]);
  const database = knexFactory({
    client: 'pg',
    connection,
    pool: { min: 0, max: 2 },
  });
  const { budgets, keeper } = startReplica({
    store: new DatabaseLeaseStore({ database }),
    budgets: [budgetOf({ name: 'all', limit, window: 'month' })],
  });
  await keeper.tick();
  setInterval(() => keeper.tick(), 50);

  say('ready');
  await once(process.stdin, 'data');
  let isEnding = false;
  process.on('SIGTERM', () => {
    isEnding = true;
  });
  const work = async () => {
    while (!isEnding) {
      const outcome = await budgets.reserve(demandOf(), requests(3));
      if (outcome.kind === 'refusal') {
        say(`refused ${outcome.reason}`);
        if (outcome.reason === 'used-up') {
          return;
        }
        await new Promise(resolve => setTimeout(resolve, 20));
      } else {
        say('asked');
        await new Promise(resolve => setTimeout(resolve, Math.random() * 4));
        outcome.settle(requests(2));
        say('settled');
      }
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  await keeper.stop();
  say('stopped');
  process.exit(0);
}

/** Before anything else is done: a line must not be lost when the process is killed. */
function say(text: string): void {
  for (;;) {
    try {
      writeSync(1, `${text}\n`);
      return;
    } catch (error) {
      // Nobody has read for a while, and the pipe is full.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        throw error;
      }
    }
  }
}

main().catch(error => {
  writeSync(2, `${error.stack}\n`);
  process.exit(1);
});
