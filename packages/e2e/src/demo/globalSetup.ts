import { shareDemo } from './sharedDemo';
import { startDemo, StartedDemo } from './startDemo';

declare global {
  // eslint-disable-next-line no-var
  var promptCornerDemo: StartedDemo | undefined;
}

/**
 * Starts one demo for all test files of a run.
 *
 * Does not wait for it, so that the tests of other packages can run meanwhile,
 * and a demo that does not start fails only the tests that need it.
 */
export default async function globalSetup(): Promise<void> {
  globalThis.promptCornerDemo = await startDemo();
  shareDemo(globalThis.promptCornerDemo.address);
}
