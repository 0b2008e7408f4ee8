import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';

/** What the `mcpPortal` section says about the endpoints, with defaults. */
export interface EndpointConfig {
  /** Without a sign of life from a server. */
  callTimeoutMs: number;
  /** For which a request waits for a person, before the client is told to come back. */
  holdMs: number;
  allowedHosts: string[];
  allowedOrigins: string[];
  /** Whether portals are at `/mcp` as well. */
  shortPaths: boolean;
}

/**
 * Reads the configuration of the endpoints; see `config.d.ts` for what each key means.
 *
 * @throws InputError naming the key that cannot be used
 */
export function readEndpointConfig(root: Config): EndpointConfig {
  const config = root.getOptionalConfig('mcpPortal');
  const milliseconds = (key: string, fallback: number) => {
    if (!config?.has(key)) {
      return fallback;
    }
    const value = durationToMilliseconds(
      readDurationFromConfig(config, { key }),
    );
    if (!(value >= 100 && value <= 60 * 60_000)) {
      throw new InputError(
        `mcpPortal.${key} has to be between 100 milliseconds and an hour`,
      );
    }
    return value;
  };
  return {
    callTimeoutMs: milliseconds('calls.timeout', 60_000),
    holdMs: milliseconds('calls.hold', 50_000),
    allowedHosts: config?.getOptionalStringArray('allowedHosts') ?? [],
    allowedOrigins: config?.getOptionalStringArray('allowedOrigins') ?? [],
    shortPaths: config?.getOptionalBoolean('shortPaths') ?? false,
  };
}
