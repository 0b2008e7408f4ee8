import { createCodeMode } from '../index';
import type { DocumentView, ExecuteRequest } from '../index';

jest.setTimeout(90_000);

const DESCRIPTION = {
  openapi: '3.1.0',
  paths: {
    '/users/{id}': {
      get: {
        summary: 'Get a user',
        parameters: [{ name: 'id', in: 'path' }],
        responses: {
          200: { $ref: '#/components/schemas/user', description: 'Beside' },
        },
      },
      delete: { summary: 'Delete a user' },
    },
  },
  components: {
    schemas: {
      user: {
        description: 'A user',
        properties: {
          name: { type: 'string' },
          manager: { $ref: '#/components/schemas/user' },
          reports: {
            type: 'array',
            items: { $ref: '#/components/schemas/user' },
          },
        },
      },
      name: 'a text',
      'a/b~c': { description: 'escaped' },
    },
  },
  refs: {
    external: { $ref: 'https://example.com/x.json#/a' },
    file: { $ref: './other.yaml' },
    missing: { $ref: '#/components/nothing' },
    prototype: { $ref: '#/components/constructor' },
    loop: { $ref: '#/refs/loop2' },
    loop2: { $ref: '#/refs/loop' },
    escaped: { $ref: '#/components/schemas/a~1b~0c' },
    encoded: { $ref: '#/components/schemas/a~1b%7E0c' },
    text: { $ref: '#/components/schemas/name' },
    property: { $ref: { type: 'string' } },
    root: { $ref: '#' },
  },
};

describe('a document', () => {
  const codeMode = createCodeMode();
  afterAll(() => codeMode.close());

  const source = { json: JSON.stringify(DESCRIPTION) };
  const view: DocumentView = {
    name: 'spec',
    source,
    omit: ['/paths/~1users~1{id}/delete', '/components'],
  };
  const run = (code: string, changes: Partial<ExecuteRequest> = {}) =>
    codeMode.execute({
      code,
      tools: [],
      principal: 'ada',
      call: async () => null,
      document: view,
      ...changes,
    });
  const valueOf = async (code: string, document = view) => {
    const { value, error } = await run(code, { document });
    expect(error).toBeUndefined();
    return value;
  };

  it('is read like any value', async () => {
    expect(
      await valueOf(`
        const path = '/users/{id}';
        const { get, ...others } = spec.paths[path];
        return {
          keys: Object.keys(spec),
          entries: Object.entries(spec.paths).map(([key, item]) => [key, item.get.summary]),
          is: [path in spec.paths, 'toString' in get, Array.isArray(get.parameters)],
          names: get.parameters.map(({ name }) => name),
          spread: Object.keys({ ...get }),
          others: Object.keys(others),
          same: spec.paths === spec.paths,
          json: JSON.parse(JSON.stringify(get.parameters)),
        };
      `),
    ).toEqual({
      keys: ['openapi', 'paths', 'refs'],
      entries: [['/users/{id}', 'Get a user']],
      is: [true, true, true],
      names: ['id'],
      spread: ['summary', 'parameters', 'responses'],
      others: [],
      same: true,
      json: [{ name: 'id', in: 'path' }],
    });
  });

  it('has references resolved, and marks what refers to what is around it', async () => {
    expect(
      await valueOf(
        `spec.paths['/users/{id}'].get.responses['200'].properties`,
      ),
    ).toEqual({
      name: { type: 'string' },
      manager: {
        description: 'A user',
        properties: { $circular: '#/components/schemas/user/properties' },
      },
      reports: {
        type: 'array',
        items: {
          description: 'A user',
          properties: { $circular: '#/components/schemas/user/properties' },
        },
      },
    });
    expect(
      await valueOf(`
        const user = spec.paths['/users/{id}'].get.responses['200'];
        return [user.description, user.properties.manager.properties.manager.description];
      `),
    ).toEqual(['Beside', 'A user']);
  });

  it('marks references that lead nowhere, out of it or to themselves', async () => {
    expect(
      await valueOf(`const { root, ...refs } = spec.refs; return refs`),
    ).toEqual({
      external: {
        $ref: 'https://example.com/x.json#/a',
        $unresolved: 'external',
      },
      file: { $ref: './other.yaml', $unresolved: 'external' },
      missing: { $ref: '#/components/nothing', $unresolved: 'missing' },
      prototype: { $ref: '#/components/constructor', $unresolved: 'missing' },
      loop: { $ref: '#/refs/loop2', $unresolved: 'circular' },
      loop2: { $ref: '#/refs/loop', $unresolved: 'circular' },
      escaped: { description: 'escaped' },
      encoded: { description: 'escaped' },
      text: 'a text',
      property: { $ref: { type: 'string' } },
    });
  });

  it('does not have what is omitted, also where a reference comes back to it', async () => {
    expect(
      await valueOf(`
        const all = [spec, spec.refs.root];
        return all.map(root => [
          root.components === undefined,
          Object.keys(root.paths['/users/{id}']),
        ]);
      `),
    ).toEqual([
      [true, ['get']],
      [true, ['get']],
    ]);
    expect(
      await valueOf(`Object.keys(spec.paths['/users/{id}'])`, {
        name: 'spec',
        source,
      }),
    ).toEqual(['get', 'delete']);
  });

  it('cannot be changed', async () => {
    const { error } = await run(`'use strict'; spec.paths.x = 1`);
    expect(error?.name).toBe('TypeError');
    expect(
      await valueOf(`
        try { spec.paths['/users/{id}'].get.summary = 'changed' } catch {}
        try { delete spec.paths['/users/{id}'].get } catch {}
        try { spec = 1 } catch {}
        return spec.paths['/users/{id}'].get.summary;
      `),
    ).toBe('Get a user');
  });

  it('is looked at in a search, and through a namespace of its own', async () => {
    const { value, error } = await codeMode.search({
      code: `[
        spec.openapi,
        typeof codemode,
        (await github.search('user'))[0].name,
        await github.types(['request', 'GET /users/{id}']),
      ]`,
      namespace: 'github',
      principal: 'ada',
      document: view,
      tools: [
        { name: 'request', server: 'github' },
        {
          name: 'GET /users/{id}',
          server: 'github',
          description: 'Get a user.',
        },
      ],
    });
    expect(error).toBeUndefined();
    expect(value).toEqual([
      '3.1.0',
      'undefined',
      'GET /users/{id}',
      'github.request(): Promise<unknown>\n// Get a user.\nGET /users/{id} {}',
    ]);
  });

  it('does not make callable what is found only', async () => {
    const called: string[] = [];
    const { error, calls } = await run(
      `await github.request({}); await github['GET /users/{id}']({})`,
      {
        namespace: 'github',
        tools: [
          { name: 'request', server: 'github' },
          { name: 'GET /users/{id}', server: 'github' },
        ],
        call: async name => called.push(name),
      },
    );
    expect(error).toMatchObject({ name: 'UnknownToolError' });
    expect(called).toEqual(['request']);
    expect(calls).toHaveLength(1);
  });

  it('is refused under a name that is taken', async () => {
    for (const name of ['class', 'console', 'Math', 'a-b', 'await']) {
      await expect(run('1', { namespace: name })).rejects.toThrow(
        'cannot be the name of a global',
      );
      await expect(run('1', { document: { name, source } })).rejects.toThrow(
        'cannot be the name of a global',
      );
    }
    await expect(run('1', { namespace: 'spec' })).rejects.toThrow(
      'the same name',
    );
  });

  it('belongs to what a replay has to see again', async () => {
    const looked = await run(`spec.openapi`);
    const without = await run(`1`);
    expect(without.recording.catalog).toBeUndefined();
    const replay = (document: DocumentView) =>
      run(`spec.openapi`, {
        document,
        replay: { recording: looked.recording, calls: [] },
      });
    expect(await replay(view)).toMatchObject({ outcome: 'ok' });
    expect(
      await replay({ ...view, source: { json: '{"openapi":"3.0.0"}' } }),
    ).toMatchObject({ error: { name: 'ReplayDivergenceError' } });
  });

  it('takes turns with others in a process, and comes back', async () => {
    const views = [1, 2, 3].map(number => ({
      name: 'spec',
      source: { json: JSON.stringify({ number }) },
    }));
    for (const document of [...views, ...views]) {
      expect(await valueOf('spec', document)).toEqual(
        JSON.parse(document.source.json),
      );
    }
    const values = await Promise.all(
      [...views, ...views].map(document => valueOf('spec.number', document)),
    );
    expect(values).toEqual([1, 2, 3, 1, 2, 3]);
  });

  describe('that means harm', () => {
    const hostile = (json: string) => ({ name: 'spec', source: { json } });

    it('with names of prototypes is plain data', async () => {
      const document = hostile(
        '{"__proto__":{"polluted":{"a":1}},"constructor":{"prototype":1},"toJSON":"x","toString":{"a":2}}',
      );
      expect(
        await valueOf(
          `[({}).polluted === undefined, Object.keys(spec), spec.toString.a, spec.constructor.prototype, JSON.parse(JSON.stringify(spec.__proto__))]`,
          document,
        ),
      ).toEqual([
        true,
        ['__proto__', 'constructor', 'toJSON', 'toString'],
        2,
        1,
        { polluted: { a: 1 } },
      ]);
    });

    it('by growing without end when it is written out is stopped', async () => {
      const bomb: Record<string, object> = {};
      for (let level = 0; level < 40; level += 1) {
        const next = { $ref: `#/l${level + 1}` };
        bomb[`l${level}`] = { a: next, b: next };
      }
      const { error } = await run(`spec`, {
        document: hostile(JSON.stringify(bomb)),
      });
      expect(error).toMatchObject({ name: 'LimitError' });
    });

    it('by its depth or its size harms itself only', async () => {
      const deep = hostile(`${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`);
      expect((await run('spec', { document: deep })).outcome).not.toBe('ok');
      expect(await valueOf('typeof spec.a.a.a', deep)).toBe('object');
      const wide = hostile(JSON.stringify(new Array(2_000_000).fill('text')));
      expect(
        (await run('spec.length', { document: wide })).error,
      ).toMatchObject({
        message: expect.stringContaining('too large to be read'),
      });
      await expect(
        run('1', { document: hostile(`"${'x'.repeat(33_000_000)}"`) }),
      ).rejects.toThrow('The document has 33000002 characters');
      expect(await valueOf('spec.openapi')).toBe('3.1.0');
      expect(codeMode.health().lost).toEqual({});
    });
  });
});
