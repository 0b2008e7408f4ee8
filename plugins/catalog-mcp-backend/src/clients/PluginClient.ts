import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
  RootSystemMetadataService,
} from '@backstage/backend-plugin-api';
import {
  NotFoundError,
  ResponseError,
  ServiceUnavailableError,
} from '@backstage/errors';

const TIMEOUT_MS = 15_000;

/** Calls another backend plugin's API on behalf of a caller. */
export class PluginClient {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #systemMetadata: RootSystemMetadataService;

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    systemMetadata: RootSystemMetadataService;
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#systemMetadata = options.systemMetadata;
  }

  /**
   * Whether there is such a plugin: in this backend, or in another one that
   * discovery knows. A backend that serves the portal's pages answers requests
   * to an absent plugin with a page instead of an error.
   */
  async isInstalled(plugin: string): Promise<boolean> {
    const here = await this.#systemMetadata.getInstalledPlugins();
    if (here.some(({ pluginId }) => pluginId === plugin)) {
      return true;
    }
    const [own, other] = await Promise.all([
      this.#discovery.getBaseUrl('catalog-mcp'),
      this.#discovery.getBaseUrl(plugin),
    ]);
    return new URL(own).origin !== new URL(other).origin;
  }

  /**
   * @param options.plugin - id of the plugin to call
   * @param options.path - path below the plugin's base URL, with a leading slash
   * @param options.credentials - whose rights the call has
   * @param options.body - sent as JSON by POST; without it the call is a GET
   * @throws NotFoundError on 404
   * @throws ServiceUnavailableError when there is no answer
   * @throws ResponseError on any other error status
   */
  async fetch(options: {
    plugin: string;
    path: string;
    credentials: BackstageCredentials;
    body?: unknown;
  }): Promise<Response> {
    const { plugin, path, credentials, body } = options;
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: credentials,
      targetPluginId: plugin,
    });
    const url = `${await this.#discovery.getBaseUrl(plugin)}${path}`;
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(error => {
      throw new ServiceUnavailableError(
        `The ${plugin} plugin does not answer right now. Try again in a moment`,
        error,
      );
    });
    if (response.status === 404) {
      await response.body?.cancel();
      throw new NotFoundError(`The ${plugin} plugin has nothing at ${path}`);
    }
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response;
  }
}
