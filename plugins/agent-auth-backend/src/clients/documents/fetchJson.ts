import { lookup as dnsLookup } from 'node:dns/promises';
import { IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, LookupFunction } from 'node:net';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import {
  isInternalOrPublicAddress,
  isLoopbackAddress,
  isLoopbackHost,
  isPublicAddress,
} from '@prompt-corner/guarded-fetch';

/** From resolving the host to the last byte: a document is small, and someone waits for a page. */
const TIMEOUT_MS = 5_000;

/** Real documents have 1 to 3 KiB. */
const MAX_BYTES = 64 * 1024;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/** Finds the addresses of a host. */
export type Resolve = (
  hostname: string,
) => Promise<Array<{ address: string; family: number }>>;

/** Asks the operating system. */
export const resolveHost: Resolve = hostname =>
  dnsLookup(hostname, { all: true });

/** What {@link fetchJson} may do and asks. */
export interface FetchOptions {
  /** Hosts, with port unless it is 443, that may have internal addresses. */
  trustedHosts: ReadonlySet<string>;
  resolve: Resolve;
  /** Gets the reason for what is told to callers in general words only. */
  onRefused: (reason: string) => void;
}

/** A JSON value, and for how long its server says that it holds. */
export interface FetchedJson {
  value: unknown;
  /** Zero when the server says nothing about it. */
  maxAgeSeconds: number;
}

/**
 * Fetches JSON from a URL that a stranger gave, without being led to what only
 * this machine can reach.
 *
 * The host is resolved once, all its addresses are checked, and the connection
 * is made to these addresses and no others: what a second look-up would say
 * does not matter. No redirect is followed, no proxy used, nothing sent that
 * tells who asks.
 *
 * `http` is used only for this machine, which the caller has allowed by the id.
 *
 * @throws InputError when what is there is no JSON document
 * @throws ServiceUnavailableError when the host cannot be reached, or only at
 *   an address that is not public: which of these is not told, as it would let
 *   a stranger explore the network
 */
export async function fetchJson(
  url: URL,
  options: FetchOptions,
): Promise<FetchedJson> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const addresses = await withSignal(checkedAddresses(url, options), signal);
  try {
    const response = await get(url, addresses, signal);
    try {
      checkHead(response);
      return {
        value: parse(await readBody(response)),
        maxAgeSeconds: maxAgeOf(response),
      };
    } finally {
      response.destroy();
    }
  } catch (error) {
    if (
      error instanceof InputError ||
      error instanceof ServiceUnavailableError
    ) {
      throw error;
    }
    options.onRefused(`${url.href}: ${error}`);
    throw unreachable();
  }
}

async function checkedAddresses(
  url: URL,
  options: FetchOptions,
): Promise<Array<{ address: string; family: number }>> {
  const { hostname } = url;
  const trusted = options.trustedHosts.has(url.host);
  if (url.protocol === 'https:' && url.port !== '' && !trusted) {
    throw new InputError(
      'The client id has a port; client metadata documents are fetched from port 443',
    );
  }
  const isAcceptable = acceptance(url, trusted);
  let addresses: Array<{ address: string; family: number }>;
  try {
    const literal = hostname.replace(/^\[(.*)\]$/, '$1');
    addresses = isIP(literal)
      ? [{ address: literal, family: isIP(literal) }]
      : await options.resolve(hostname);
  } catch (error) {
    options.onRefused(`${url.href}: ${error}`);
    throw unreachable();
  }
  const refused = addresses.find(({ address }) => !isAcceptable(address));
  if (refused || addresses.length === 0) {
    options.onRefused(
      `${url.href}: the host has ${
        refused ? `the address ${refused.address}` : 'no address'
      }, which is not allowed`,
    );
    throw unreachable();
  }
  return addresses;
}

function acceptance(url: URL, trusted: boolean): (address: string) => boolean {
  if (url.protocol === 'http:') {
    return isLoopbackHost(url.hostname) ? isLoopbackAddress : () => false;
  }
  return trusted ? isInternalOrPublicAddress : isPublicAddress;
}

function get(
  url: URL,
  addresses: Array<{ address: string; family: number }>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const lookup: LookupFunction = (_hostname, { all }, callback) =>
    all
      ? callback(null, addresses)
      : callback(null, addresses[0].address, addresses[0].family);
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(
      url,
      {
        // An agent of its own, used once: no connection that was made for another URL.
        agent: false,
        lookup,
        signal,
        headers: {
          accept: 'application/json',
          'accept-encoding': 'identity',
        },
      },
      resolve,
    )
      .on('error', reject)
      // An upgrade that nobody asked for would otherwise stay open.
      .on('upgrade', (_response, socket) => {
        socket.destroy();
        reject(new Error('The server switched protocols'));
      })
      .end();
  });
}

function checkHead({ statusCode = 0, headers }: IncomingMessage): void {
  if (statusCode >= 500 || statusCode === 429) {
    throw new ServiceUnavailableError(
      `The client metadata document cannot be read: its server answered ${statusCode}`,
    );
  }
  if (statusCode >= 300 && statusCode < 400) {
    throw new InputError(
      'The URL of the client metadata document leads to another; redirects are not followed',
    );
  }
  if (statusCode !== 200) {
    throw new InputError(
      `There is no client metadata document: its server answered ${statusCode}`,
    );
  }
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) {
    throw new InputError(
      'The client metadata document is not served as application/json',
    );
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new InputError(
      'The client metadata document is compressed, which was not asked for',
    );
  }
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      throw new InputError(
        `The client metadata document has more than ${MAX_BYTES / 1024} KiB`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new InputError('The client metadata document is not JSON');
  }
}

/** RFC 9111, section 5.2.2; what must not be stored is treated as good for no time. */
function maxAgeOf({ headers }: IncomingMessage): number {
  const directives = (headers['cache-control'] ?? '').toLowerCase();
  if (/(?:^|[\s,])no-(?:store|cache)\b/.test(directives)) {
    return 0;
  }
  const seconds = /(?:^|[\s,])max-age="?(\d{1,10})/.exec(directives)?.[1];
  return Number(seconds ?? 0);
}

/** Looking up a host cannot be aborted, only no longer be waited for. */
async function withSignal<T>(
  work: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(unreachable()), {
      once: true,
    });
  });
  return Promise.race([work, aborted]);
}

function unreachable(): ServiceUnavailableError {
  return new ServiceUnavailableError(
    'The client metadata document cannot be fetched: its host does not answer in time at a public address',
  );
}
