import { fromRoot } from './paths.mjs';

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
 * @returns {{ port: number, url: string, dataDir: string }} `dataDir` is absolute
 */
export function demoSettings() {
  const port = Number(process.env.PORT || DEFAULT_PORT);
  return {
    port,
    url: `http://localhost:${port}`,
    dataDir: fromRoot(process.env.PROMPT_CORNER_DATA || '.data'),
  };
}
