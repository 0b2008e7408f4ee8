import {
  CompleteRequest,
  CompleteResult,
  ProtocolError,
  ProtocolErrorCode,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { PortalGuards } from '../guards';
import type { Upstreams } from '../upstreams';
import type { PortalView, PortalViews, ViewedDefinition } from '../views';
import type { RecordedAnswer } from './answerRecord';
import { clientOf } from './callOf';
import type { PortalRequest } from './PortalRequest';

/** Someone is typing. */
const TIMEOUT_MS = 5_000;

const NOTHING: CompleteResult = { completion: { values: [] } };

/** Completes arguments of prompts and of templates of resources, by asking the server that has them. */
export class Completions {
  readonly #views: PortalViews;
  readonly #upstreams: Upstreams;
  readonly #guards: PortalGuards;

  constructor(options: {
    views: PortalViews;
    upstreams: Upstreams;
    guards: PortalGuards;
  }) {
    this.#views = options.views;
    this.#upstreams = options.upstreams;
    this.#guards = options.guards;
  }

  /** @throws ProtocolError when there is no such prompt or template, or the server does not complete */
  async complete(
    request: PortalRequest,
    ctx: ServerContext,
    params: CompleteRequest['params'],
  ): Promise<RecordedAnswer<CompleteResult>> {
    const { caller, portal } = request;
    const view = await this.#views.of(caller, portal);
    const found = definitionOf(params.ref, view);
    if (!found) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        'There is no such prompt or resource template here',
      );
    }
    const context = {
      portal: portal.name,
      server: found.server.name,
      target: found.key,
    };
    const sent = await this.#guards.inspectArguments(
      { argument: params.argument, context: params.context },
      context,
    );
    const about = { server: found.server.name, target: found.key };
    if (sent.blocked) {
      return { ...about, result: NOTHING, findings: sent.findings };
    }
    const result = await this.#upstreams.request({
      server: found.server,
      caller,
      client: clientOf(request, ctx),
      method: 'completion/complete',
      params: {
        ...sent.value,
        ref:
          params.ref.type === 'ref/prompt'
            ? { ...params.ref, name: found.key }
            : { ...params.ref, uri: found.key },
      },
      repeatable: true,
      signal: ctx.mcpReq.signal,
      timeoutMs: TIMEOUT_MS,
    });
    const { blocked, value, findings } = this.#guards.inspectMessage(
      result,
      context,
    );
    return {
      ...about,
      result: blocked ? NOTHING : (value as unknown as CompleteResult),
      findings: [...sent.findings, ...findings],
    };
  }
}

function definitionOf(
  ref: CompleteRequest['params']['ref'],
  view: PortalView,
): ViewedDefinition | undefined {
  return ref.type === 'ref/prompt'
    ? view.prompts.get(ref.name)
    : view.templates.find(({ exposed }) => exposed === ref.uri);
}
