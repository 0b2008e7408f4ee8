import type { LoggerService } from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';
import type {
  AgentConfig,
  ClientUrls,
  OfferedModel,
} from '@prompt-corner/agent-config';
import {
  AgentAuthenticationError,
  AgentPrincipal,
  InsufficientScopeError,
} from '@prompt-corner/plugin-agent-auth-node';
import type { Request } from 'express';
import type { Instructions } from './Instructions';
import { openCodeConfigFor } from './TeamConfigs';

/** For finding out who asks and what they may use; OpenCode starts without after that. */
const LIMIT_MS = 3_000;

/** What somebody gets, or why they get nothing of their own. */
export type PersonalAnswer =
  | { kind: 'personal'; config: JsonObject }
  /** There is no token, or it is not valid any more. */
  | { kind: 'signed-out' }
  /** The token is for less. */
  | { kind: 'not-allowed' }
  /** Nobody knows at the moment. */
  | { kind: 'unavailable' };

/** How callers, and what they may use, are known. */
export interface CallerOptions {
  /** @throws AgentAuthenticationError when there is no valid token */
  authenticate(request: Request): Promise<AgentPrincipal>;
  /** Whether somebody may use a model; asked for each that is offered. */
  mayUse(
    principal: AgentPrincipal,
    model: OfferedModel,
  ): boolean | Promise<boolean>;
  models(): readonly OfferedModel[];
}

/** Of the models that are offered, those that somebody may use. */
export async function usableModels(
  principal: AgentPrincipal,
  { models, mayUse }: Pick<CallerOptions, 'models' | 'mayUse'>,
): Promise<OfferedModel[]> {
  const offered = models();
  const usable = await Promise.all(
    offered.map(model => mayUse(principal, model)),
  );
  return offered.filter((_, index) => usable[index]);
}

/**
 * What the caller of a request gets on top. Never fails, and never takes longer
 * than {@link LIMIT_MS}: OpenCode does not start when this does not answer, or
 * answers with an error.
 */
export async function personalAnswer(
  request: Request,
  options: CallerOptions & {
    config: () => AgentConfig;
    urls: ClientUrls;
    instructions: Instructions;
    logger: LoggerService;
  },
): Promise<PersonalAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${LIMIT_MS} ms`)),
      LIMIT_MS,
    );
  });
  const find = async (): Promise<PersonalAnswer> => {
    const principal = await options.authenticate(request);
    const models = await usableModels(principal, options);
    return {
      kind: 'personal',
      config: openCodeConfigFor(
        options.config(),
        { teams: principal.teams, models },
        options,
      ),
    };
  };
  try {
    return await Promise.race([find(), late]);
  } catch (error) {
    if (error instanceof AgentAuthenticationError) {
      return { kind: 'signed-out' };
    }
    if (error instanceof InsufficientScopeError) {
      return { kind: 'not-allowed' };
    }
    options.logger.warn(
      `OpenCode of a user starts without what is their own: ${error}`,
    );
    return { kind: 'unavailable' };
  } finally {
    clearTimeout(timer);
  }
}
