import { AiProxyClient } from './AiProxyClient';

function start(answer: () => Response) {
  const fetch = jest.fn(async () => answer());
  const client = new AiProxyClient({
    discoveryApi: { getBaseUrl: async id => `https://backend/api/${id}` },
    fetchApi: { fetch: fetch as never },
  });
  return { client, asked: () => fetch.mock.calls.map(([url]: any[]) => url) };
}

const json = (body: object, init?: ResponseInit) =>
  new Response(JSON.stringify(body), {
    headers: { 'content-type': 'application/json' },
    ...init,
  });

describe('AiProxyClient', () => {
  it('asks the backend as it wants to be asked', async () => {
    const { client, asked } = start(() => json({ requests: 1 }));
    expect(await client.getMyUsage()).toEqual({ requests: 1 });
    await client.getTeamUsage('group:default/a', {
      by: ['provider', 'model'],
      interval: 'day',
      timeZone: 'Europe/Berlin',
      client: ['a,b', 'c'],
      limit: 5,
    });
    await client.getUsers({ from: '2026-11-21T00:00:00+01:00', offset: 50 });
    await client.getOrganisationUsage({ by: [] });
    await client.getAdoption({ team: 'group:default/a' });
    await client.getSavings();
    await client.getAnomalies();
    await client.getMySessions({ limit: 3 });
    const exported = await client.exportUsage({ format: 'ndjson' });
    expect(await exported.json()).toEqual({ requests: 1 });
    const base = 'https://backend/api/ai-proxy/usage';
    expect(asked()).toEqual([
      `${base}/mine`,
      `${base}/teams/group%3Adefault%2Fa?by=provider%2Cmodel&interval=day&timeZone=Europe%2FBerlin&client=a%2Cb&client=c&limit=5`,
      `${base}/organisation/users?from=2026-11-21T00%3A00%3A00%2B01%3A00&offset=50`,
      `${base}/organisation`,
      `${base}/organisation/adoption?team=group%3Adefault%2Fa`,
      `${base}/organisation/savings`,
      `${base}/organisation/anomalies`,
      `${base}/mine/sessions?limit=3`,
      `${base}/export?format=ndjson`,
    ]);
  });

  it('throws what the backend says when it refuses', async () => {
    const { client } = start(() =>
      json(
        {
          error: { name: 'NotAllowedError', message: 'You are not in it' },
          response: { statusCode: 403 },
        },
        { status: 403 },
      ),
    );
    await expect(client.getTeamUsage('group:default/a')).rejects.toMatchObject({
      name: 'ResponseError',
      cause: { name: 'NotAllowedError', message: 'You are not in it' },
    });
  });
});
