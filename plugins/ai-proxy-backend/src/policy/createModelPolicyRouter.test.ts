import { mockErrorHandler, mockServices } from '@backstage/backend-test-utils';
import { NotAllowedError } from '@backstage/errors';
import { aiProxyPolicyReadPermission } from '@prompt-corner/plugin-ai-proxy-common';
import express from 'express';
import request from 'supertest';
import { anthropic, opus, policyOf } from './__testUtils__/questions';
import { createModelPolicyRouter } from './createModelPolicyRouter';

const policy = policyOf(
  `@id("contractors")
forbid (principal in Team::"group:default/contractors", action == Action::"use_model", resource)
unless { resource.openWeights || context.request.inputTokens < 100 };`,
  { default: true },
);
const llama = { ...opus, id: 'llama', openWeights: true };
const models = [opus, llama];

const auditor = mockServices.auditor.mock({
  createEvent: jest.fn(async () => ({ success: jest.fn(), fail: jest.fn() })),
});
beforeEach(() => {
  jest.clearAllMocks();
});

function start(allowed: string[] = [aiProxyPolicyReadPermission.name]) {
  const app = express();
  app.use(
    createModelPolicyRouter({
      policy,
      auditor,
      authorize: async (_, { name }) => {
        if (!allowed.includes(name)) {
          throw new NotAllowedError(`This needs the permission ${name}`);
        }
        return { uuid: 'admin' };
      },
      findProvider: name => (name === 'anthropic' ? anthropic : undefined),
      findModel: (_, id) => models.find(model => model.id === id),
      models: () => models,
    }),
  );
  app.use(mockErrorHandler());
  return request(app);
}

const contractor = { who: { teams: ['group:default/contractors'] } };
const asked = { provider: 'anthropic', model: opus.id };
const simulate = (body: object) =>
  start()
    .post('/policy/simulate')
    .send({ ...asked, ...body });

it('shows the policies and how they stand', async () => {
  const { status, body } = await start().get('/policy');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: { policies: 3, version: policy.status().version },
    policies: [
      { id: 'default-models', source: 'default.cedar' },
      { id: 'default-files-batches-and-responses' },
      { id: 'contractors', source: 'aiProxy.policy.policies', line: 1 },
    ],
    sources: [{ name: 'default.cedar' }, { name: 'aiProxy.policy.policies' }],
  });
});

it('checks a draft together with the policies that come with the proxy', async () => {
  const { body } = await start()
    .post('/policy/check')
    .send({ policies: '@id("default-models") permit (principal, action);' });
  expect(body).toMatchObject({ valid: false, problems: [{ source: 'draft' }] });
});

it('tells what would happen, by which policies, and what would be listed', async () => {
  const { body } = await simulate(contractor);
  expect(body).toMatchObject({
    effect: 'deny',
    reason: 'Forbidden by policy "contractors"',
    deciding: [{ id: 'contractors', effect: 'forbid' }],
    matching: [{ id: 'default-models' }, { id: 'contractors' }],
    listedModels: [
      { provider: 'anthropic', id: opus.id },
      { provider: 'anthropic', id: 'llama' },
    ],
  });
  expect(auditor.createEvent).toHaveBeenCalledWith(
    expect.objectContaining({
      eventId: 'policy-simulate',
      meta: expect.objectContaining({ principal: 'admin', model: opus.id }),
    }),
  );
});

it.each([
  ['somebody else', {}, 'permit'],
  ['another model', { ...contractor, model: 'llama' }, 'permit'],
  [
    'a smaller request',
    { ...contractor, request: { inputTokens: 99 } },
    'permit',
  ],
  ['files', { ...contractor, action: 'use_files', model: undefined }, 'permit'],
  ['a limited grant', { who: { models: ['llama'] } }, 'deny'],
  [
    'a draft',
    { policies: '@id("d") forbid (principal, action, resource);' },
    'deny',
  ],
  [
    'a time and a network',
    {
      time: '2026-11-18T23:00:00+01:00',
      network: { address: '10.0.0.1', names: ['office'] },
      claims: { authAgeSeconds: 5 },
      policies: `@id("d") forbid (principal, action, resource) when {
        context.time.hour == 22 && context.network.names.contains("office") &&
        context.claims has authAgeSeconds && context.claims.authAgeSeconds == 5 };`,
    },
    'deny',
  ],
])('simulates %s', async (_, changes, effect) => {
  const { status, body } = await simulate(changes);
  expect([status, body.effect]).toEqual([200, effect]);
});

it.each([
  ['a provider that is not there', { provider: 'x' }, 404, /provider/],
  ['a model that is not there', { model: 'x' }, 404, /no model "x"/],
  ['no model', { model: undefined }, 400, /"model" is missing/],
  ['a draft that is not valid', { policies: 'permit' }, 400, /draft:1/],
  ['what nobody knows', { speed: 1 }, 400, /speed/],
])('says what is wrong with %s', async (_, changes, status, message) => {
  const response = await simulate(changes);
  expect(response.status).toBe(status);
  expect(response.body.error.message).toMatch(message);
  expect(auditor.createEvent).toHaveBeenCalledTimes(
    'policies' in changes ? 1 : 0,
  );
});

it('is for those who have the permission', async () => {
  const nobody = start([]);
  for (const response of [
    await nobody.get('/policy'),
    await nobody.post('/policy/check').send({ policies: '' }),
    await nobody.post('/policy/simulate').send(asked),
  ]) {
    expect(response.status).toBe(403);
  }
});
