import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import type { CheckResult } from '@backstage-community/plugin-tech-insights-common';
import type { PluginClient } from '../clients/PluginClient';

/** Runs Tech Insights checks with the rights of a caller. */
export class TechInsights {
  readonly #plugins: PluginClient;

  constructor(options: { plugins: PluginClient }) {
    this.#plugins = options.plugins;
  }

  /**
   * Runs all checks that apply to an entity. The plugin does not look at the
   * caller's right to read the entity: authorise it first.
   *
   * @throws NotFoundError when the plugin is not installed
   * @throws ServiceUnavailableError when it does not answer
   */
  async check(
    ref: string,
    credentials: BackstageCredentials,
  ): Promise<CheckResult[]> {
    if (!(await this.#plugins.isInstalled('tech-insights'))) {
      throw new NotFoundError(
        'Tech Insights is not installed in this portal, so there are no scorecards',
      );
    }
    const { kind, namespace, name } = parseEntityRef(ref);
    const path = [namespace, kind, name].map(encodeURIComponent).join('/');
    const response = await this.#plugins.fetch({
      plugin: 'tech-insights',
      path: `/checks/run/${path}`,
      credentials,
      body: {},
    });
    return (await response.json()) as CheckResult[];
  }
}
