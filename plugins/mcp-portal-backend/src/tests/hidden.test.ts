import { randomUUID } from 'node:crypto';
import {
  EverythingServer,
  startEverythingServer,
} from '../__testUtils__/everything';
import {
  beginSession,
  clientHeaders,
  modernRpc,
  rpc,
  send,
} from '../__testUtils__/rawRequests';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';

jest.setTimeout(60_000);

const WATCHED = 'test://watched-resource';

const POLICIES = `
@id("everything")
permit (principal, action, resource);
@id("not-for-guests")
forbid (principal in Team::"group:default/guests", action, resource in Server::"secret");
`;

/** Reads a stream of events, as far as it comes. */
async function openStream(url: string, init: RequestInit) {
  const ended = new AbortController();
  const response = await fetch(url, { ...init, signal: ended.signal });
  let text = '';
  const read = async () => {
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString();
    }
  };
  read().catch(() => {});
  return {
    status: response.status,
    text: () => text,
    updated: () => [...text.matchAll(/"uri":"([^"]+)"/g)].map(([, uri]) => uri),
    close: () => ended.abort(),
  };
}

describe('a server that somebody cannot see', () => {
  const servers: Record<string, EverythingServer> = {};
  let portal: TestPortal;
  const sees = { uuid: randomUUID() };

  beforeAll(async () => {
    servers.open = await startEverythingServer();
    servers.secret = await startEverythingServer();
    portal = await startPortal({
      servers: { open: servers.open.url, secret: servers.secret.url },
      config: {
        policy: { policies: POLICIES },
        portals: {
          default: { rateLimit: { requests: 100_000 } },
          small: { servers: ['open'], rateLimit: { requests: 100_000 } },
        },
      },
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await Promise.all(Object.values(servers).map(server => server.stop()));
  });

  /** Makes a portal hide it, each in another way. */
  const HIDING = {
    'by the limits of the connection': () => ({
      token: portal.tokenOf({
        uuid: randomUUID(),
        limits: { servers: ['open'] },
      }),
      url: portal.endpoint(),
    }),
    'by the portal': () => ({
      token: portal.tokenOf({ uuid: randomUUID() }),
      url: portal.endpoint('small'),
    }),
    'by policy': () => ({
      token: portal.tokenOf({
        uuid: randomUUID(),
        teams: ['group:default/guests'],
      }),
      url: portal.endpoint(),
    }),
  };
  const CASES = Object.keys(HIDING).flatMap(way =>
    (['legacy', 'modern'] as const).map(era => ({
      way: way as keyof typeof HIDING,
      era,
    })),
  );

  const asker = async (
    era: 'legacy' | 'modern',
    { url, token }: { url: string; token: string },
  ) => {
    const session =
      era === 'legacy' ? await beginSession(url, token) : undefined;
    return async (method: string, params: Record<string, unknown> = {}) => {
      const sent =
        era === 'modern'
          ? modernRpc(method, params)
          : {
              headers: { 'mcp-session-id': session! },
              body: rpc(method, params),
            };
      return send(url, {
        headers: { ...clientHeaders(token), ...sent.headers },
        body: sent.body,
      });
    };
  };

  const change = async (server: string, uri = WATCHED) => {
    const ask = await asker('modern', {
      url: portal.endpoint(),
      token: portal.tokenOf(sees),
    });
    const { message } = await ask('tools/call', {
      name: `${server}_test_trigger_resource_change`,
      arguments: { uri },
    });
    expect(message.result.isError).toBeFalsy();
  };

  it.each(CASES)(
    'is answered for as one that there is not: prompts, resources, completions ($way, $era)',
    async ({ way, era }) => {
      const ask = await asker(era, HIDING[way]());
      const questions = (server: string) =>
        [
          ['prompts/get', { name: `${server}_test_simple_prompt` }],
          ['resources/read', { uri: `${server}+test://static-text` }],
          ['resources/read', { uri: `${server}+test://template/1/data` }],
          [
            'completion/complete',
            {
              ref: {
                type: 'ref/prompt',
                name: `${server}_test_prompt_with_arguments`,
              },
              argument: { name: 'arg1', value: 'par' },
            },
          ],
          [
            'completion/complete',
            {
              ref: {
                type: 'ref/resource',
                uri: `${server}+test://template/{id}/data`,
              },
              argument: { name: 'id', value: 'par' },
            },
          ],
          ...(era === 'legacy'
            ? ([
                ['resources/subscribe', { uri: `${server}+${WATCHED}` }],
              ] as const)
            : []),
        ] as Array<[string, Record<string, unknown>]>;
      const answers = async (server: string) => {
        const all = [];
        for (const [method, params] of questions(server)) {
          const { status, text } = await ask(method, params);
          all.push([method, status, text.replaceAll(server, '<server>')]);
        }
        return all;
      };
      const hidden = await answers('secret');
      expect(hidden).toEqual(await answers('nothing'));
      for (const [, , text] of hidden) {
        expect(text).toContain('"error"');
      }
      // Not because nothing of it works.
      for (const [, , text] of await answers('open')) {
        expect(text).toContain('"result"');
      }
    },
  );

  it.each(CASES)('is in no list ($way, $era)', async ({ way, era }) => {
    const ask = await asker(era, HIDING[way]());
    for (const method of [
      'tools/list',
      'prompts/list',
      'resources/list',
      'resources/templates/list',
      'portal_list_servers',
    ]) {
      const { text } = method.includes('/')
        ? await ask(method)
        : await ask('tools/call', { name: method, arguments: {} });
      expect([method, text]).toEqual([method, expect.stringContaining('open')]);
      expect([method, text]).toEqual([
        method,
        expect.not.stringContaining('secret'),
      ]);
    }
  });

  it.each(Object.keys(HIDING) as Array<keyof typeof HIDING>)(
    'is not in the registry for the caller, but that of another portal (%s)',
    async way => {
      const registry = new URL(
        '/api/mcp-portal/registry/mine/v0.1/servers',
        portal.url,
      );
      const { token } = HIDING[way]();
      const response = await fetch(registry, {
        headers: { authorization: `Bearer ${token}` },
      });
      const text = await response.text();
      expect(text).toContain('open');
      // Who is hidden it only by one portal may enter the other.
      expect(text.includes('secret')).toBe(way === 'by the portal');
    },
  );

  it.each(Object.keys(HIDING) as Array<keyof typeof HIDING>)(
    'tells nothing on a stream that listens to its resources (%s)',
    async way => {
      const { url, token } = HIDING[way]();
      const listen = (uris: string[]) => {
        const { headers, body } = modernRpc('subscriptions/listen', {
          notifications: { resourceSubscriptions: uris },
        });
        return openStream(url, {
          method: 'POST',
          headers: { ...clientHeaders(token), ...headers },
          body,
        });
      };
      const both = await listen([`secret+${WATCHED}`, `open+${WATCHED}`]);
      const unknown = await listen([`nothing+${WATCHED}`, `open+${WATCHED}`]);
      const updatesOf = (stream: typeof both) =>
        stream.text().split('notifications/resources/updated').length - 1;
      for (let tries = 0; updatesOf(both) < 2 && tries < 100; tries++) {
        await change('secret');
        await change('open');
        await new Promise(resolve => setTimeout(resolve, 100));
      }
      expect(updatesOf(both)).toBeGreaterThan(1);
      expect(
        both
          .text()
          .match(/updated.*?"uri":"[^"]+"/g)!
          .join(),
      ).not.toContain('secret');
      // What is acknowledged does not depend on whether there is such a server.
      const acknowledged = (text: string) =>
        text
          .split('\n')
          .find(line => line.includes('acknowledged'))!
          .replace(/secret|nothing/, '<server>');
      expect(acknowledged(both.text())).toBe(acknowledged(unknown.text()));
      both.close();
      unknown.close();
    },
  );

  it('tells nothing more once it is hidden, on the stream of a session', async () => {
    const token = portal.tokenOf({ uuid: randomUUID() });
    const url = portal.endpoint();
    const session = await beginSession(url, token);
    const headers = { ...clientHeaders(token), 'mcp-session-id': session };
    const ask = async (method: string, params: object) => {
      const { message } = await send(url, {
        headers,
        body: rpc(method, params),
      });
      expect(message.error).toBeUndefined();
    };
    const stream = await openStream(url, {
      headers: { ...headers, accept: 'text/event-stream' },
    });
    for (const server of ['secret', 'open']) {
      await ask('resources/subscribe', { uri: `${server}+${WATCHED}` });
    }
    const heard = (server: string) =>
      stream.updated().filter(uri => uri.startsWith(server)).length;
    const until = async (isDone: () => boolean) => {
      for (let tries = 0; !isDone() && tries < 100; tries++) {
        await change('secret');
        await change('open');
        await new Promise(resolve => setTimeout(resolve, 100));
      }
      expect(isDone()).toBe(true);
    };
    await until(() => heard('secret') > 0 && heard('open') > 0);

    await ask('tools/call', {
      name: 'portal_switch_server',
      arguments: { server: 'secret', on: false },
    });
    // Views are looked at every second.
    await new Promise(resolve => setTimeout(resolve, 2_000));
    const before = { secret: heard('secret'), open: heard('open') };
    await until(() => heard('open') > before.open + 3);
    expect(heard('secret')).toBe(before.secret);
    stream.close();
  });
});
