import type { TokenUsage } from '@prompt-corner/plugin-ai-proxy-common';
import { passOn, UnpackedMeter } from '../answers';
import { HeldRoom, parseObject, readBody } from '../bodies';
import { guardPrompt } from '../guards';
import { requestHeaders, responseHeaders } from '../headers';
import { allTokensOf } from '../metering';
import { checkOptOuts } from '../retention';
import type { Answer } from '../upstream';
import { InferenceRequest, Operation, readInference } from '../wire';
import { AbandonedWork } from './AbandonedWork';
import { answerAgain, cacheKeysOf } from './cachedAnswer';
import { Exchange, NO_TOKENS } from './Exchange';
import { keepAnswer } from './keepAnswer';
import { answeringOf, failureOf, outcomeOf, tell } from './outcome';
import { permittedChain } from './permittedChain';
import { prepareInference } from './prepareInference';
import type { Cost, InferenceStages, Metered, Reserved } from './stages';

/** A request that came to nothing takes nothing of a budget. */
const NO_AMOUNT = { nanoUsd: 0, tokens: 0, requests: 0 };

type Inference = Extract<Operation, { kind: 'inference' | 'count' }>;

/**
 * The way of a request to a model. `handle` names its stages in order; nothing
 * in them waits for the database once a caller is known, unless a budget is
 * about to end.
 */
export class InferenceRequests {
  readonly #stages: InferenceStages;

  constructor(stages: InferenceStages) {
    this.#stages = stages;
  }

  /** Answers a request. Never throws. */
  async handle(exchange: Exchange, operation: Inference): Promise<void> {
    const progress: Progress = {
      exchange,
      room: this.#stages.room.hold(),
      abandoned: new AbandonedWork(exchange, this.#stages),
    };
    try {
      await this.#handle(progress, operation);
    } catch (error) {
      this.#fail(progress, error);
    } finally {
      progress.room.release();
      progress.abandoned.recordOthers();
    }
  }

  async #handle(progress: Progress, operation: Inference): Promise<void> {
    const stages = this.#stages;
    const { exchange } = progress;

    // Read
    const sent = await readBody(
      exchange.request,
      stages.maxBodyBytes,
      progress.room,
    );
    const prompt = stages.prompts.read(sent, parseObject(sent));
    const asked = readInference(
      operation.api,
      operation.format,
      prompt.text,
      operation.inPath,
    );
    progress.asked = asked;
    exchange.worksOn(asked.component);
    const inputTokens = stages.inputEstimates.of(prompt, asked.format);

    // May the caller?
    const permitted = (tokens: number) =>
      permittedChain(stages, asked, candidate =>
        stages.deny(exchange, candidate, asked, tokens),
      );
    let chain = permitted(inputTokens);
    checkOptOuts(chain, asked);
    const place = await stages.placeOf(exchange, chain, asked);
    const allInputTokens = inputTokens + (place?.inputTokens ?? 0);
    if (allInputTokens > inputTokens) {
      // Policies may have a word on the size of the whole.
      chain = permitted(allInputTokens);
    }
    const guarded = guardPrompt(stages.guards, exchange, prompt);
    const headers = requestHeaders(
      operation.api,
      exchange.request.headers,
      stages.forwardedHeaders,
    );

    // Has it been answered before?
    if (operation.kind === 'inference') {
      progress.cacheKeys = cacheKeysOf(stages.cache, exchange, {
        candidate: chain[0],
        headers,
        json: guarded.text.bytes,
      });
      const cached = stages.cache?.find(progress.cacheKeys);
      if (cached) {
        stages.record(answerAgain(exchange, asked, cached));
        return;
      }
    }

    // Ask, as far as budgets last
    const answer = await stages.upstreams.ask({
      chain,
      caller: exchange.principal.uuid,
      affinity: exchange.principal.uuid,
      client: exchange.client,
      pin: place,
      prepare: async candidate => {
        if (operation.kind === 'inference') {
          // Another candidate may count in other budgets.
          progress.reserved?.settle(NO_AMOUNT);
          progress.reserved = undefined;
          progress.unseen = asked.background
            ? stages.worstCaseOf(
                candidate,
                asked,
                allInputTokens,
                guarded.text.bytes,
              )
            : undefined;
          progress.reserved = await stages.reserve(
            exchange,
            candidate,
            asked,
            allInputTokens,
            guarded.text.bytes,
          );
        }
        return prepareInference(
          {
            operation,
            asked,
            prompt: guarded,
            query: exchange.query,
            headers,
            principal: exchange.principal,
            reasons: stages.find(candidate)?.capabilities.reasoning ?? false,
          },
          candidate,
        );
      },
      onAbandoned: (error, candidate) => {
        const { reserved, unseen, abandoned } = progress;
        if (reserved) {
          const tokens = unseen ?? {
            ...NO_TOKENS,
            inputTokens: allInputTokens,
          };
          abandoned.add(error, { candidate, reserved, tokens, asked });
        }
        progress.reserved = undefined;
      },
    });
    if (answer.candidate !== chain[0]) {
      // Not everybody who may ask the first model may ask the one that answered for it.
      progress.cacheKeys = undefined;
    }
    // It is with the provider, and not asked for again.
    progress.room.release();
    await this.#answer(progress, operation, answer, allInputTokens);
  }

  async #answer(
    progress: Progress,
    operation: Inference,
    answer: Answer,
    inputTokensEstimate: number,
  ): Promise<void> {
    const stages = this.#stages;
    const { exchange, asked } = progress as Required<Progress>;
    const { response } = exchange;
    const { provider } = answer.candidate;
    const status = answer.response.statusCode!;
    progress.answer = answer;

    const headers = responseHeaders(answer.response.headers, exchange.id);
    response.writeHead(status, headers);
    if (answer.body) {
      response.end(answer.body);
      this.#settle(progress, { tokens: NO_TOKENS, source: 'none' }, status);
      return;
    }
    const isMetered = operation.kind === 'inference' && status < 300;
    const meter = isMetered
      ? new UnpackedMeter(
          stages.createMeter(asked.format, inputTokensEstimate),
          answer.response.headers['content-encoding'],
        )
      : undefined;
    const kept = keepAnswer(isMetered ? progress.cacheKeys : [], stages.cache);
    const how = await passOn(answer.response, response, {
      client: exchange.client,
      onDisconnect: provider.onDisconnect,
      timeouts: provider.timeouts,
      onChunk: chunk => {
        exchange.firstByte();
        meter?.feed(chunk);
        kept.feed(chunk);
      },
    });
    answer.release();
    const isWhole = answer.response.readableEnded;
    const told = (await meter?.end(isWhole ? 'complete' : 'cut')) ?? {
      tokens: NO_TOKENS,
      source: 'none' as const,
    };
    const { unseen } = progress;
    const metered: Metered =
      isMetered && told.source !== 'provider'
        ? {
            ...told,
            ...(unseen && { tokens: unseen, source: 'estimated' }),
            serviceTier: told.serviceTier ?? asked.serviceTier,
          }
        : told;
    const cost = this.#settle(
      progress,
      metered,
      how === 'aborted' ? 499 : status,
      how,
    );
    const body = isWhole && !metered.errorInStream && kept.body();
    if (body) {
      stages.cache?.keep(progress.cacheKeys!, {
        status,
        headers,
        body,
        provider: provider.name,
        model: answer.candidate.model,
        undiscountedNanoUsd: cost.undiscountedNanoUsd,
      });
    }
  }

  /** Counts what came of it. */
  #settle(
    progress: Progress,
    metered: Metered,
    status: number,
    how: 'complete' | 'cut' | 'aborted' = 'complete',
  ): Cost {
    const stages = this.#stages;
    const { exchange, asked, answer, reserved } =
      progress as Required<Progress>;
    const { target, attempts } = answer;
    const candidate = answeringOf(answer.candidate, asked, metered);
    const cost = stages.costOf(candidate, metered);
    const { tokens } = metered;
    reserved?.settle({
      nanoUsd: cost.costNanoUsd ?? 0,
      tokens: allTokensOf(tokens),
      requests: 1,
    });
    progress.reserved = undefined;
    if (metered.responseId && status < 300 && asked.store !== false) {
      stages.keepResponse(exchange, answer, {
        id: metered.responseId,
        tokens: allTokensOf(tokens),
      });
    }
    stages.record(
      exchange.event({
        provider: candidate.provider.name,
        deployment: target.name,
        requestedModel: asked.model,
        model: candidate.model,
        streaming: asked.streaming,
        outcome: outcomeOf(status, how, metered),
        status,
        attempts,
        tokens,
        usageSource: metered.source,
        serviceTier: metered.serviceTier,
        ...cost,
      }),
    );
    return cost;
  }

  #fail(progress: Progress, error: unknown): void {
    const { exchange, asked, answer, reserved, abandoned } = progress;
    reserved?.settle(NO_AMOUNT);
    answer?.release();
    answer?.response.destroy();
    const told = tell(error);
    if (told.outcome !== 'aborted') {
      exchange.refuse(told.refusal);
    }
    if (told.isUnexpected) {
      exchange.onUnexpected?.(error);
    }
    this.#stages.record(
      abandoned.take(error) ?? exchange.event(failureOf(told, asked)),
    );
  }
}

/** How far a request has come. */
interface Progress {
  exchange: Exchange;
  room: HeldRoom;
  asked?: InferenceRequest;
  reserved?: Reserved;
  /** What a response in the background is counted as, which ends when nobody looks. */
  unseen?: TokenUsage;
  abandoned: AbandonedWork;
  answer?: Answer;
  /** Under which the answer is kept. */
  cacheKeys?: string[];
}
