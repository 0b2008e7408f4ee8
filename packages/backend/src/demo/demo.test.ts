import { setTimeout as sleep } from 'node:timers/promises';
import { createMockDirectory } from '@backstage/backend-test-utils';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { stringify } from 'yaml';
// scripts/ is no package that could be imported by name.
// eslint-disable-next-line @backstage/no-relative-monorepo-imports
import { signIn } from '../../../../scripts/lib/signIn.mjs';
import { startPortal } from './__testUtils__/startPortal';

const START_TIMEOUT_MS = 60_000;

const group = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name: 'stage-crew' },
  spec: { type: 'team', children: [] },
};
const ada = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name: 'ada' },
  spec: {
    memberOf: ['stage-crew'],
    profile: { displayName: 'Ada', email: 'ada@example.com' },
  },
};
const components = ['stage-crew', 'dissolved-team'].map(owner => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: `component-of-${owner}` },
  spec: { type: 'service', lifecycle: 'production', owner },
}));

function persona(id: string, name: string) {
  const email = `${id}@example.com`;
  return { id, name, email, role: 'engineer', tryThis: 'anything' };
}

// The whole backend as `npm start` runs it, with an organisation of its own.
describe('demo', () => {
  const files = createMockDirectory();
  let portal: Awaited<ReturnType<typeof startPortal>>;
  const readiness: { status: number; message?: string }[] = [];

  async function getEntities(token: string): Promise<Entity[]> {
    const response = await fetch(`${portal.url}/api/catalog/entities`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    return await response.json();
  }

  beforeAll(async () => {
    files.setContent({
      organisation: {
        'all.yaml': stringify({
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'Location',
          metadata: { name: 'all' },
          spec: { targets: ['./people.yaml', './components.yaml'] },
        }),
        'people.yaml': `${stringify(group)}---\n${stringify(ada)}`,
        'components.yaml': components.map(c => stringify(c)).join('---\n'),
      },
      'config.yaml': stringify({
        catalog: {
          locations: [
            {
              type: 'file',
              target: files.resolve('organisation/all.yaml'),
              rules: [{ allow: ['Location', 'Group', 'User', 'Component'] }],
            },
          ],
        },
        demo: {
          personas: [
            persona('ada', 'Ada <the first>'),
            persona('nobody', 'Somebody whom the catalog does not know'),
          ],
        },
      }),
      data: {},
    });
    portal = await startPortal({
      config: files.resolve('config.yaml'),
      dataDir: files.resolve('data'),
    });

    while (readiness.at(-1)?.status !== 200) {
      if (!portal.isRunning()) {
        throw new Error(`The portal stopped:\n${portal.output()}`);
      }
      await sleep(50);
      const response = await fetch(
        `${portal.url}/.backstage/health/v1/readiness`,
      ).catch(() => undefined);
      if (response) {
        const { message } = await response.json();
        readiness.push({ status: response.status, message });
      }
    }
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await portal?.stop();
  });

  it('is not ready before its organisation is in the catalog', async () => {
    expect(readiness[0].status).toBe(503);
    expect(readiness).toContainEqual({
      status: 503,
      message: 'The demo organisation is still being read',
    });

    // Nothing has been waited for since the first 200.
    const { token } = await signIn(portal.url, 'ada');
    const entities = await getEntities(token);
    expect(entities.map(stringifyEntityRef)).toEqual(
      expect.arrayContaining(
        [group, ada, ...components].map(stringifyEntityRef),
      ),
    );
    expect(
      entities.find(e => e.metadata.name === 'component-of-stage-crew'),
    ).toMatchObject({
      relations: [{ type: 'ownedBy', targetRef: 'group:default/stage-crew' }],
    });
  });

  it('signs a persona in as the user with the same e-mail address', async () => {
    const { token, identity } = await signIn(portal.url, 'ada');

    const payload = Buffer.from(token.split('.')[1], 'base64url').toString();
    expect(JSON.parse(payload)).toMatchObject({ sub: 'user:default/ada' });
    expect(identity.ownershipEntityRefs).toEqual([
      'user:default/ada',
      'group:default/stage-crew',
    ]);
  });

  it('says in the ID token how and when a persona signed in', async () => {
    const startedAt = Math.floor(Date.now() / 1000);
    const { idToken } = await signIn(portal.url, 'ada');

    const payload = Buffer.from(idToken.split('.')[1], 'base64url').toString();
    const claims = JSON.parse(payload);
    expect(claims).toMatchObject({
      iss: `${portal.url}/demo-idp`,
      aud: 'prompt-corner',
      email: 'ada@example.com',
      amr: ['pwd'],
      acr: 'urn:example:password',
    });
    expect(claims.auth_time).toBeGreaterThanOrEqual(startedAt);
  });

  it('refuses a persona that is not in the configuration', async () => {
    await expect(signIn(portal.url, 'mallory')).rejects.toThrow(
      "Sign-in as 'mallory' was refused (400)",
    );
  });

  it('refuses a persona that is not in the catalog', async () => {
    await expect(signIn(portal.url, 'nobody')).rejects.toThrow(
      /^Sign-in as 'nobody' failed: Failed to sign-in, unable to resolve user/,
    );
  });

  it('refuses requests without a token', async () => {
    const response = await fetch(`${portal.url}/api/catalog/entities`);
    expect(response.status).toBe(401);
  });

  it('tells which personas there are, without their addresses', async () => {
    const response = await fetch(`${portal.url}/demo-idp/personas`);
    expect(await response.json()).toContainEqual({
      id: 'ada',
      name: 'Ada <the first>',
      role: 'engineer',
      tryThis: 'anything',
    });
  });

  it('shows a page that explains an expired sign-in', async () => {
    const response = await fetch(`${portal.url}/demo-idp/interaction/unknown`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('This sign-in has expired');
  });
});
