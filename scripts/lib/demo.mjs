import { fromRoot } from './paths.mjs';
import { StepError } from './step.mjs';

/** The port that the demo listens on when nothing else is asked for. */
const DEFAULT_PORT = 7007;

/** The configuration files of the demo, in the order in which they are laid over each other. */
export const demoConfigFiles = [
  fromRoot('app-config.yaml'),
  fromRoot('app-config.demo.yaml'),
];

/**
 * Where the demo listens and keeps its data, from `PORT` and `PROMPT_CORNER_DATA`.
 *
 * @throws {StepError} when `PORT` is not a port
 * @returns {{ port: number, url: string, dataDir: string }} `dataDir` is absolute
 */
export function demoSettings() {
  const port = Number(process.env.PORT || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StepError(
      `PORT is "${process.env.PORT}", which is not a port: give a number from 1 to 65535.`,
    );
  }
  return {
    port,
    url: `http://localhost:${port}`,
    dataDir: fromRoot(process.env.PROMPT_CORNER_DATA || '.data'),
  };
}
