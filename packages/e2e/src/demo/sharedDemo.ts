import type { DemoAddress } from './startDemo';

const VARIABLE = 'PROMPT_CORNER_E2E_DEMO';

/** Tells the test processes, which inherit the environment, where the demo of this run is. */
export function shareDemo(address: DemoAddress): void {
  process.env[VARIABLE] = JSON.stringify(address);
}

/**
 * Where the demo of this run is.
 *
 * @throws Error outside a Jest run with this package's global setup
 */
export function sharedDemo(): DemoAddress {
  const address = process.env[VARIABLE];
  if (!address) {
    throw new Error(
      'No demo was started: run the tests with backstage-cli, which reads the Jest configuration of this package',
    );
  }
  return JSON.parse(address);
}
