import { Config, readDurationFromConfig } from '@backstage/config';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';
import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import { ConfiguredApproval, PIN_PATTERN } from '../definitions';
import { SERVER_NAME_PATTERN } from './serverNames';

/** A server that the configuration speaks of. */
export interface ConfiguredServer {
  name: string;
  /** The entity that has the name; nobody else gets it. */
  entityRef?: string;
  /** Present when the configuration approves the server. */
  approval?: ConfiguredApproval & {
    /** The only URLs that are approved. Absent: those that the catalog has when the approval takes effect. */
    urls?: string[];
  };
}

/** The parts of the `mcpPortal` section that the registry reads, with defaults. */
export interface RegistryConfig {
  servers: ConfiguredServer[];
  catalogIntervalMs: number;
  absenceGraceMs: number;
  syncIntervalMs: number;
  syncTimeoutMs: number;
}

const TOOL_CLASSES = ['read', 'write', 'destructive'];
const MINUTE_MS = 60_000;

/**
 * Reads the configuration; see `config.d.ts` for what each key means.
 *
 * @throws InputError naming the key that cannot be used
 */
export function readRegistryConfig(root: Config): RegistryConfig {
  const config = root.getOptionalConfig('mcpPortal');
  const servers = config?.getOptionalConfig('servers');
  const milliseconds = (key: string, fallback: number, least: number) => {
    if (!config?.has(key)) {
      return fallback;
    }
    const value = durationToMilliseconds(
      readDurationFromConfig(config, { key }),
    );
    if (!(value >= least)) {
      throw new InputError(
        `mcpPortal.${key} has to be at least ${least / 1000} seconds`,
      );
    }
    return value;
  };
  const read = (servers?.keys() ?? []).map(name =>
    readServer(name, servers!.getConfig(name)),
  );
  assertUnique(read);
  return {
    servers: read,
    catalogIntervalMs: milliseconds(
      'registry.catalogInterval',
      MINUTE_MS,
      1_000,
    ),
    absenceGraceMs: milliseconds('registry.absenceGrace', 10 * MINUTE_MS, 0),
    syncIntervalMs: milliseconds(
      'registry.syncInterval',
      10 * MINUTE_MS,
      10_000,
    ),
    syncTimeoutMs: milliseconds('registry.syncTimeout', MINUTE_MS, 1_000),
  };
}

function readServer(name: string, config: Config): ConfiguredServer {
  const key = `mcpPortal.servers.${name}`;
  if (!SERVER_NAME_PATTERN.test(name)) {
    throw new InputError(
      `${key}: a name of a server begins with a small letter, and has at most 24 letters and digits`,
    );
  }
  const entityRef = readEntityRef(config, key);
  if (!config.getOptionalBoolean('approved')) {
    return { name, entityRef };
  }
  if (!entityRef) {
    throw new InputError(
      `${key}.approved needs ${key}.entityRef: otherwise whoever first registers an entity with that name would be approved`,
    );
  }
  return {
    name,
    entityRef,
    approval: {
      classes: readClasses(config, key),
      defaultClass: readDefaultClass(config, key),
      pins: readPins(config, key),
      urls: config.getOptionalStringArray('urls')?.map(url => {
        if (!URL.canParse(url)) {
          throw new InputError(`${key}.urls has ${url}, which is not a URL`);
        }
        return new URL(url).href;
      }),
    },
  };
}

function readEntityRef(config: Config, key: string): string | undefined {
  const text = config.getOptionalString('entityRef');
  if (text === undefined) {
    return undefined;
  }
  try {
    const ref = parseEntityRef(text);
    if (ref.kind.toLowerCase() !== 'api') {
      throw new InputError('not of the kind API');
    }
    return stringifyEntityRef(ref);
  } catch (error) {
    throw new InputError(
      `${key}.entityRef has to be the full ref of an API, such as api:default/gitlab-mcp`,
      error,
    );
  }
}

function readClasses(config: Config, key: string): Record<string, ToolClass> {
  const classes = readRecord(config, 'classes', key);
  for (const [tool, toolClass] of classes) {
    if (!TOOL_CLASSES.includes(toolClass)) {
      throw new InputError(
        `${key}.classes.${tool} has to be read, write or destructive`,
      );
    }
  }
  return Object.fromEntries(classes) as Record<string, ToolClass>;
}

function readDefaultClass(
  config: Config,
  key: string,
): ConfiguredApproval['defaultClass'] {
  // What nobody looked at could be anything.
  const value = config.getOptionalString('defaultClass') ?? 'destructive';
  if (value !== 'suggested' && !TOOL_CLASSES.includes(value)) {
    throw new InputError(
      `${key}.defaultClass has to be suggested, read, write or destructive`,
    );
  }
  return value as ConfiguredApproval['defaultClass'];
}

function readPins(config: Config, key: string): Record<string, string> {
  const pins = readRecord(config, 'pins', key);
  for (const [tool, pin] of pins) {
    if (!PIN_PATTERN.test(pin)) {
      throw new InputError(
        `${key}.pins.${tool} has to be sha256: and 64 hexadecimal digits`,
      );
    }
  }
  return Object.fromEntries(pins);
}

/** Names of tools can have dots, which the configuration reader takes for paths. */
function readRecord(
  config: Config,
  name: string,
  key: string,
): Array<[string, string]> {
  const value = config.getOptional(name) ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`${key}.${name} has to be an object by name of tool`);
  }
  return Object.entries(value).map(([tool, entry]) => {
    if (typeof entry !== 'string') {
      throw new InputError(`${key}.${name}.${tool} has to be a string`);
    }
    return [tool, entry];
  });
}

function assertUnique(servers: ConfiguredServer[]): void {
  const seen = new Set<string>();
  for (const { name, entityRef } of servers) {
    for (const value of [name.toLowerCase(), entityRef]) {
      if (value !== undefined && seen.has(value)) {
        throw new InputError(
          `mcpPortal.servers.${name}: ${value} is in mcpPortal.servers twice`,
        );
      }
      if (value !== undefined) {
        seen.add(value);
      }
    }
  }
}
