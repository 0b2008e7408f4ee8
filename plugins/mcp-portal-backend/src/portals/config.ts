import {
  Config,
  ConfigReader,
  readDurationFromConfig,
} from '@backstage/config';
import { InputError } from '@backstage/errors';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import type { ToolClass } from '@prompt-corner/plugin-mcp-portal-common';
import { CODE_MODE_SETTINGS, CodeModeSetting } from '../codeMode/mode';
import { OriginalNaming, readNamingConfig, SERVER_NAME } from '../names';
import { readConditions } from './conditions';
import type { Portal, PortalAudience } from './Portal';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const CLASSES: readonly ToolClass[] = ['read', 'write', 'destructive'];
const ALL = 'all';

const NOBODY: PortalAudience = {
  users: new Set(),
  groups: new Set(),
  services: new Set(),
  everybody: false,
  anonymous: false,
};

/**
 * Reads the portals. Without configuration there is one, `default`, open to
 * everybody who has signed in, with all approved servers.
 *
 * @throws InputError when a value cannot be used
 */
export function readPortals(config: Config): Portal[] {
  const section = config.getOptionalConfig('mcpPortal.portals');
  const names = section?.keys() ?? [];
  if (!section || !names.length) {
    return [readPortal('default', undefined)];
  }
  return names.map(name => readPortal(name, section.getConfig(name)));
}

function readPortal(name: string, config: Config | undefined): Portal {
  const key = `mcpPortal.portals.${name}`;
  if (!NAME.test(name)) {
    throw new InputError(
      `${key}: the name of a portal is part of its URL, and has letters, digits, "-" and "_"`,
    );
  }
  const audience = readAudience(config?.getOptional('allow'), `${key}.allow`);
  const servers = readServers(config?.getOptional('servers'), `${key}.servers`);
  const classes = readClasses(
    config?.getOptionalStringArray('classes'),
    audience,
    `${key}.classes`,
  );
  const requests = config?.getOptionalNumber('rateLimit.requests');
  if (requests !== undefined && !(requests >= 1)) {
    throw new InputError(`${key}.rateLimit.requests has to be at least 1`);
  }
  const naming = readNamingConfig({
    config: config ?? new ConfigReader({}),
    portal: name,
    servers,
  });
  return {
    name,
    title: config?.getOptionalString('title') ?? 'MCP portal',
    description: config?.getOptionalString('description'),
    audience,
    servers: servers && new Set(servers),
    classes,
    conditions: readConditions(
      config?.getOptionalConfig('conditions'),
      `${key}.conditions`,
      audience,
    ),
    naming,
    ownTools: !(naming instanceof OriginalNaming),
    codeMode: readCodeMode(
      config?.getOptionalString('codeMode'),
      audience,
      `${key}.codeMode`,
    ),
    rateLimit: {
      requests: requests ?? (audience.anonymous ? 60 : 600),
      window: config?.has('rateLimit.window')
        ? readDurationFromConfig(config, { key: 'rateLimit.window' })
        : { minutes: 1 },
    },
  };
}

function readAudience(value: unknown, key: string): PortalAudience {
  if (value === undefined || value === 'everybody') {
    return { ...NOBODY, everybody: true };
  }
  if (value === 'public') {
    return { ...NOBODY, everybody: true, anonymous: true };
  }
  if (!Array.isArray(value) || !value.length) {
    throw new InputError(
      `${key} has to be everybody, public, or a list of entity refs such as group:default/finance`,
    );
  }
  const refs = value.map(ref => readRef(ref, key));
  const of = (kind: string) =>
    new Set(refs.filter(ref => ref.kind === kind).map(ref => ref.text));
  return {
    ...NOBODY,
    users: of('user'),
    groups: of('group'),
    services: new Set(
      refs
        .filter(({ kind }) => kind !== 'user' && kind !== 'group')
        .map(ref => ref.text),
    ),
  };
}

function readRef(value: unknown, key: string) {
  try {
    const ref = parseEntityRef(String(value));
    return {
      kind: ref.kind.toLocaleLowerCase('en-US'),
      text: stringifyEntityRef(ref),
    };
  } catch {
    throw new InputError(
      `${key} has "${value}", which is no entity ref such as group:default/finance`,
    );
  }
}

function readServers(value: unknown, key: string): string[] | undefined {
  if (value === undefined || value === ALL) {
    return undefined;
  }
  const valid =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(name => typeof name === 'string' && SERVER_NAME.test(name));
  if (!valid) {
    throw new InputError(
      `${key} has to be ${ALL}, or a list of names of servers such as gitlab`,
    );
  }
  return value;
}

/** Code of anybody on the internet costs processor time, which an administrator has to want. */
function readCodeMode(
  value: string | undefined,
  audience: PortalAudience,
  key: string,
): CodeModeSetting {
  if (value === undefined) {
    return audience.anonymous ? 'off' : 'opt_in';
  }
  if (!CODE_MODE_SETTINGS.includes(value as CodeModeSetting)) {
    throw new InputError(`${key} has to be ${CODE_MODE_SETTINGS.join(', ')}`);
  }
  return value as CodeModeSetting;
}

function readClasses(
  value: string[] | undefined,
  audience: PortalAudience,
  key: string,
): ReadonlySet<ToolClass> {
  const unknown = value?.find(name => !CLASSES.includes(name as ToolClass));
  if (unknown !== undefined) {
    throw new InputError(
      `${key} has "${unknown}"; classes are ${CLASSES.join(', ')}`,
    );
  }
  const classes = new Set((value ?? CLASSES) as ToolClass[]);
  if (!audience.anonymous) {
    return classes;
  }
  if (value && (classes.size !== 1 || !classes.has('read'))) {
    throw new InputError(
      `${key}: a public portal has tools that read only; remove the other classes`,
    );
  }
  return new Set<ToolClass>(['read']);
}
