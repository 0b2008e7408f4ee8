import type { AuditorService } from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import type { BasicPermission } from '@backstage/plugin-permission-common';
import {
  checkDraft,
  checkSchema,
  simulatedCaller,
} from '@prompt-corner/cedar-policies';
import { aiProxyPolicyReadPermission } from '@prompt-corner/plugin-ai-proxy-common';
import express, { type Request } from 'express';
import Router from 'express-promise-router';
import { z } from 'zod';
import type { ModelPolicy } from './ModelPolicy';
import { ModelPolicySimulator } from './ModelPolicySimulator';
import type {
  ModelQuestion,
  PolicyModel,
  PolicyProvider,
} from './ModelQuestion';
import { simulationSchema, type SimulationBody } from './simulationBodies';

/** What the router is made with. */
export interface ModelPolicyRouterOptions {
  policy: ModelPolicy;
  auditor: AuditorService;
  /**
   * Who asks.
   *
   * @returns UUID of the user
   * @throws NotAllowedError when nobody decided that the user may do this
   */
  authorize(
    request: Request,
    permission: BasicPermission,
  ): Promise<{ uuid: string }>;
  /** A provider of the configuration. */
  findProvider(name: string): PolicyProvider | undefined;
  /** A model, also one that the catalogue does not have; undefined where the provider has no model of this name. */
  findModel(provider: string, id: string): PolicyModel | undefined;
  /** All models of the catalogue that providers of the configuration have. */
  models(): PolicyModel[];
}

/**
 * Policies for models, for administrators: what they are, and what they, or a draft
 * of others, would decide. Who asks the last is in the Backstage audit log.
 */
export function createModelPolicyRouter(
  options: ModelPolicyRouterOptions,
): express.Router {
  const { policy, auditor } = options;
  const simulator = new ModelPolicySimulator({ policy });
  const authorize = (request: Request) =>
    options.authorize(request, aiProxyPolicyReadPermission);

  const router = Router();

  router.get('/policy', async (request, response) => {
    await authorize(request);
    response.json({
      status: policy.status(),
      policies: simulator.policies(),
      sources: policy.sources,
    });
  });

  router.use('/policy', express.json({ limit: '256kb' }));

  router.post('/policy/check', async (request, response) => {
    await authorize(request);
    const { policies } = parsed(checkSchema, request.body);
    response.json(checkDraft(policy, policies));
  });

  router.post('/policy/simulate', async (request, response) => {
    const { uuid } = await authorize(request);
    const body = parsed(simulationSchema, request.body);
    const question = questionOf(body, options);
    const event = await auditor.createEvent({
      eventId: 'policy-simulate',
      severityLevel: 'medium',
      meta: {
        principal: uuid,
        uuid: body.who.uuid,
        action: body.action,
        provider: body.provider,
        model: body.model,
      },
    });
    await event.success();
    response.json(
      simulator.simulate({
        question,
        models: options.models(),
        draft: body.policies,
      }),
    );
  });
  return router;
}

/** @throws InputError that says what is wrong, and where */
function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new InputError(z.prettifyError(result.error));
  }
  return result.data;
}

/** @throws NotFoundError or InputError when there is no such provider or model */
function questionOf(
  body: SimulationBody,
  options: Pick<ModelPolicyRouterOptions, 'findProvider' | 'findModel'>,
): ModelQuestion {
  const { action, component, request, model: id } = body;
  const now = body.time === undefined ? new Date() : new Date(body.time);
  const caller = {
    ...simulatedCaller(body, now),
    limits: { models: body.who.models },
  };
  const asked = { caller, component, now };
  const provider = options.findProvider(body.provider);
  if (!provider) {
    throw new NotFoundError(
      `No provider is named "${body.provider}". It is a name in aiProxy.providers`,
    );
  }
  if (action !== 'use_model') {
    return { ...asked, action, provider };
  }
  if (id === undefined) {
    throw new InputError('"model" is missing: which one would be asked?');
  }
  const model = options.findModel(body.provider, id);
  if (!model) {
    throw new NotFoundError(
      `The provider "${body.provider}" has no model "${id}"`,
    );
  }
  return { ...asked, action, model, request };
}
