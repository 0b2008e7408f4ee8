import type { Config } from '@backstage/config';
import type { Request } from 'express';
import type { AgentNetwork } from '../principal';
import {
  NamedNetwork,
  networksOf,
  readAddress,
  readNetworks,
} from './namedNetworks';

/** Enough for any attribute, and too little to fill an audit log. */
const MAX_ATTRIBUTE_LENGTH = 256;

/**
 * Tells where requests come from. What a client could write into the headers
 * itself is believed only as far as `backend.trustProxy` says.
 */
export class NetworkReader {
  readonly #networks: NamedNetwork[];
  readonly #deviceHeaders: Array<[attribute: string, header: string]>;
  readonly #behindProxy: boolean;

  /** @throws when `agentAuth.networks` or `agentAuth.deviceHeaders` has a malformed value, naming the key */
  constructor(config: Config) {
    this.#networks = readNetworks(config);
    this.#deviceHeaders = readDeviceHeaders(config);
    const trustProxy = config.getOptional('backend.trustProxy');
    this.#behindProxy = trustProxy !== undefined && trustProxy !== false;
  }

  /** Where a request comes from. */
  read(request: Request): AgentNetwork {
    // Express reads x-forwarded-for from the right, up to the first address that is no trusted proxy.
    const address = readAddress(request.ip);
    return {
      address: address?.toString(),
      names: address ? networksOf(address, this.#networks) : [],
      device: this.#isFromTrustedProxy(request) ? this.#device(request) : {},
    };
  }

  #isFromTrustedProxy(request: Request): boolean {
    if (!this.#behindProxy || this.#deviceHeaders.length === 0) {
      return false;
    }
    const isTrusted = request.app.get('trust proxy fn');
    return isTrusted(request.socket.remoteAddress, 0) === true;
  }

  #device(request: Request): Record<string, string> {
    const device: Record<string, string> = {};
    for (const [attribute, header] of this.#deviceHeaders) {
      const value = request.headers[header];
      if (typeof value === 'string' && value.length <= MAX_ATTRIBUTE_LENGTH) {
        device[attribute] = value;
      }
    }
    return device;
  }
}

function readDeviceHeaders(root: Config): Array<[string, string]> {
  const config = root.getOptionalConfig('agentAuth.deviceHeaders');
  return (config?.keys() ?? []).map(attribute => {
    const header = config!.getString(attribute);
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header)) {
      throw new Error(
        `Invalid value "${header}" in agentAuth.deviceHeaders.${attribute}: expected the name of an HTTP header`,
      );
    }
    return [attribute, header.toLocaleLowerCase('en-US')];
  });
}
