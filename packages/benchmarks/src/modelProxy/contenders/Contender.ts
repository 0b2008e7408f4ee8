import type { TreesUse } from '../../children/ProcessTrees';
import type { Target } from '../load/protocol';

/** The ways to a model. */
export const CONTENDERS = {
  direct: 'the provider itself, without anything between',
  pipe: 'a server of node:http that pipes requests and answers through an agent that keeps connections, and does nothing else',
  nginx:
    'nginx with proxy_pass, buffering off, connections kept and one worker; it checks and counts nothing',
  portkey:
    'the gateway of Portkey, open source and from npm, as it starts; it keeps no users, budgets or records',
  'prompt-corner':
    'this project’s proxy in a Backstage backend, with agent tokens, model policy, request guardrails, metering and 6 budgets, on PostgreSQL',
} as const;

/** A way to a model. */
export type ContenderName = keyof typeof CONTENDERS;

/** All of them, in the order of tables. */
export const CONTENDER_NAMES = Object.keys(CONTENDERS) as ContenderName[];

/** A way to a model that is running. */
export interface Contender {
  name: ContenderName;
  /** Of what is not of this repository. */
  version?: string;
  target: Target;
  /** What the process between client and provider has used; absent where there is none. */
  use?(): TreesUse;
}
