import type { Tool } from '@modelcontextprotocol/server';
import type { PortalViews } from '../views';
import { EXECUTE, SEARCH } from './codeModeTools';
import type { CodeAnswer, CodeRequest } from './CodeRequest';
import type { CodeRunner } from './CodeRunner';
import { CodeScope, toolValue } from './CodeScope';
import { sandboxTools } from './sandboxTools';

/**
 * Code Mode in portals: two tools in place of all others. Code sees what its
 * caller would see in the list.
 */
export class PortalCodeMode {
  readonly #runner: CodeRunner;
  readonly #views: PortalViews;

  constructor(options: { runner: CodeRunner; views: PortalViews }) {
    this.#runner = options.runner;
    this.#views = options.views;
  }

  /** The tools, the same for everybody. Who lists them will use them: sandboxes are started. */
  list(): Tool[] {
    this.#runner.warm();
    return [SEARCH, EXECUTE];
  }

  has(name: string): boolean {
    return name === SEARCH.name || name === EXECUTE.name;
  }

  /**
   * @param name - of one of the two
   * @throws ServiceUnavailableError when there is no sandbox, or nobody knows what the caller may see
   */
  async call(
    request: CodeRequest,
    name: string,
    args: Record<string, unknown>,
  ): Promise<CodeAnswer> {
    const scope = await this.#scopeOf(request);
    return name === SEARCH.name
      ? this.#runner.search(request, name, args, scope)
      : this.#runner.execute(request, name, args, scope);
  }

  async #scopeOf({ caller, portal }: CodeRequest): Promise<CodeScope> {
    const view = await this.#views.of(caller, portal);
    const { definitions, tools } = sandboxTools(view);
    return {
      place: portal.name,
      server: '',
      execute: EXECUTE.name,
      definitions,
      originOf: name => {
        const tool = tools.get(name);
        return tool && JSON.stringify([tool.server.entityRef, tool.key]);
      },
      targetOf: (tool, args) => ({
        target: tools.get(tool)?.exposed ?? tool,
        arguments: args,
      }),
      valueOf: toolValue,
    };
  }
}
