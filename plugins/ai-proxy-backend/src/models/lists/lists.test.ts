import { ConfigReader } from '@backstage/config';
import type { CatalogueModel } from '@prompt-corner/plugin-ai-proxy-common';
import { sourceDocument, sourceModel } from '../__testUtils__/sourceModels';
import { readModelsConfig } from '../config';
import { ModelCatalogue } from '../ModelCatalogue';
import { readDocument } from '../source';
import {
  listAnthropicModels,
  listGeminiModels,
  listModelsDev,
  listOpenAiModels,
  toGeminiModel,
} from '.';

const everything = () => true;

function startCatalogue(models: object[], own: object[] = []) {
  const catalogue = new ModelCatalogue(
    readModelsConfig(
      new ConfigReader({
        aiProxy: {
          providers: {
            anthropic: { api: 'anthropic' },
            local: { api: 'compat' },
          },
          models: { own, aliases: { default: 'anthropic/m1' } },
        },
      } as never),
    ),
  );
  catalogue.replace(
    readDocument(sourceDocument({ anthropic: models as never }), ['anthropic']),
    { origin: 'source', asOf: new Date() },
  );
  return catalogue;
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    sourceModel(`m${index}`, { release_date: `${2099 - index}-02-03` }),
  );
const models = startCatalogue(numbered(45)).list('anthropic');
const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
const modelOf = (changes: object): CatalogueModel =>
  startCatalogue([sourceModel('m', changes)]).list('anthropic')[0];

describe('models as Anthropic lists them', () => {
  it('are in its words', () => {
    expect(listAnthropicModels(models.slice(0, 1), {})).toEqual({
      data: [
        {
          type: 'model',
          id: 'm0',
          display_name: 'The m0',
          created_at: '2099-02-03T00:00:00Z',
          max_input_tokens: 200_000,
          max_tokens: 64_000,
          lifecycle: 'active',
          capabilities: null,
          line: null,
          deprecated_at: null,
          retires_at: null,
        },
      ],
      has_more: false,
      first_id: 'm0',
      last_id: 'm0',
    });
    expect(listAnthropicModels([], {})).toEqual({
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
    });
  });

  it('come in pages, forwards', () => {
    const first = listAnthropicModels(models, {});
    expect(first).toMatchObject({ has_more: true, last_id: 'm19' });
    const last = listAnthropicModels(models, {
      limit: '30',
      after_id: first.last_id,
    });
    expect(last).toMatchObject({ has_more: false, first_id: 'm20' });
    expect(ids([...first.data, ...last.data])).toEqual(ids(models));
  });

  it('come in pages, backwards', () => {
    expect(
      listAnthropicModels(models, { limit: 3, before_id: 'm10' }),
    ).toMatchObject({ first_id: 'm7', last_id: 'm9', has_more: true });
    expect(
      listAnthropicModels(models, { limit: 3, before_id: 'm2' }),
    ).toMatchObject({ first_id: 'm0', last_id: 'm1', has_more: false });
  });

  it.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '1001' }, 'limit'],
    [{ limit: 'many' }, 'limit'],
    [{ after_id: 'nobody' }, 'after_id'],
    [{ before_id: 'nobody' }, 'before_id'],
    [{ after_id: ['m1', 'm2'] }, 'after_id'],
    [{ after_id: 'm1', before_id: 'm5' }, 'after_id and before_id'],
  ])('need right parameters: %j', (parameters, message) => {
    expect(() => listAnthropicModels(models, parameters)).toThrow(message);
  });

  it.each([
    ['2024-03', '2024-03-01T00:00:00Z'],
    [undefined, '1970-01-01T00:00:00Z'],
    ['soon', '1970-01-01T00:00:00Z'],
  ])('released %s are created at %s', (releaseDate, expected) => {
    const [model] = listAnthropicModels(
      [modelOf({ release_date: releaseDate })],
      {},
    ).data;
    expect(model.created_at).toBe(expected);
  });
});

describe('models as OpenAI lists them', () => {
  it('are in its words', () => {
    expect(listOpenAiModels(models.slice(0, 1), {})).toEqual({
      object: 'list',
      data: [
        {
          id: 'm0',
          object: 'model',
          created: Date.UTC(2099, 1, 3) / 1000,
          owned_by: 'anthropic',
        },
      ],
    });
  });

  it('have what Codex reads, when Codex asks', () => {
    expect(
      listOpenAiModels(models, { client_version: '0.169.0' }),
    ).toMatchObject({ object: 'list', models: [] });
  });
});

describe('models as Gemini lists them', () => {
  it('are in its words', () => {
    expect(listGeminiModels(models.slice(0, 1), {})).toEqual({
      models: [
        {
          name: 'models/m0',
          version: '2026-01-02',
          displayName: 'The m0',
          description: undefined,
          inputTokenLimit: 200_000,
          outputTokenLimit: 64_000,
          supportedGenerationMethods: ['generateContent', 'countTokens'],
          thinking: true,
        },
      ],
    });
  });

  it('come in pages', () => {
    const seen: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = listGeminiModels(models, { pageSize: '20', pageToken });
      seen.push(...page.models.map(({ name }) => name.slice('models/'.length)));
      pageToken = page.nextPageToken;
    } while (pageToken);
    expect(seen).toEqual(ids(models));
    expect(listGeminiModels(models, { pageSize: 9_999 }).models).toHaveLength(
      45,
    );
  });

  it.each([
    [{ pageSize: '-1' }, 'pageSize'],
    [{ pageSize: 'x' }, 'pageSize'],
    [{ pageToken: 'nonsense' }, 'pageToken'],
    [
      { pageToken: Buffer.from('["nobody"]').toString('base64url') },
      'pageToken',
    ],
    [{ pageToken: Buffer.from('null').toString('base64url') }, 'pageToken'],
  ])('need right parameters: %j', (parameters, message) => {
    expect(() => listGeminiModels(models, parameters)).toThrow(message);
  });

  it.each([
    ['gemini-embedding-001', ['text'], 'embedContent'],
    ['veo-3.1', ['video'], 'predictLongRunning'],
    ['gemini-image', ['text', 'image'], 'generateContent'],
  ])('can do what they are for: %s', (id, output, method) => {
    const model = { ...modelOf({ modalities: { input: [], output } }), id };
    expect(toGeminiModel(model).supportedGenerationMethods).toContain(method);
  });
});

describe('models as models.dev lists them', () => {
  const catalogue = startCatalogue(
    [
      sourceModel('m1', {
        reasoning_options: [{ type: 'toggle' }],
        provider: { npm: 'evil-package', api: 'https://elsewhere.example' },
      }),
    ],
    [
      {
        provider: 'local',
        id: 'llama',
        limits: { context: 8192 },
        prices: {
          input: 1,
          output: 2,
          tiers: [{ aboveInputTokens: 4096, input: 2, output: 4 }],
        },
      },
      { provider: 'local', id: 'unknown' },
    ],
  );
  const list = (mayUse: (model: CatalogueModel) => boolean) =>
    listModelsDev(
      new Map([
        ['anthropic', catalogue.listFor('anthropic', mayUse)],
        ['openai', catalogue.listFor('openai', mayUse)],
        ['compat', catalogue.listFor('compat', mayUse)],
      ]),
      {
        sourceOf: model => catalogue.sourceOf(model),
        baseUrlOf: api => `https://portal.example/${api}`,
      },
    );

  it('are by API, with what the source has for clients', () => {
    expect(list(everything)).toMatchObject({
      anthropic: {
        id: 'anthropic',
        npm: '@ai-sdk/anthropic',
        env: [],
        api: 'https://portal.example/anthropic',
        models: {
          default: { id: 'default', reasoning_options: [{ type: 'toggle' }] },
          m1: { id: 'm1', cost: { input: 3 }, limit: { context: 200_000 } },
        },
      },
      compat: {
        npm: '@ai-sdk/openai-compatible',
        models: {
          llama: {
            name: 'llama',
            tool_call: true,
            limit: { context: 8192, output: 0 },
            cost: {
              input: 1,
              tiers: [{ input: 2, tier: { type: 'context', size: 4096 } }],
            },
          },
          unknown: { limit: { context: 0, output: 0 } },
        },
      },
    });
  });

  it('lead nowhere else', () => {
    const text = JSON.stringify(list(everything));
    expect(text).not.toContain('evil-package');
    expect(text).not.toContain('elsewhere');
  });

  it('are those that the caller may use, and no APIs without any', () => {
    const few = list(({ provider }) => provider === 'local');
    expect(Object.keys(few)).toEqual(['compat']);
  });

  it('can be read as a source again', () => {
    const { providers, skipped } = readDocument(
      JSON.parse(JSON.stringify(list(everything))),
      ['anthropic', 'compat'],
    );
    expect(skipped.count).toBe(0);
    expect([...providers.keys()]).toEqual(['anthropic', 'compat']);
  });
});
