import { InputError } from '@backstage/errors';
import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import type {
  ApiName,
  CatalogueModel,
} from '@prompt-corner/plugin-ai-proxy-common';
import {
  listAnthropicModels,
  listGeminiModels,
  listOpenAiModels,
  ModelCatalogue,
  toAnthropicModel,
  toGeminiModel,
  toOpenAiModel,
} from '../models';
import type { Exchange } from '../requests';
import type { Operation } from '../wire';

type Lister = {
  list(models: CatalogueModel[], parameters: Record<string, string>): unknown;
  show(model: CatalogueModel): unknown;
};

const OPENAI: Lister = { list: listOpenAiModels, show: toOpenAiModel };

const LISTERS: Record<ApiName, Lister> = {
  anthropic: { list: listAnthropicModels, show: toAnthropicModel },
  openai: OPENAI,
  'google-ai-studio': { list: listGeminiModels, show: toGeminiModel },
  compat: OPENAI,
};

/**
 * Answers which models there are, from the catalogue: those that the caller may
 * use.
 */
export function answerModels(options: {
  catalogue: ModelCatalogue;
  mayUse(principal: AgentPrincipal): (model: CatalogueModel) => boolean;
}) {
  const { catalogue, mayUse } = options;
  return (
    exchange: Exchange,
    { api, model: id }: Extract<Operation, { kind: 'models' }>,
  ): void => {
    const { list, show } = LISTERS[api];
    const isUsable = mayUse(exchange.principal);
    try {
      if (id === undefined) {
        const parameters = Object.fromEntries(
          new URLSearchParams(exchange.query),
        );
        send(exchange, list(catalogue.listFor(api, isUsable), parameters));
        return;
      }
      const name = decodeURIComponent(id);
      const model = catalogue.findFor(api, name, isUsable);
      if (model) {
        send(exchange, show(model));
        return;
      }
      exchange.refuse({
        status: 404,
        reason: 'unknown_model',
        message: `There is no model "${name.slice(0, 256)}" for you here`,
      });
    } catch (error) {
      if (!(error instanceof InputError || error instanceof URIError)) {
        throw error;
      }
      exchange.refuse({
        status: 400,
        reason: 'invalid_parameter',
        message: error.message,
      });
    }
  };
}

function send({ response, request }: Exchange, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'private, no-cache, no-transform',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
