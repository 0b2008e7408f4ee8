import type { Config } from '@backstage/config';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';
import type { AgentNetwork } from '../principal';
import {
  NamedNetwork,
  networksOf,
  readAddress,
  readNetworks,
} from './namedNetworks';

/** Enough for any attribute, and too little to fill an audit log. */
const MAX_ATTRIBUTE_LENGTH = 256;

/** Of so many addresses it is remembered in which networks they are. */
const MAX_ADDRESSES = 10_000;

/** An address as it is written everywhere else, and the networks that have it. */
type Place = Pick<AgentNetwork, 'address' | 'names'>;

/**
 * Tells where requests come from. What a client could write into the headers
 * itself is believed only as far as `backend.trustProxy` says.
 */
export class NetworkReader {
  readonly #networks: NamedNetwork[];
  readonly #deviceHeaders: Array<[attribute: string, header: string]>;
  readonly #behindProxy: boolean;
  readonly #places = new LRUCache<string, Place>({ max: MAX_ADDRESSES });

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
    const { address, names } = this.#placeOf(request.ip);
    return {
      address,
      names,
      device: this.#isFromTrustedProxy(request) ? this.#device(request) : {},
    };
  }

  #placeOf(ip: string | undefined): Place {
    const known = ip && this.#places.get(ip);
    if (known) {
      return known;
    }
    const address = readAddress(ip);
    if (!ip || !address) {
      return { address: undefined, names: [] };
    }
    const place = {
      address: address.toString(),
      names: networksOf(address, this.#networks),
    };
    this.#places.set(ip, place);
    return place;
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
