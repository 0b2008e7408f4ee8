import { ResponseError } from '@backstage/errors';
import type {
  SessionPage,
  UsageAdoption,
  UsageAnomalies,
  UsageExportQuestion,
  UsageFilters,
  UsageInterval,
  UsageQuestion,
  UsageRange,
  UsageReport,
  UsageSavings,
  UserUsagePage,
} from './usage';

/** What the pages ask the backend. @public */
export interface AiProxyApi {
  /** The signed-in user's own. */
  getMyUsage(question?: UsageQuestion): Promise<UsageReport>;
  getMySessions(
    question?: UsageRange & { limit?: number },
  ): Promise<SessionPage>;
  /** Of a team of the signed-in user, without who did what; of any team with `ai-proxy.usage.read`. */
  getTeamUsage(team: string, question?: UsageQuestion): Promise<UsageReport>;

  /** These need `ai-proxy.usage.read`. */
  getOrganisationUsage(question?: UsageQuestion): Promise<UsageReport>;
  getAdoption(
    question?: UsageRange & {
      interval?: UsageInterval;
      timeZone?: string;
      team?: string;
    },
  ): Promise<UsageAdoption>;
  getSavings(question?: UsageRange & UsageFilters): Promise<UsageSavings>;
  getUsers(
    question?: UsageRange &
      UsageFilters & { timeZone?: string; limit?: number; offset?: number },
  ): Promise<UserUsagePage>;
  getAnomalies(question?: UsageRange): Promise<UsageAnomalies>;

  /** Single requests, as a file. Its header `x-usage-next` says where to go on when there were too many for one. */
  exportUsage(question?: UsageExportQuestion): Promise<Response>;
}

/**
 * Calls the AI proxy's backend.
 *
 * All methods throw a `ResponseError` when the backend refuses.
 *
 * @public
 */
export class AiProxyClient implements AiProxyApi {
  readonly #discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetchApi: { fetch: typeof fetch };

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi: { fetch: typeof fetch };
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  getMyUsage(question: UsageQuestion = {}): Promise<UsageReport> {
    return this.#get('/usage/mine', question);
  }

  getMySessions(
    question: UsageRange & { limit?: number } = {},
  ): Promise<SessionPage> {
    return this.#get('/usage/mine/sessions', question);
  }

  getTeamUsage(
    team: string,
    question: UsageQuestion = {},
  ): Promise<UsageReport> {
    return this.#get(`/usage/teams/${encodeURIComponent(team)}`, question);
  }

  getOrganisationUsage(question: UsageQuestion = {}): Promise<UsageReport> {
    return this.#get('/usage/organisation', question);
  }

  getAdoption(
    question: UsageRange & {
      interval?: UsageInterval;
      timeZone?: string;
      team?: string;
    } = {},
  ): Promise<UsageAdoption> {
    return this.#get('/usage/organisation/adoption', question);
  }

  getSavings(question: UsageRange & UsageFilters = {}): Promise<UsageSavings> {
    return this.#get('/usage/organisation/savings', question);
  }

  getUsers(
    question: UsageRange &
      UsageFilters & {
        timeZone?: string;
        limit?: number;
        offset?: number;
      } = {},
  ): Promise<UserUsagePage> {
    return this.#get('/usage/organisation/users', question);
  }

  getAnomalies(question: UsageRange = {}): Promise<UsageAnomalies> {
    return this.#get('/usage/organisation/anomalies', question);
  }

  exportUsage(question: UsageExportQuestion = {}): Promise<Response> {
    return this.#fetch('/usage/export', question);
  }

  async #get<T>(path: string, question: object): Promise<T> {
    const response = await this.#fetch(path, question);
    return response.json();
  }

  async #fetch(path: string, question: object): Promise<Response> {
    const baseUrl = await this.#discoveryApi.getBaseUrl('ai-proxy');
    const parameters = parametersOf(question);
    const response = await this.#fetchApi.fetch(
      `${baseUrl}${path}${parameters.size ? `?${parameters}` : ''}`,
    );
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response;
  }
}

/** Dimensions are joined by commas; several values of a filter are repeated, as they may have any characters. */
function parametersOf(question: object): URLSearchParams {
  const { by, ...others } = question as { by?: string[] };
  const parameters = new URLSearchParams();
  if (by?.length) {
    parameters.set('by', by.join(','));
  }
  for (const [name, value] of Object.entries(others)) {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    values
      .filter(each => each !== undefined)
      .forEach(each => parameters.append(name, String(each)));
  }
  return parameters;
}
