import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { someAgent } from '@prompt-corner/backend-testing';
import knexFactory from 'knex';
import { startProxy } from './startProxy';

/**
 * A replica in a process of its own. It is told its database, its configuration
 * and a token, and says where it is.
 */
async function main(): Promise<void> {
  const { connection, config, token } = JSON.parse(process.argv[2]);
  const database = knexFactory({
    client: 'pg',
    connection,
    pool: { min: 0, max: 5 },
  });
  const proxy = await startProxy({
    config,
    features: [
      createServiceFactory({
        service: coreServices.database,
        deps: {},
        factory: () => ({ getClient: async () => database }),
      }),
    ],
  });
  proxy.agentAuth.giveToken(
    token,
    someAgent({ scopes: new Set(['models:use']) }),
  );
  process.stdout.write(`${proxy.base}\n`);
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
