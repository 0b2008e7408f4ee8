import { ConfigReader } from '@backstage/config';
import { readNamingConfig } from './config';

const read = (config: object, servers?: string[]) =>
  readNamingConfig({
    config: new ConfigReader(config as never),
    portal: 'dev',
    servers,
  });
const tool = { server: 'gitlab', name: 'projects.list' };

describe('readNamingConfig', () => {
  it('prefixes unless told otherwise', () => {
    expect(read({}).toolName(tool)).toBe('gitlab_projects_list');
  });

  it('reads aliases of tools with dots in their names', () => {
    const naming = read({ aliases: { 'gitlab.projects.list': 'projects' } });
    expect(naming.toolName(tool)).toBe('projects');
  });

  it('keeps the names of the only server of a portal', () => {
    const naming = read({ naming: 'original' }, ['gitlab']);
    expect(naming.toolName(tool)).toBe('projects.list');
  });

  it.each([
    [{ naming: 'short' }, ['a'], 'mcpPortal.portals.dev.naming is "short"'],
    [{ naming: 'original' }, ['a', 'b'], 'exactly one server'],
    [{ naming: 'original' }, undefined, 'exactly one server'],
    [
      { naming: 'original', aliases: { 'a.b': 'c' } },
      ['a'],
      'mcpPortal.portals.dev.aliases cannot be used',
    ],
    [
      { aliases: { 'a.b': 'new' } },
      undefined,
      'mcpPortal.portals.dev.aliases: The alias of "a.b" is "new"',
    ],
  ])('refuses %j', (config, servers, message) => {
    expect(() => read(config, servers)).toThrow(message);
  });
});
