import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeKey, sign, SigningKey } from '../__testUtils__/startIssuer';
import { AUDIENCE, now, testIssuer } from '../__testUtils__/testIssuer';

const ci = testIssuer();

describe('tokens of real systems', () => {
  it('exchanges the ID token of a GitLab job', async () => {
    const issuers = ci.trust({
      rules: [
        {
          claims: {
            project_path: 'acme/*',
            ref_protected: 'true',
            environment: ['production', 'staging'],
          },
          entityRef: 'component:ci/{{environment}}',
          resources: [
            { resource: 'portal/build', scopes: ['tools:read', 'tools:write'] },
          ],
          lifetime: { minutes: 20 },
        },
      ],
    });
    const token = await sign(
      ci.key,
      ci.claimsWith({
        namespace_id: '72',
        namespace_path: 'acme/payments',
        project_id: '20',
        project_path: 'acme/payments/refunds',
        user_login: 'ada',
        pipeline_source: 'push',
        job_id: '302',
        ref: 'main',
        ref_type: 'branch',
        ref_protected: 'true',
        environment: 'production',
        runner_environment: 'self-hosted',
        jti: '235b3a54-b797-45c7-ae9a-f72d7bc6ef5b',
        nbf: now() - 5,
      }),
    );

    const result = await issuers.verify(token);

    expect(result).toEqual({
      issuer: 'ci',
      subject: 'project_path:acme/shop:ref_type:branch:ref:main',
      entityRef: 'component:ci/production',
      resources: [
        {
          kind: 'portal',
          portal: 'build',
          scopes: ['tools:read', 'tools:write'],
        },
      ],
      lifetimeSeconds: 1200,
      claims: {
        iss: ci.issuer.url,
        sub: 'project_path:acme/shop:ref_type:branch:ref:main',
        aud: AUDIENCE,
        jti: '235b3a54-b797-45c7-ae9a-f72d7bc6ef5b',
        project_path: 'acme/payments/refunds',
        ref_protected: 'true',
        environment: 'production',
      },
    });
    // Each job of a pipeline may show it.
    expect(await issuers.verify(token)).toEqual(result);
    expect(ci.issuer.state.requests).toEqual([
      '/.well-known/openid-configuration',
      '/jwks',
    ]);
  });

  it('exchanges the token of a GitHub Actions workflow', async () => {
    const issuers = ci.trust(
      {},
      {
        claims: {
          repository: 'acme/shop',
          repository_owner_id: '4711',
          job_workflow_ref: 'acme/workflows/.github/workflows/deploy.yml@*',
          ref: 'refs/heads/main',
        },
        entityRef: 'component:default/{{repository_owner}}-deploy',
      },
    );
    const claims = ci.claimsWith({
      jti: '6b6e4f2a',
      sub: 'repo:Acme/shop:environment:production',
      repository: 'acme/shop',
      repository_id: '815',
      repository_owner: 'Acme',
      repository_owner_id: '4711',
      repository_visibility: 'private',
      ref: 'refs/heads/main',
      sha: '6af2c1f0',
      workflow: 'Deploy',
      environment: 'production',
      job_workflow_ref:
        'acme/workflows/.github/workflows/deploy.yml@refs/tags/v3',
      event_name: 'push',
      run_id: '1',
      nbf: now() - 600,
    });

    await expect(
      issuers.verify(await sign(ci.key, claims)),
    ).resolves.toMatchObject({
      entityRef: 'component:default/acme-deploy',
      lifetimeSeconds: 900,
    });
    await expect(
      issuers.verify(
        await sign(ci.key, { ...claims, ref: 'refs/pull/7/merge' }),
      ),
    ).rejects.toThrow(/No rule .*ref: "refs\/pull\/7\/merge"/);
  });

  it('exchanges a service account token of Kubernetes, with keys from a file that changes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keys-'));
    try {
      const jwksFile = join(folder, 'jwks.json');
      const write = async (keys: SigningKey[]) => {
        await writeFile(
          `${jwksFile}.new`,
          JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }),
        );
        await rename(`${jwksFile}.new`, jwksFile);
      };
      await write([ci.key]);
      const issuers = ci.trust(
        { jwksFile, issuer: 'https://kubernetes.default.svc.cluster.local' },
        {
          claims: {
            '/kubernetes.io/namespace': 'build',
            '/kubernetes.io/serviceaccount/name': ['runner', 'deployer'],
          },
          entityRef:
            'component:{{/kubernetes.io/namespace}}/{{/kubernetes.io/serviceaccount/name}}',
        },
      );
      const claims = ci.claimsWith({
        iss: 'https://kubernetes.default.svc.cluster.local',
        aud: [AUDIENCE],
        sub: 'system:serviceaccount:build:runner',
        jti: 'a1',
        'kubernetes.io': {
          namespace: 'build',
          pod: { name: 'runner-1', uid: 'u1' },
          serviceaccount: { name: 'runner', uid: 'u2' },
        },
      });

      const result = await issuers.verify(await sign(ci.key, claims));
      expect(result.entityRef).toBe('component:build/runner');
      expect(result.claims).toMatchObject({
        aud: [AUDIENCE],
        '/kubernetes.io/namespace': 'build',
      });

      const rotated = await makeKey('ES256');
      await write([rotated]);
      await expect(
        issuers.verify(await sign(rotated, claims)),
      ).resolves.toMatchObject({ entityRef: 'component:build/runner' });
      await expect(issuers.verify(await sign(ci.key, claims))).rejects.toThrow(
        /key that the issuer does not publish/,
      );

      await rm(jwksFile);
      await expect(
        issuers.verify(await sign(rotated, claims)),
      ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
      expect(ci.issuer.state.requests).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('exchanges the token of a Cloudflare Access service', async () => {
    const aud =
      '32eafc7626e737a3a7a2f3b1ac2a1e9a5a3a6d1b3e1c0c0f8c0a8c9c0a8d1f10';
    const issuers = ci.trust(
      { jwksUri: `${ci.issuer.url}/cdn-cgi/access/certs`, audience: aud },
      { claims: { common_name: 'e3*.access' } },
    );

    await expect(
      issuers.verify(
        await sign(
          ci.key,
          ci.claimsWith({
            type: 'app',
            aud: [aud],
            sub: '',
            common_name: 'e367826f93b8d71185e03fe518aff3b4.access',
          }),
        ),
      ),
    ).resolves.toMatchObject({
      subject: 'component:default/shop-pipeline',
      entityRef: 'component:default/shop-pipeline',
    });
    expect(ci.issuer.state.requests).toEqual(['/cdn-cgi/access/certs']);
  });
});
