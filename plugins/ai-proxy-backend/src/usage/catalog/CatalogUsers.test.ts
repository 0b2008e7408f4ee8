import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogEntities } from '@prompt-corner/backend-testing';
import { CatalogUsers } from './CatalogUsers';

jest.setTimeout(60_000);

const group = (name: string, parent?: string): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name },
  spec: { type: 'team', children: [], parent },
});

const user = (name: string, ...memberOf: string[]): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name },
  spec: { memberOf },
});

describe('CatalogUsers', () => {
  it('count users, all or those of a team and the teams in it', async () => {
    const entities = catalogEntities([
      group('company'),
      group('rnd', 'company'),
      group('payments', 'rnd'),
      group('finance', 'company'),
      user('ada', 'payments'),
      user('bob', 'rnd', 'payments'),
      user('cy', 'finance'),
      user('dee'),
    ]);
    let users: CatalogUsers;
    const backend = await startTestBackend({
      features: [
        catalogPlugin,
        entities.feature,
        createBackendPlugin({
          pluginId: 'ai-proxy',
          register: env =>
            env.registerInit({
              deps: { auth: coreServices.auth, catalog: catalogServiceRef },
              async init(deps) {
                users = new CatalogUsers(deps);
              },
            }),
        }),
      ],
    });
    for (;;) {
      const read = await entities.read();
      const related = read.filter(({ relations }) => relations?.length);
      if (read.length === 8 && related.length === 7) {
        break;
      }
    }
    expect(await users!.count()).toBe(4);
    expect(await users!.count('group:default/rnd')).toBe(2);
    expect(await users!.count('group:default/company')).toBe(3);
    expect(await users!.count('group:default/unknown')).toBe(0);
    await backend.stop();
    // Known by now.
    expect(await users!.count('group:default/rnd')).toBe(2);
  });
});
