import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { API_NAMES } from '@prompt-corner/plugin-ai-proxy-common';
import { BodyRoom } from '../bodies';
import { globs } from '../providers';
import type { FurtherRoute } from '../wire';

/** As large as a request to Anthropic may be. */
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;

/** As bytes; parsed they take several times as much. */
const MAX_BYTES_IN_MEMORY = 256 * 1024 * 1024;

/** What carries credentials or belongs to the connection. */
const NEVER_FORWARDED =
  /^(?:authorization|x-api-key|x-goog-api-key|cookie|host|connection|content-length|transfer-encoding|dpop|cf-access-.*|x-forwarded-.*|forwarded)$/;

/** What the endpoint takes. */
export interface EndpointConfig {
  maxBodyBytes: number;
  /** For all requests that are read at the same time. */
  room: BodyRoom;
  /** In lower case. */
  forwardedHeaders: string[];
  further: FurtherRoute[];
}

/**
 * Reads `aiProxy.limits`, `forwardedHeaders` and `routes`.
 *
 * @throws InputError naming the key, when a value cannot be used
 */
export function readEndpointConfig(config: Config): EndpointConfig {
  const section = config.getOptionalConfig('aiProxy');
  const bytes = (name: string, defaultBytes: number) => {
    const value = section?.getOptionalNumber(`limits.${name}`) ?? defaultBytes;
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new InputError(
        `aiProxy.limits.${name} is ${value}; expected a number of bytes`,
      );
    }
    return value;
  };
  const forwardedHeaders = (
    section?.getOptionalStringArray('forwardedHeaders') ?? []
  ).map(name => name.toLowerCase());
  const refused = forwardedHeaders.find(name => NEVER_FORWARDED.test(name));
  if (refused !== undefined) {
    throw new InputError(
      `aiProxy.forwardedHeaders has "${refused}", which no provider gets`,
    );
  }
  return {
    maxBodyBytes: bytes('requestBytes', MAX_REQUEST_BYTES),
    room: new BodyRoom(bytes('requestBytesInMemory', MAX_BYTES_IN_MEMORY)),
    forwardedHeaders,
    further: (section?.getOptionalConfigArray('routes') ?? []).map(
      (route, index) => readRoute(route, `aiProxy.routes[${index}]`),
    ),
  };
}

function readRoute(route: Config, key: string): FurtherRoute {
  const name = route.getString('api');
  const api = API_NAMES.find(candidate => candidate === name);
  if (!api) {
    throw new InputError(
      `${key}.api is "${name}"; expected one of ${API_NAMES.join(', ')}`,
    );
  }
  const path = route.getString('path');
  if (!path.startsWith('/')) {
    throw new InputError(
      `${key}.path is "${path}"; expected one such as /moderations`,
    );
  }
  return {
    api,
    method: route.getString('method').toUpperCase(),
    matches: globs([path]),
  };
}
