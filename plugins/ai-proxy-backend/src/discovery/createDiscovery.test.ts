import { createHash } from 'node:crypto';
import { ServiceUnavailableError } from '@backstage/errors';
import request from 'supertest';
import { someModel, useDiscovery } from './__testUtils__/startDiscovery';

const WELL_KNOWN = '/.well-known/opencode';
const USER = '/api/ai-proxy/discovery/opencode/user';

const { folder, start } = useDiscovery();

describe('/.well-known/opencode', () => {
  beforeEach(() =>
    folder.setContent({
      'agents/reviewer.md': 'You review for {baseURL}.',
      'instructions.md': 'See {rootURL}/docs.',
      'mcp.yaml': "portal: { url: '{rootURL}/mcp' }",
      'settings.yaml': 'model: anthropic/claude-sonnet-5-5',
    }),
  );

  it('says how to log in and with what to go on, at the root and at the plugin', async () => {
    const { app } = await start();
    const { body, headers } = await request(app).get(WELL_KNOWN).expect(200);
    expect(headers['content-type']).toMatch('application/json');
    expect(headers['cache-control']).toBe('public, max-age=60, no-transform');
    expect(body).toEqual({
      auth: {
        command: ['sh', '-c', expect.stringContaining('/login.sh')],
        env: 'PROMPT_CORNER_TOKEN',
      },
      config: {
        $schema: 'https://opencode.ai/config.json',
        agent: {
          reviewer: {
            prompt: 'You review for https://portal.example.com/api/ai-proxy.',
          },
        },
        mcp: {
          portal: {
            type: 'remote',
            enabled: true,
            url: 'https://portal.example.com/mcp',
          },
        },
        model: 'anthropic/claude-sonnet-5-5',
        provider: {
          anthropic: expect.objectContaining({
            options: {
              baseURL: 'https://portal.example.com/api/ai-proxy/anthropic/v1',
              apiKey: '{env:PROMPT_CORNER_TOKEN}',
            },
          }),
          openai: expect.anything(),
        },
        enabled_providers: ['anthropic', 'openai'],
        instructions: [expect.stringMatching(/\/instructions\.md$/)],
      },
      remote_config: {
        url: `https://portal.example.com${USER}`,
        headers: { Authorization: 'Bearer {env:PROMPT_CORNER_TOKEN}' },
      },
    });

    const atPlugin = await request(app).get(`/api/ai-proxy${WELL_KNOWN}`);
    expect(atPlugin.body).toEqual(body);
    const onWindows = await request(app).get(
      `/api/ai-proxy/windows${WELL_KNOWN}`,
    );
    expect(onWindows.body.auth.command[0]).toBe('powershell');
    const [url] = body.config.instructions;
    await request(app)
      .get(new URL(url).pathname)
      .expect(200, 'See https://portal.example.com/docs.\n');
  });

  it('does not repeat what a request says of the host', async () => {
    const { app } = await start();
    const { text } = await request(app)
      .get(WELL_KNOWN)
      .set('host', 'evil.example.com')
      .set('x-forwarded-host', 'evil.example.com')
      .set('forwarded', 'host=evil.example.com');
    expect(text).not.toContain('evil');
  });

  it('is not sent again to whom has it, and is only described to HEAD', async () => {
    const { app } = await start();
    const { headers, text } = await request(app).get(WELL_KNOWN);
    await request(app)
      .get(WELL_KNOWN)
      .set('if-none-match', headers.etag)
      .expect(304);
    const head = await request(app).head(WELL_KNOWN).expect(200);
    expect(head.headers['content-length']).toBe(
      String(Buffer.byteLength(text)),
    );
    expect(head.text).toBeUndefined();
    await request(app).post(WELL_KNOWN).expect(404);
  });

  it('has the models that there are now, and goes on when nobody knows them', async () => {
    let models = () => [someModel('anthropic', 'one')];
    const first = models();
    models = () => first;
    const { app } = await start({ models: () => models() });
    const whitelist = async () => {
      const { body } = await request(app).get(WELL_KNOWN).expect(200);
      return body.config.provider.anthropic.whitelist;
    };
    expect(await whitelist()).toEqual(['one']);
    const second = [...first, someModel('anthropic', 'two')];
    models = () => second;
    expect(await whitelist()).toEqual(['one', 'two']);
    models = () => {
      throw new Error('no models');
    };
    expect(await whitelist()).toEqual(['one', 'two']);
  });

  it('has no model of which the catalogue says what OpenCode does not accept', async () => {
    const models = [
      someModel('anthropic', 'good'),
      someModel('anthropic', 'bad', { status: 'odd' as never }),
    ];
    const { app } = await start({ models: () => models });
    const { body } = await request(app).get(WELL_KNOWN).expect(200);
    expect(Object.keys(body.config.provider.anthropic.models)).toEqual([
      'good',
    ]);
  });

  it('is there whatever is wrong with sources, models and database', async () => {
    folder.setContent({ 'settings.yaml': 'model: [' });
    const { app, database } = await start({
      models: () => {
        throw new Error('no models');
      },
    });
    await database.destroy();
    const { body } = await request(app).get(WELL_KNOWN).expect(200);
    expect(body).toMatchObject({ auth: {}, config: {}, remote_config: {} });
  });

  it('is for nobody to keep while permissions may be missing, and files are not there at all', async () => {
    const codex = '/api/ai-proxy/discovery/clients/codex';
    const settings = '/api/ai-proxy/anthropic/managed/settings';
    const asAda = { authorization: 'Bearer ada' };
    folder.setContent({ 'permissions.yaml': 'edit: [' });
    const { app, discovery } = await start();
    const early = await request(app).get(WELL_KNOWN).expect(200);
    expect(early.headers['cache-control']).toBe('no-store');
    await request(app).get(codex).expect(503);
    await request(app).get(settings).set(asAda).expect(503);

    folder.setContent({ 'permissions.yaml': 'edit: deny' });
    await discovery.refresh();
    const { body, headers } = await request(app).get(WELL_KNOWN).expect(200);
    expect(headers['cache-control']).toContain('max-age');
    expect(body.config.permission).toEqual({ edit: 'deny' });
    await request(app).get(codex).expect(200);
    await request(app).get(settings).set(asAda).expect(200);

    folder.setContent({ 'permissions.yaml': 'edit: [' });
    await discovery.refresh();
    const kept = await request(app).get(WELL_KNOWN).expect(200);
    expect(kept.text).toBe(JSON.stringify(body));
    expect(kept.headers['cache-control']).toContain('max-age');
  });
});

describe('What OpenCode gets for one person', () => {
  const answerTo = async (
    app: Parameters<typeof request>[0],
    token?: string,
  ) => {
    const asked = request(app).get(USER);
    return token ? asked.set('authorization', `Bearer ${token}`) : asked;
  };

  beforeEach(() =>
    folder.setContent({
      'instructions.md': 'For all.',
      'settings.yaml':
        'model: openai/gpt-6.1-sol\nsmall_model: anthropic/claude-haiku-4-5',
      'agents/reviewer.md': '---\nmodel: openai/gpt-6.1-sol\n---\nReview.',
      'teams/payments-team/instructions.md': 'For payments.',
      'teams/payments-team/agents/settlement.md': 'See {rootURL}.',
      'teams/payments-team/settings.yaml':
        'providers: { anthropic: { name: Claude } }',
    }),
  );

  it('is what their teams have, and the models that they may use', async () => {
    const { app } = await start();
    const { body, headers } = await answerTo(app, 'linus');
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toEqual({
      config: {
        agent: { settlement: { prompt: 'See https://portal.example.com.' } },
        provider: {
          anthropic: {
            name: 'Claude',
            whitelist: ['claude-sonnet-5-5', 'claude-haiku-4-5'],
          },
          openai: { whitelist: ['gpt-6.1-sol'] },
        },
        enabled_providers: ['anthropic', 'openai'],
        instructions: [expect.any(String), expect.any(String)],
      },
    });
    const texts = await Promise.all(
      body.config.instructions.map(async (url: string) => {
        const { text } = await request(app).get(new URL(url).pathname);
        return text;
      }),
    );
    expect(texts).toEqual(['For all.\n', 'For payments.\n']);

    expect((await answerTo(app, 'ada')).body).toEqual({
      config: {
        // The first model is none that she may use.
        model: 'anthropic/claude-sonnet-5-5',
        agent: { reviewer: { model: 'anthropic/claude-sonnet-5-5' } },
        provider: {
          anthropic: { whitelist: ['claude-sonnet-5-5', 'claude-haiku-4-5'] },
        },
        enabled_providers: ['anthropic'],
        instructions: [expect.any(String)],
      },
    });
    const everybody = await request(app).get(WELL_KNOWN);
    expect(everybody.text).not.toContain('settlement');
  });

  it('has instructions of teams that each replica knows, and one that has just started', async () => {
    const [one, other] = [await start(), await start()];
    const { body } = await answerTo(one.app, 'linus');
    const url = new URL(body.config.instructions[1]);
    const { status, text } = await request(other.app).get(url.pathname);
    expect([status, text]).toEqual([200, 'For payments.\n']);
  });

  it('is nothing, and no error, for whom is signed out or not known at the moment', async () => {
    const { app } = await start();
    for (const token of [undefined, 'expired']) {
      const { status, body, headers } = await answerTo(app, token);
      expect([status, body]).toEqual([200, { config: {} }]);
      expect(headers['x-discovery-degraded']).toBe('signed-out');
    }
    for (const fault of [
      { mayUse: () => Promise.reject(new Error('policy')) },
      {
        authenticate: () =>
          Promise.reject(new ServiceUnavailableError('agent-auth')),
      },
      { authenticate: () => new Promise<never>(() => {}) },
    ]) {
      const { app: faulty } = await start(fault);
      const { status, body, headers } = await answerTo(faulty, 'linus');
      expect([status, body]).toEqual([200, { config: {} }]);
      expect(headers['x-discovery-degraded']).toBe('unavailable');
    }
  });

  it('is a page that makes OpenCode say how to sign in, where that is wanted', async () => {
    const { app } = await start({
      config: {
        source: { kind: 'none' },
        intervalMs: 60_000,
        whenSignedOut: 'stop',
      },
    });
    const { status, headers, text } = await answerTo(app, 'expired');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch('text/html');
    expect(text).toContain(
      'opencode auth login https://portal.example.com/api/ai-proxy',
    );
    expect((await answerTo(app, 'ada')).body.config).toBeDefined();
  });
});

describe('Files of clients', () => {
  it('are listed, and are there as they are', async () => {
    folder.setContent({ 'agents/reviewer.md': 'You review.' });
    const { app } = await start();
    const clients = '/api/ai-proxy/discovery/clients';
    const { body: list } = await request(app).get(clients);
    for (const client of list.items) {
      const { body } = await request(app)
        .get(`${clients}/${client}`)
        .expect(200);
      for (const { path, content } of body.files) {
        const { text } = await request(app)
          .get(`${clients}/${client}/files/${path}`)
          .expect(200);
        expect(text).toBe(content);
      }
    }
    expect(list.items).toHaveLength(7);
    // Caches on the way keep no errors.
    const { status, headers } = await request(app).get(`${clients}/emacs`);
    expect(status).not.toBe(200);
    expect(headers['cache-control']).toBeUndefined();
  });
});

describe('Managed settings of Claude Code', () => {
  const SETTINGS = '/api/ai-proxy/anthropic/managed/settings';

  it('are those of the caller, with the checksum that Claude Code makes', async () => {
    folder.setContent({
      'settings.yaml': 'model: anthropic/claude-sonnet-5-5',
      'permissions.yaml': 'webfetch: deny',
      'teams/payments-team/settings.yaml': 'model: anthropic/claude-haiku-4-5',
    });
    const { app } = await start();
    const { body, headers } = await request(app)
      .get(SETTINGS)
      .set('authorization', 'Bearer linus')
      .expect(200);
    expect(body.settings).toEqual({
      model: 'claude-haiku-4-5',
      availableModels: ['claude-sonnet-5-5', 'claude-haiku-4-5'],
      permissions: { allow: [], ask: [], deny: ['WebFetch'] },
    });
    expect(body.uuid).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8/);
    const sorted =
      '{"availableModels":["claude-sonnet-5-5","claude-haiku-4-5"],"model":"claude-haiku-4-5","permissions":{"allow":[],"ask":[],"deny":["WebFetch"]}}';
    expect(body.checksum).toBe(
      `sha256:${createHash('sha256').update(sorted).digest('hex')}`,
    );
    expect(headers.etag).toBe(`"${body.checksum}"`);
    await request(app)
      .get(SETTINGS)
      .set('authorization', 'Bearer linus')
      .set('if-none-match', headers.etag)
      .expect(304);
  });

  it('are refused to whom is not signed in, and kept while nobody knows', async () => {
    const { app } = await start();
    const refused = await request(app).get(SETTINGS).expect(401);
    expect(refused.body).toMatchObject({
      type: 'error',
      error: { type: 'authentication_error' },
    });
    const { app: faulty } = await start({
      authenticate: () => Promise.reject(new Error('secret detail')),
    });
    const { text } = await request(faulty).get(SETTINGS).expect(503);
    expect(text).not.toContain('secret');
  });
});
