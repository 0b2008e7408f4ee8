import type { Candidate, Provider } from '../providers';
import type { Exchange } from '../requests';
import { checkOptOuts } from '../retention';
import { RefusedError } from '../wire';
import { invalidBatch } from './CustomIds';
import type { BatchQuestion } from './ModelBatch';
import type { BatchStages } from './stages';

/** Whether the requests of a batch may be sent, and to whom. */
export class BatchPolicy {
  readonly #stages: Pick<BatchStages, 'routes' | 'deny'>;

  constructor(stages: Pick<BatchStages, 'routes' | 'deny'>) {
    this.#stages = stages;
  }

  /**
   * The providers that can take a request besides those before it.
   *
   * @param providers - that can take those before
   * @returns at least one
   * @throws RefusedError when there is none
   */
  possible(
    exchange: Exchange,
    one: BatchQuestion,
    providers: Provider[],
  ): Provider[] {
    const { asked } = one;
    const chain = this.#stages.routes.chain(asked.api, asked.model);
    const having = providers.filter(provider =>
      chain.some(candidate => candidate.provider === provider),
    );
    if (having.length === 0) {
      throw new RefusedError({
        status: chain.length === 0 ? 404 : 400,
        reason: 'unknown_model',
        message:
          chain.length === 0
            ? `no provider here has the model "${asked.model}"`
            : `no provider has the model "${asked.model}" and those of the requests before. Send a batch for each`,
      });
    }
    let denied: unknown;
    const permitted = having.filter(provider => {
      try {
        this.candidateAt(exchange, provider, one);
        return true;
      } catch (error) {
        denied ??= error;
        return false;
      }
    });
    if (permitted.length === 0) {
      throw denied;
    }
    return permitted;
  }

  /**
   * The model of a provider to which a request goes.
   *
   * @throws RefusedError when the caller may not ask it there
   */
  candidateAt(
    exchange: Exchange,
    provider: Provider,
    { asked, inputTokens }: BatchQuestion,
  ): Candidate {
    const stages = this.#stages;
    const candidate = stages.routes
      .chain(asked.api, asked.model)
      .find(one => one.provider === provider);
    if (!candidate) {
      throw invalidBatch(
        `${provider.name} does not have the model "${asked.model}" any more`,
      );
    }
    const denial = stages.deny(exchange, candidate, asked, inputTokens);
    if (denial) {
      throw new RefusedError({
        status: asked.api === 'anthropic' ? 400 : 403,
        ...denial,
      });
    }
    checkOptOuts([candidate], asked);
    return candidate;
  }
}
