import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import {
  isInternalOrPublicAddress,
  isLoopbackAddress,
  isPublicAddress,
} from './addresses';
import { isLoopbackHost } from './loopback';

/** Finds the addresses of a host. */
export type Resolve = (
  hostname: string,
) => Promise<Array<{ address: string; family: number }>>;

/** Asks the operating system. */
export const resolveHost: Resolve = hostname =>
  dnsLookup(hostname, { all: true });

/** Why no connection was made; only for the operator, as it tells what is in the network. */
export class RefusedConnectionError extends Error {}

/**
 * Makes connections to checked addresses only. A host is resolved once for each
 * connection, all its addresses are checked, and the connection is made to one
 * of these: what a second look-up would say does not matter.
 *
 * @param options.trustedHosts - hosts, with port unless it is 443, that may have
 *   internal addresses; as the URL parser writes them
 * @param options.plainHosts - those, with port unless it is 80, to which `http` may go wherever they are
 * @param options.timeoutMs - for a connection
 * @returns a connector for undici, which fails with a {@link RefusedConnectionError}
 */
export function createGuardedConnector(options: {
  trustedHosts: ReadonlySet<string>;
  plainHosts: ReadonlySet<string>;
  resolve: Resolve;
  timeoutMs: number;
}): buildConnector.connector {
  const { trustedHosts, plainHosts, resolve, timeoutMs } = options;

  const connectorFor = (
    isAcceptable: (address: string) => boolean,
  ): buildConnector.connector => {
    const lookup: LookupFunction = (hostname, { all }, callback) => {
      checkedAddresses(hostname, resolve, isAcceptable).then(
        addresses =>
          all
            ? callback(null, addresses)
            : callback(null, addresses[0].address, addresses[0].family),
        error => callback(error, []),
      );
    };
    const connect = buildConnector({ lookup, timeout: timeoutMs, port: 0 });
    return (target, callback) => {
      const { hostname } = target;
      // Nothing is looked up for an address.
      if (isIP(hostname) && !isAcceptable(hostname)) {
        callback(
          new RefusedConnectionError(`the address ${hostname} is not allowed`),
          null,
        );
        return;
      }
      connect(target, callback);
    };
  };

  const toPublic = connectorFor(isPublicAddress);
  const toTrusted = connectorFor(isInternalOrPublicAddress);
  const toLoopback = connectorFor(isLoopbackAddress);
  return (target, callback) => {
    const { protocol, port } = target;
    const url = new URL(`${protocol}//${bracketed(target.hostname)}`);
    url.port = port;
    const trusted = trustedHosts.has(url.host);
    if (protocol === 'https:') {
      (trusted ? toTrusted : toPublic)(target, callback);
      return;
    }
    if (plainHosts.has(url.host)) {
      toTrusted(target, callback);
      return;
    }
    if (trusted && isLoopbackHost(url.hostname)) {
      toLoopback(target, callback);
      return;
    }
    callback(
      new RefusedConnectionError(
        'http is for hosts that are allowed to be asked so, and for this machine when it is trusted; use https',
      ),
      null,
    );
  };
}

async function checkedAddresses(
  hostname: string,
  resolve: Resolve,
  isAcceptable: (address: string) => boolean,
): Promise<Array<{ address: string; family: number }>> {
  let addresses: Array<{ address: string; family: number }>;
  try {
    addresses = await resolve(hostname);
  } catch (error) {
    throw new RefusedConnectionError(`${error}`);
  }
  if (!addresses.length) {
    throw new RefusedConnectionError(`${hostname} has no address`);
  }
  const refused = addresses.find(({ address }) => !isAcceptable(address));
  if (refused) {
    throw new RefusedConnectionError(
      `${hostname} has the address ${refused.address}, which is not allowed`,
    );
  }
  return addresses;
}

function bracketed(hostname: string): string {
  return isIP(hostname) === 6 ? `[${hostname}]` : hostname;
}
