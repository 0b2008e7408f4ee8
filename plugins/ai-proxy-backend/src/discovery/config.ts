import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';

/** Where agents, commands and the like come from. */
export type SourceConfig =
  | { kind: 'none' }
  | { kind: 'directory'; directory: string }
  | { kind: 'url'; url: string };

/** The section `aiProxy.discovery`, with defaults. */
export interface DiscoveryConfig {
  source: SourceConfig;
  /** How often the source is read. */
  intervalMs: number;
  /** Prints a token for OpenCode; undefined for the login script of agent-auth. */
  loginCommand?: string[];
  /**
   * What OpenCode does for somebody whose token is not valid any more: start
   * with the configuration of everybody, or say how to sign in and end.
   */
  whenSignedOut: 'continue' | 'stop';
}

const KEY = 'aiProxy.discovery';
const LEAST_INTERVAL_MS = 5_000;
const DIRECTORY_INTERVAL_MS = 30_000;
const URL_INTERVAL_MS = 5 * 60_000;

/**
 * Reads the configuration; see `config.d.ts` for what each key means.
 *
 * @throws InputError naming the key that cannot be used
 */
export function readDiscoveryConfig(root: Config): DiscoveryConfig {
  const config = root.getOptionalConfig(KEY);
  const source = readSource(config);
  const loginCommand = config?.getOptionalStringArray('login.command');
  if (loginCommand && (loginCommand.length === 0 || !loginCommand[0])) {
    throw new InputError(
      `${KEY}.login.command has to begin with a program; leave it out for the login script`,
    );
  }
  const whenSignedOut =
    config?.getOptionalString('whenSignedOut') ?? 'continue';
  if (whenSignedOut !== 'continue' && whenSignedOut !== 'stop') {
    throw new InputError(`${KEY}.whenSignedOut has to be continue or stop`);
  }
  return {
    source,
    intervalMs: readInterval(
      config,
      source.kind === 'url' ? URL_INTERVAL_MS : DIRECTORY_INTERVAL_MS,
    ),
    loginCommand,
    whenSignedOut,
  };
}

function readSource(config: Config | undefined): SourceConfig {
  const directory = config?.getOptionalString('directory');
  const url = config?.getOptionalString('url');
  if (directory !== undefined && url !== undefined) {
    throw new InputError(
      `${KEY}.directory and ${KEY}.url cannot both be set; take one of them out`,
    );
  }
  if (url !== undefined) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new InputError(
        `${KEY}.url has to be the URL of a folder in a repository, such as https://github.com/acme/agent-config/tree/main`,
      );
    }
    return { kind: 'url', url };
  }
  return directory === undefined
    ? { kind: 'none' }
    : { kind: 'directory', directory };
}

function readInterval(config: Config | undefined, fallback: number): number {
  if (!config?.has('interval')) {
    return fallback;
  }
  const value = durationToMilliseconds(
    readDurationFromConfig(config, { key: 'interval' }),
  );
  if (!(value >= LEAST_INTERVAL_MS)) {
    throw new InputError(
      `${KEY}.interval has to be at least ${LEAST_INTERVAL_MS / 1000} seconds`,
    );
  }
  return value;
}
