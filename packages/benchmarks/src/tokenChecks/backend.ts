import { catalogModuleScaleOrganisation } from '../organisation';
import {
  ChildOptions,
  createChildBackend,
  runChild,
} from '../stack/childBackend';
import { tokenCheckPlugin } from './load/tokenCheckPlugin';
import { createPeople } from './people';

/** What the benchmark tells the process that runs the backend. */
export interface BackendOptions extends ChildOptions {
  /** How many users the catalog has. */
  users: number;
  /** How many grants there are altogether. */
  grants: number;
  /** Of the grants. */
  seed: string;
}

/**
 * Runs one replica that has agent-auth and something that checks tokens in it.
 * This file is the entry point of a child process.
 */
async function run(options: BackendOptions): Promise<void> {
  const backend = createChildBackend(options);
  backend.add(
    catalogModuleScaleOrganisation(
      options.load ? createPeople(options.users) : undefined,
    ),
  );
  // eslint-disable-next-line @backstage/no-mixed-plugin-imports -- it is what is measured
  backend.add(import('@prompt-corner/plugin-agent-auth-backend'));
  backend.add(tokenCheckPlugin(options));
  await backend.start();
}

runChild(run);
