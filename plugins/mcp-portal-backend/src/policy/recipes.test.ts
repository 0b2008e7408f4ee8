import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import type { PolicyEffect } from '@prompt-corner/plugin-mcp-portal-common';
import { engineOf, github, question } from './__testUtils__/questions';
import type { PolicyTarget } from './PolicyQuestion';

const text = readFileSync(
  resolvePackagePath(
    '@prompt-corner/plugin-mcp-portal-backend',
    '../../docs/policy.md',
  ),
  'utf8',
);

/** The policies of each recipe, by its heading. */
const recipes = new Map(
  [...text.matchAll(/^### (.+)\n\n```cedar\n([^]*?)```$/gm)].map(
    ([, title, policies]) => [title, policies],
  ),
);

/** What everything is permitted by, for recipes that forbid. */
const ALL = '@id("all") permit (principal, action, resource);\n';

type Changes = Parameters<typeof question>[0];

function tool(
  of: string,
  toolClass: PolicyTarget['toolClass'],
  changes: Partial<typeof github> = {},
): { target: PolicyTarget } {
  const [server, name] = of.split('/');
  return {
    target: {
      server: { ...github, ...changes, name: server },
      name,
      toolClass,
    },
  };
}

const write = tool('github/create_issue', 'write');
const platform = { caller: { teams: ['group:default/platform-team'] } };
const nobody = { caller: { teams: [] } };
const bot = (entityRef: string): Changes => ({
  caller: { kind: 'service', entityRef, teams: [] },
});
const network = (address: string, names: string[] = []): Changes => ({
  caller: { network: { address, names, device: {} } },
});
const device = (attributes: Record<string, string>): Changes => ({
  ...write,
  caller: { network: { names: [], device: attributes } },
});
const payments = tool('payments/refund', 'write', {
  domain: 'domain:default/payments',
});
const signedIn = (claims: object): Changes => ({
  ...write,
  caller: { claims },
});
const NOON = Date.UTC(2026, 10, 18, 12) / 1000;
const secret: Changes = {
  action: 'read_resource',
  target: { name: 'vault://secrets/1' },
};

const expectations: Record<
  string,
  { with?: string; calls: Array<[Changes, PolicyEffect]> }
> = {
  'A team may write with the tools of a server': {
    calls: [
      [write, 'permit'],
      [{ ...write, ...nobody }, 'deny'],
      [tool('jira/create_issue', 'write'), 'deny'],
      [tool('github/delete_repository', 'destructive'), 'deny'],
    ],
  },
  'Teams may write with the tools of their own servers': {
    calls: [
      [{ ...write, ...platform }, 'permit'],
      [write, 'deny'],
      [tool('x/y', 'write', { owner: 'user:default/ada' }), 'deny'],
    ],
  },
  'What destroys waits for a person': {
    calls: [
      [tool('github/delete_repository', 'destructive'), 'hold'],
      [tool('github/delete_repository', undefined), 'hold'],
      [write, 'deny'],
      [
        { ...tool('github/x', 'destructive'), ...bot('component:default/x') },
        'deny',
      ],
    ],
  },
  'Approved requests for access count for what destroys, too': {
    calls: [
      [{ target: { ...write.target, granted: ['write'] } }, 'permit'],
      [{ target: { ...write.target, granted: ['read'] } }, 'deny'],
      [
        {
          target: {
            ...tool('github/drop', 'destructive').target,
            granted: ['destructive'],
          },
        },
        'permit',
      ],
    ],
  },
  'Writing needs a second factor, not older than eight hours': {
    with: ALL,
    calls: [
      [signedIn({ amr: ['mfa'], authTime: NOON - 28_800 }), 'permit'],
      [signedIn({ amr: ['mfa'], authTime: NOON - 28_801 }), 'deny'],
      [signedIn({ amr: ['mfa'] }), 'deny'],
      [signedIn({}), 'deny'],
      [{}, 'permit'],
    ],
  },
  "Internal servers only from the company's networks": {
    with: ALL,
    calls: [
      [network('10.3.4.5'), 'permit'],
      [network('::ffff:10.3.4.5'), 'permit'],
      [network('203.0.113.7', ['office']), 'permit'],
      [network('203.0.113.7'), 'deny'],
      [{ caller: { network: { names: [], device: {} } } }, 'deny'],
    ],
  },
  'No changes to payments outside office hours': {
    with: ALL,
    calls: [
      [payments, 'permit'],
      [{ ...payments, now: new Date('2026-11-18T17:00:00Z') }, 'deny'],
      [{ ...payments, now: new Date('2026-11-21T12:00:00Z') }, 'deny'],
      [{ ...write, now: new Date('2026-11-21T12:00:00Z') }, 'permit'],
    ],
  },
  'One tool, for some projects only': {
    calls: [
      [
        {
          ...tool('jira/create_issue', 'write'),
          arguments: { project: 'SHOP' },
        },
        'permit',
      ],
      [
        { ...tool('jira/create_issue', 'write'), arguments: { project: 'HR' } },
        'deny',
      ],
      [
        {
          ...tool('jira/create_issue', 'write'),
          arguments: { project: ['SHOP'] },
        },
        'deny',
      ],
      [tool('jira/create_issue', 'write'), 'deny'],
    ],
  },
  'Small amounts go through, larger ones wait': {
    calls: [
      [{ ...payments, arguments: { amountCents: 5000 } }, 'permit'],
      [{ ...payments, arguments: { amountCents: 5001 } }, 'hold'],
      [{ ...payments, arguments: { amountCents: 0.5 } }, 'hold'],
      [{ ...payments, arguments: { amountCents: '1' } }, 'hold'],
    ],
  },
  'Only known arguments, and nothing recursive': {
    with: ALL,
    calls: (
      [
        [{ path: '/scratch/a' }, 'permit'],
        [{ path: '/scratch/a', options: { recursive: false } }, 'permit'],
        [{ path: '/scratch/a', options: { recursive: true } }, 'deny'],
        [{ path: '/scratch/a', options: { recursive: 'true' } }, 'deny'],
        [{ path: '/scratch/a', force: true }, 'deny'],
        [{ path: '/scratch/../etc' }, 'deny'],
        [{ path: '/etc' }, 'deny'],
        [{}, 'deny'],
      ] as const
    ).map(([given, effect]) => [
      { ...tool('files/delete', 'destructive'), arguments: given },
      effect,
    ]),
  },
  'Lists: only labels that are known': {
    with: ALL,
    calls: (
      [
        [['bug', 'docs'], 'permit'],
        [[], 'permit'],
        [['bug', 'urgent'], 'deny'],
        [['bug', { name: 'urgent' }], 'deny'],
        ['bug', 'deny'],
      ] as const
    ).map(([labels, effect]) => [
      { ...tool('github/add_labels', 'write'), arguments: { labels } },
      effect,
    ]),
  },
  'Tools by their names': {
    with: ALL,
    calls: [
      [tool('github/admin_users', 'read'), 'deny'],
      [tool('github/delete_repository', 'destructive'), 'deny'],
      [{ ...tool('github/admin_users', 'read'), ...platform }, 'permit'],
      [tool('jira/admin_users', 'read'), 'permit'],
    ],
  },
  'A service may use exactly what its job needs': {
    with: ALL,
    calls: [
      [
        {
          ...tool('github/create_release', 'write'),
          ...bot('component:default/release-bot'),
        },
        'permit',
      ],
      [
        {
          ...tool('jira/create_issue', 'write'),
          ...bot('component:default/release-bot'),
        },
        'deny',
      ],
      [
        {
          ...tool('github/create_release', 'write'),
          ...bot('component:default/other'),
        },
        'deny',
      ],
      [write, 'permit'],
    ],
  },
  'A portal for reading, whatever else is permitted': {
    with: ALL,
    calls: [
      [{ ...write, portal: 'docs' }, 'deny'],
      [{ portal: 'docs' }, 'permit'],
      [write, 'permit'],
    ],
  },
  'Secret resources stay inside the platform team': {
    with: ALL,
    calls: [
      [secret, 'deny'],
      [{ ...secret, ...platform }, 'permit'],
      [{ ...secret, target: { name: 'file:///readme' } }, 'permit'],
    ],
  },
  'Writing from managed devices only': {
    with: ALL,
    calls: [
      [device({ managed: 'true' }), 'permit'],
      [device({ managed: 'false' }), 'deny'],
      [device({}), 'deny'],
    ],
  },
};

it('has expectations of every recipe', () => {
  expect([...recipes.keys()]).toEqual(Object.keys(expectations));
  expect(text.match(/```cedar/g)).toHaveLength(recipes.size);
});

describe.each(Object.entries(expectations))('%s', (title, expected) => {
  it('loads without a warning, and decides as it says', () => {
    const engine = engineOf((expected.with ?? '') + recipes.get(title));
    expect(engine.status().warnings).toEqual([]);
    expect(
      expected.calls.map(
        ([changes]) => engine.decide(question(changes)).effect,
      ),
    ).toEqual(expected.calls.map(([, effect]) => effect));
  });
});
