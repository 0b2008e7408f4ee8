import { resolvePackagePath } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { ConflictError, InputError, NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { Request } from 'express';
import type { Knex } from 'knex';
import { DatabasePrincipalStore, PrincipalResolution, Principals } from '.';

jest.setTimeout(60_000);

const UUID_V4 =
  /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_15'] });

const migration = require(resolvePackagePath(
  '@prompt-corner/plugin-agent-auth-backend',
  'migrations/20261121000100_principals.js',
)) as Record<'up' | 'down', (knex: Knex) => Promise<void>>;

async function migrated(id: TestDatabaseId): Promise<Knex> {
  const knex = await databases.init(id);
  await migration.up(knex);
  return knex;
}

function replicaOf(knex: Knex): Principals {
  return new Principals({ store: new DatabasePrincipalStore(knex) });
}

describe.each(databases.eachSupportedId())('principals on %s', id => {
  it('get a random UUID once, whoever asks and however the ref is written', async () => {
    const knex = await migrated(id);
    const replicas = Array.from({ length: 20 }, () => replicaOf(knex));

    const uuids = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        replicas[i % 20].uuidOf({
          kind: 'user',
          entityRef: i % 3 ? 'User:Default/Ada' : 'user:default/ada',
        }),
      ),
    );

    expect(new Set(uuids).size).toBe(1);
    expect(uuids[0]).toMatch(UUID_V4);
    await expect(knex('principals').select('entity_ref')).resolves.toEqual([
      { entity_ref: 'user:default/ada' },
    ]);
    await expect(
      replicaOf(knex).uuidOf({ kind: 'user', entityRef: 'user:default/ada' }),
    ).resolves.toBe(uuids[0]);
    await expect(
      replicaOf(knex).uuidOf({ kind: 'user', entityRef: 'user:default/bob' }),
    ).resolves.not.toBe(uuids[0]);
  });

  it('are not derived from the name', async () => {
    const here = await migrated(id);
    const name = { kind: 'user', entityRef: 'user:default/ada' } as const;
    const first = await replicaOf(here).uuidOf(name);
    await here('principals').delete();

    await expect(replicaOf(here).uuidOf(name)).resolves.not.toBe(first);
  });

  it('are answered from memory after the first time', async () => {
    const knex = await migrated(id);
    const principals = replicaOf(knex);
    const name = { kind: 'user', entityRef: 'user:default/ada' } as const;
    const uuid = await principals.uuidOf(name);
    const found = await principals.find([uuid]);
    await migration.down(knex);

    await expect(principals.uuidOf(name)).resolves.toBe(uuid);
    await expect(principals.find([uuid])).resolves.toEqual(found);
    await expect(
      principals.find([uuid, '00000000-0000-4000-8000-000000000000']),
    ).rejects.toThrow(/principals/);
    await expect(
      principals.uuidOf({ kind: 'user', entityRef: 'user:default/bob' }),
    ).rejects.toThrow(/principals/);
  });

  it('recover when the database does', async () => {
    const knex = await migrated(id);
    const principals = replicaOf(knex);
    const name = { kind: 'user', entityRef: 'user:default/ada' } as const;
    await migration.down(knex);
    await expect(principals.uuidOf(name)).rejects.toThrow(/principals/);
    await migration.up(knex);

    await expect(principals.uuidOf(name)).resolves.toMatch(UUID_V4);
  });

  it('are found by UUID and by ref, and those never seen are not', async () => {
    const principals = replicaOf(await migrated(id));
    const ada = await principals.uuidOf({
      kind: 'user',
      entityRef: 'user:default/ada',
    });
    const ci = await principals.uuidOf({
      kind: 'service',
      entityRef: 'component:default/ci',
    });

    const found = await principals.find([
      ada,
      ci,
      '00000000-0000-4000-8000-000000000000',
    ]);

    expect(found).toHaveLength(2);
    expect(found).toEqual(
      expect.arrayContaining([
        { uuid: ada, kind: 'user', entityRef: 'user:default/ada' },
        { uuid: ci, kind: 'service', entityRef: 'component:default/ci' },
      ]),
    );
    await expect(
      principals.findByRef('Component:default/CI'),
    ).resolves.toMatchObject({ uuid: ci });
    await expect(
      principals.findByRef('user:default/nobody'),
    ).resolves.toBeUndefined();
  });

  it('refuse a service that would act under the UUID of a person', async () => {
    const principals = replicaOf(await migrated(id));
    await principals.uuidOf({ kind: 'user', entityRef: 'user:default/ada' });

    await expect(
      principals.uuidOf({ kind: 'service', entityRef: 'user:default/ada' }),
    ).rejects.toThrow(ConflictError);
  });

  it.each([
    ['an empty text', ''],
    ['a bare name', 'ada'],
    ['a kind alone', 'user:'],
    ['606 characters', `user:default/${'a'.repeat(593)}`],
  ])('refuse %s as a ref', async entityRef => {
    const principals = replicaOf(await migrated(id));

    await expect(
      principals.uuidOf({ kind: 'user', entityRef }),
    ).rejects.toThrow(InputError);
    await expect(principals.findByRef(entityRef)).rejects.toThrow(InputError);
  });
});

describe('resolving UUIDs', () => {
  const request = {} as Request;
  const credentials = mockCredentials.user('user:default/auditor');

  async function start(result: AuthorizeResult.ALLOW | AuthorizeResult.DENY) {
    const principals = replicaOf(await migrated('SQLITE_3'));
    const permissions = mockServices.permissions.mock();
    permissions.authorize.mockResolvedValue([{ result }]);
    const event = {
      success: jest.fn().mockResolvedValue(undefined),
      fail: jest.fn().mockResolvedValue(undefined),
    };
    const auditor = mockServices.auditor.mock();
    auditor.createEvent.mockResolvedValue(event);
    return {
      ada: await principals.uuidOf({
        kind: 'user',
        entityRef: 'user:default/ada',
      }),
      resolution: new PrincipalResolution({ principals, permissions, auditor }),
      permissions,
      auditor,
      event,
    };
  }

  it('tells who may know, and audits it', async () => {
    const { ada, resolution, permissions, auditor, event } = await start(
      AuthorizeResult.ALLOW,
    );

    await expect(
      resolution.resolve({ uuids: [ada.toUpperCase()], credentials, request }),
    ).resolves.toEqual([
      { uuid: ada, kind: 'user', entityRef: 'user:default/ada' },
    ]);
    expect(permissions.authorize).toHaveBeenCalledWith(
      [
        {
          permission: expect.objectContaining({
            name: 'agent-auth.principals.resolve',
          }),
        },
      ],
      { credentials },
    );
    expect(auditor.createEvent).toHaveBeenCalledWith({
      eventId: 'principal-resolve',
      severityLevel: 'medium',
      request,
      meta: { uuids: [ada] },
    });
    expect(event.success).toHaveBeenCalledWith({ meta: { found: 1 } });
    expect(event.fail).not.toHaveBeenCalled();
  });

  it('tells nobody else, and audits the attempt', async () => {
    const { ada, resolution, event } = await start(AuthorizeResult.DENY);

    await expect(
      resolution.resolve({ uuids: [ada], credentials, request }),
    ).rejects.toThrow(NotAllowedError);
    expect(event.fail).toHaveBeenCalledWith({
      error: expect.objectContaining({ name: 'NotAllowedError' }),
    });
    expect(event.success).not.toHaveBeenCalled();
  });

  it('tells nothing when the audit log does not take the record', async () => {
    const { ada, resolution, event } = await start(AuthorizeResult.ALLOW);
    event.success.mockRejectedValue(new Error('the audit log is full'));

    await expect(
      resolution.resolve({ uuids: [ada], credentials, request }),
    ).rejects.toThrow('the audit log is full');
  });

  it.each([
    ['no list', 'user:default/ada'],
    ['nothing', undefined],
    ['a malformed UUID', ['x']],
    [
      'a UUID with something behind it',
      [`${'0'.repeat(8)}-0000-4000-8000-000000000000\n`],
    ],
    ['something that is no text', [{ toString: () => 'x' }]],
    ['101 UUIDs', Array(101).fill('00000000-0000-4000-8000-000000000000')],
  ])('refuses %s before anything is read or recorded', async (_, uuids) => {
    const { resolution, auditor, permissions } = await start(
      AuthorizeResult.ALLOW,
    );

    await expect(
      resolution.resolve({ uuids, credentials, request }),
    ).rejects.toThrow(InputError);
    expect(permissions.authorize).not.toHaveBeenCalled();
    expect(auditor.createEvent).not.toHaveBeenCalled();
  });
});
