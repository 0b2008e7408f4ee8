import { isError } from '@backstage/errors';
import type { Tool } from '@modelcontextprotocol/server';
import type { CodeAnswer, CodeRequest, CodeRunner } from '../../codeMode';
import { failedText } from '../../codeMode';
import type { Portal } from '../../portals';
import type { ServedServer } from '../../registry';
import type { PortalView, PortalViews } from '../../views';
import type { Caller } from '../../callers/Caller';
import { isApi } from '../apiServers';
import type { ApiSpecifications } from '../ApiSpecifications';
import { apiScope, namespaceOf } from './apiScope';
import { ApiToolNames, apiTools, OWN_NAMES } from './apiToolDefinitions';

/** Where tools of APIs are: in a portal, or at the endpoint of one API. */
export interface ApiPlace {
  caller: Caller;
  portal: Portal;
  /** Name of the API whose endpoint it is. */
  api?: string;
}

/** The tools of APIs: two for each, by which code finds and requests operations. */
export class ApiTools {
  readonly #runner: CodeRunner;
  readonly #views: PortalViews;
  readonly #specifications: ApiSpecifications;

  constructor(options: {
    runner: CodeRunner;
    views: PortalViews;
    specifications: ApiSpecifications;
  }) {
    this.#runner = options.runner;
    this.#views = options.views;
    this.#specifications = options.specifications;
  }

  /** Of those APIs of which the caller may request something. */
  async list(place: ApiPlace): Promise<Tool[]> {
    const tools = (await this.#apisOf(place)).flatMap(({ name }) =>
      apiTools(name, namespaceOf(name), namesOf(name, place)),
    );
    if (tools.length) {
      this.#runner.warm();
    }
    return tools;
  }

  /** Whether a tool is one that the caller has there. */
  async has(place: ApiPlace, tool: string): Promise<boolean> {
    return (await this.#find(place, tool)) !== undefined;
  }

  /**
   * @param tool - name of one that the caller has
   * @throws ServiceUnavailableError when there is no sandbox, or nobody knows what the caller may see
   */
  async call(
    request: CodeRequest & ApiPlace,
    tool: string,
    args: Record<string, unknown>,
  ): Promise<CodeAnswer> {
    const server = await this.#find(request, tool);
    if (!server) {
      return { result: failedText(`There is no tool "${tool}" here any more`) };
    }
    const { search, execute } = namesOf(server.name, request);
    const view = await this.#views.of(request.caller, request.portal);
    try {
      const api = await this.#specifications.of(server.entityRef);
      const scope = apiScope(server, api, view, execute);
      return tool === search
        ? await this.#runner.search(request, tool, args, scope)
        : await this.#runner.execute(request, tool, args, scope);
    } catch (error) {
      if (
        isError(error) &&
        ['InputError', 'NotFoundError'].includes(error.name)
      ) {
        return {
          result: failedText(
            `The description of ${server.name} cannot be used: ${error.message}`,
          ),
        };
      }
      throw error;
    }
  }

  async #find(
    place: ApiPlace,
    tool: string,
  ): Promise<ServedServer | undefined> {
    return (await this.#apisOf(place)).find(({ name }) => {
      const { search, execute } = namesOf(name, place);
      return tool === search || tool === execute;
    });
  }

  async #apisOf({ caller, portal, api }: ApiPlace): Promise<ServedServer[]> {
    const view = await this.#views.of(caller, portal);
    const permitted = permittedIn(view);
    return view.servers.filter(
      server =>
        isApi(server) &&
        permitted.has(server.name) &&
        (api === undefined || server.name === api),
    );
  }
}

const remembered = new WeakMap<PortalView, Set<string>>();

/** Names of the APIs of which a view has operations. */
function permittedIn(view: PortalView): Set<string> {
  let names = remembered.get(view);
  if (!names) {
    names = new Set(
      [...view.operations.values()].map(({ server }) => server.name),
    );
    remembered.set(view, names);
  }
  return names;
}

function namesOf(server: string, { portal, api }: ApiPlace): ApiToolNames {
  const nameOf = (name: string) => portal.naming.toolName({ server, name });
  return api === undefined
    ? { search: nameOf('search'), execute: nameOf('execute') }
    : OWN_NAMES;
}
