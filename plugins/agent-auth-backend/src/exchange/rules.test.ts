import { sign } from '../__testUtils__/startIssuer';
import { testIssuer } from '../__testUtils__/testIssuer';
import { claimAt } from './claims';

const ci = testIssuer();

describe('rules', () => {
  const verify = async (rule: object, claims: object) =>
    ci.trust({}, rule).verify(await sign(ci.key, ci.claimsWith(claims)));

  it.each<[string | string[], unknown, boolean]>([
    ['acme/*', 'acme/shop', true],
    ['acme/*', 'acme/a/b', true],
    ['acme/*', 'acme-evil/shop', false],
    ['acme/*', 'evil/acme/shop', false],
    ['acme/*', 'acme', false],
    ['acme/shop', 'acme/shop-evil', false],
    ['acme/shop', 'Acme/Shop', false],
    ['acme/shop', 'acme/shop\n', false],
    ['acme.shop', 'acmexshop', false],
    ['*/shop', 'acme/shop', true],
    ['*/shop', 'acme/shop/evil', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*b', 'ab', false],
    ['a*bc*c', 'abc', false],
    ['a*bc*c', 'axbcxc', true],
    ['refs/*/v*', 'refs/tags/v1', true],
    ['refs/*/v*', 'refs/heads/main\nrefs/tags/v1', true],
    ['[a]*', 'a1', false],
    [['x', 'acme/*'], 'acme/shop', true],
    ['acme/shop', ['other/x', 'acme/shop'], true],
    ['acme/shop', ['other/x'], false],
    ['acme/shop', [['acme/shop']], false],
    ['42', 42, false],
    ['true', true, false],
    ['null', null, false],
    ['[object Object]', {}, false],
    ['acme/shop', { 0: 'acme/shop' }, false],
    ['x', undefined, false],
  ])('for %j and the claim %j: %j', async (pattern, project, matches) => {
    await expect(
      verify({ claims: { project_path: pattern } }, { project_path: project })
        .then(() => 'accepted')
        .catch(error => error.name),
    ).resolves.toBe(matches ? 'accepted' : 'NotAllowedError');
  });

  it('compares what a stranger sends in a time that does not explode', async () => {
    const started = performance.now();
    await expect(
      verify(
        { claims: { project_path: `${'a*'.repeat(60)}c*b` } },
        { project_path: `${'a'.repeat(8000)}b` },
      ),
    ).rejects.toMatchObject({ name: 'NotAllowedError' });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('reads only what the token itself says', async () => {
    for (const path of [
      'constructor.name',
      '__proto__.x',
      '/__proto__/constructor/name',
      'toString.name',
      'project_path.length',
      'groups.0',
    ]) {
      await expect(
        verify(
          { claims: { [path]: ['*t*', '*'].slice(0, 1) } },
          { groups: ['test'] },
        ),
      ).rejects.toThrow(`${path}: not there`);
    }
    // A token may have a claim with such a name; it is one like any other.
    const token = await sign(
      ci.key,
      JSON.parse(
        JSON.stringify(ci.claimsWith()).replace(
          /^\{/,
          '{"__proto__":{"x":"y"},',
        ),
      ),
    );
    const { claims } = await ci
      .trust({}, { claims: { sub: '*main', '__proto__.x': 'y' } })
      .verify(token);
    expect(Object.keys(claims)).toContain('__proto__.x');
    expect(({} as any).x).toBeUndefined();
  });

  it('does not take for a claim what something else has added to all objects', () => {
    const inherited = Object.create({ environment: 'production' });

    expect(claimAt(inherited, 'environment')).toBeUndefined();
    expect(claimAt({ a: inherited }, '/a/environment')).toBeUndefined();
    expect(claimAt({ a: { environment: 'x' } }, 'a.environment')).toBe('x');
  });

  it('needs all claims of a rule, and takes the first rule that matches', async () => {
    const rule = (claims: object, name: string) => ({
      claims,
      entityRef: `component:default/${name}`,
      resources: [{ resource: 'catalog', scopes: ['catalog:read'] }],
    });
    const issuers = ci.trust({
      rules: [
        rule({ project_path: 'acme/shop', ref: 'main' }, 'release'),
        rule({ project_path: 'acme/*' }, 'build'),
        rule({ project_path: 'acme/shop' }, 'never'),
      ],
    });
    const refFor = async (claims: object) =>
      (await issuers.verify(await sign(ci.key, ci.claimsWith(claims))))
        .entityRef;

    expect(await refFor({ ref: 'main' })).toBe('component:default/release');
    expect(await refFor({ ref: 'other' })).toBe('component:default/build');
    expect(await refFor({})).toBe('component:default/build');
    await expect(
      refFor({ project_path: 'evil/x', secret: 's3cret' }),
    ).rejects.toThrow(
      'No rule of the issuer ci is for this token. The claims that rules look at are project_path: "evil/x", ref: not there;',
    );
  });

  it.each([
    ['a path', 'acme/shop'],
    ['another kind', 'user:ada'],
    ['nothing', ''],
    ['two lines', 'a\nb'],
    ['a placeholder', '{{sub}}'],
    ['a list', ['shop']],
    ['a number', 4],
    ['an end that names may not have', 'shop-'],
    ['too much', 'x'.repeat(64)],
    ['no value', undefined],
  ])('does not put %s into the ref of an entity', async (_, service) => {
    await expect(
      verify({ entityRef: 'component:default/{{service}}' }, { service }),
    ).rejects.toMatchObject({
      name: 'NotAllowedError',
      message: expect.stringContaining('{{service}}'),
    });
  });

  it('does not build a name that is too long from parts that are not', async () => {
    const service = 'x'.repeat(40);
    await expect(
      verify(
        { entityRef: 'component:default/{{service}}-{{service}}' },
        { service },
      ),
    ).rejects.toThrow(/no valid entity ref/);
  });
});
