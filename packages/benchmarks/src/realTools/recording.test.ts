import { readRecording } from './RecordedServer';
import { SERVERS } from './servers';

describe('recorded tools', () => {
  const servers = readRecording();

  it('are of the servers that are named, in their order and versions', () => {
    const titles = (all: typeof SERVERS) =>
      all.map(each => `${each.name}: ${each.package}@${each.version}`);
    expect(titles(servers)).toEqual(titles(SERVERS));
    expect(servers.length).toBeGreaterThanOrEqual(13);
  });

  it('are enough, and each is as a server lists it', () => {
    const tools = servers.flatMap(server => server.tools);
    expect(tools.length).toBeGreaterThanOrEqual(500);
    for (const { name, inputSchema } of tools) {
      expect(name).toEqual(expect.any(String));
      expect(inputSchema).toMatchObject({ type: 'object' });
    }
  });

  it('may be passed on', () => {
    for (const { licence, recordedOn } of servers) {
      expect(['Apache-2.0', 'ISC', 'MIT']).toContain(licence);
      expect(recordedOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });
});
