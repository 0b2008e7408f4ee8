import {
  CLIENT_KINDS,
  ClientKind,
  connectClient,
} from '../__testUtils__/connectClient';
import { startOriginalPortal } from '../__testUtils__/startOriginalPortal';
import { startPortal, TestPortal } from '../__testUtils__/startPortal';
import { startToolServer, ToolServer } from '../__testUtils__/toolServer';

jest.setTimeout(30_000);

const VIEW = 'ui://weather/view.html';

/** What a host has to know to show it safely. */
const UI = {
  csp: {
    connectDomains: ['https://api.weather.example'],
    resourceDomains: ['https://cdn.weather.example'],
  },
  permissions: { geolocation: {} },
  domain: 'weather.example',
  prefersBorder: true,
};

const contents = {
  mimeType: 'text/html;profile=mcp-app',
  text: '<!doctype html><title>Weather</title>',
  _meta: { ui: UI },
};

const meta = (uri: string) => ({
  ui: { resourceUri: uri, visibility: ['model', 'app'] },
  'ui/resourceUri': uri,
  'example.com/owner': 'weather',
});

describe('a tool with a view (MCP Apps)', () => {
  let weather: ToolServer;
  let portals: Record<'prefixed' | 'original', TestPortal>;

  beforeAll(async () => {
    weather = await startToolServer(
      [
        {
          name: 'forecast',
          annotations: { readOnlyHint: true },
          _meta: meta(VIEW),
        },
        {
          name: 'strange',
          annotations: { readOnlyHint: true },
          _meta: { ui: { resourceUri: 7 }, 'ui/resourceUri': null },
        },
        { name: 'plain', annotations: { readOnlyHint: true } },
      ],
      [{ uri: VIEW, name: 'Forecast', ...contents, contents }],
    );
    const servers = { weather: weather.url };
    portals = {
      prefixed: await startPortal({ servers }),
      original: await startOriginalPortal(servers),
    };
  });

  afterAll(async () => {
    await portals?.prefixed.stop();
    await portals?.original.stop();
    await weather?.stop();
  });

  const connect = (
    kind: ClientKind,
    portal: TestPortal,
    name: string = 'default',
  ) =>
    connectClient({
      kind,
      url: portal.endpoint(name),
      token: portal.tokenOf(),
    });

  it.each(CLIENT_KINDS)(
    'names its view by the URI by which a client can read it, with its policy (%s)',
    async kind => {
      const client = await connect(kind, portals.prefixed);
      const { tools } = await client.request('tools/list');
      const toolOf = (name: string) =>
        tools.find((tool: { name: string }) => tool.name === name);
      const { resources } = await client.request('resources/list');
      const [{ uri }] = resources;

      expect(uri).toBe('ui://weather/weather/view.html');
      expect(toolOf('weather_forecast')._meta).toEqual(meta(uri));
      expect(resources[0]._meta).toEqual({ ui: UI });
      const read = await client.request('resources/read', { uri });
      expect(read.contents).toEqual([{ uri, ...contents }]);

      expect(toolOf('weather_strange')._meta).toEqual({
        ui: { resourceUri: 7 },
        'ui/resourceUri': null,
      });
      expect(toolOf('weather_plain')).not.toHaveProperty('_meta');
      await client.close();
    },
  );

  it('keeps the URI of its view in a portal that keeps names', async () => {
    const client = await connect('v2', portals.original, 'weather');
    const { tools } = await client.request('tools/list');
    const { contents: read } = await client.request('resources/read', {
      uri: VIEW,
    });

    expect(tools[0]._meta).toEqual(meta(VIEW));
    expect(read).toEqual([{ uri: VIEW, ...contents }]);
    await client.close();
  });
});
