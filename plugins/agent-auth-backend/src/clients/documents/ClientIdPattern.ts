import { InputError } from '@backstage/errors';

/** What scheme, host, port and path of a pattern have to look like. */
const SHAPE =
  /^(?<scheme>https?):\/\/(?<host>\*|(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\])(?::(?<port>\d{1,5}|\*))?(?<path>\/[^?#\s\\]*)$/;

const DEFAULT_PORTS: Record<string, string> = { https: '443', http: '80' };

/**
 * A pattern for client ids, such as `https://claude.ai/*`. Each part of the URL
 * is compared on its own, so that no wildcard reaches into the next one:
 *
 * - host: as it is, `*.example.com` for all hosts below (not `example.com`
 *   itself), or `*` for every host;
 * - port: as it is, none for the scheme's own, or `*` for every port;
 * - path: `*` stands for any text within one segment, and as the last segment
 *   for all that may follow.
 */
export class ClientIdPattern {
  readonly #protocol: string;
  readonly #host: string;
  readonly #port: string;
  readonly #segments: string[];

  /**
   * @param pattern - as in the setting `agentAuth.clientDocuments.allowedClientIds`
   * @throws InputError when it is none
   */
  constructor(pattern: string) {
    const parts = SHAPE.exec(pattern)?.groups;
    if (!parts) {
      throw new InputError(
        `Invalid value "${pattern}" in agentAuth.clientDocuments.allowedClientIds: expected a URL such as https://claude.ai/*, in lower case up to the path, where * may be the host, its first label, the port or a part of the path`,
      );
    }
    this.#protocol = `${parts.scheme}:`;
    this.#host = parts.host;
    this.#port =
      parts.port === DEFAULT_PORTS[parts.scheme] ? '' : parts.port ?? '';
    this.#segments = parts.path.split('/').slice(1);
  }

  /** @param url - in normal form, see `parseClientIdUrl` */
  matches(url: URL): boolean {
    return (
      url.protocol === this.#protocol &&
      this.#matchesHost(url.hostname) &&
      (this.#port === '*' || url.port === this.#port) &&
      this.#matchesPath(url.pathname.split('/').slice(1))
    );
  }

  #matchesHost(hostname: string): boolean {
    if (this.#host === '*') {
      return true;
    }
    return this.#host.startsWith('*.')
      ? // One character at least has to stand before the dot.
        hostname.length > this.#host.length - 1 &&
          hostname.endsWith(this.#host.slice(1))
      : hostname === this.#host;
  }

  #matchesPath(segments: string[]): boolean {
    const open = this.#segments.at(-1) === '*';
    const fixed = open ? this.#segments.slice(0, -1) : this.#segments;
    const enough = open
      ? segments.length > fixed.length
      : segments.length === fixed.length;
    return (
      enough && fixed.every((glob, index) => matchesGlob(glob, segments[index]))
    );
  }
}

/** Whether a text is what a glob describes, in which `*` stands for any text. In linear time. */
function matchesGlob(glob: string, text: string): boolean {
  const [first, ...rest] = glob.split('*');
  const last = rest.pop();
  if (last === undefined) {
    return text === first;
  }
  if (
    text.length < first.length + last.length ||
    !text.startsWith(first) ||
    !text.endsWith(last)
  ) {
    return false;
  }
  let position = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, position);
    if (found === -1 || found + part.length > end) {
      return false;
    }
    position = found + part.length;
  }
  return true;
}
