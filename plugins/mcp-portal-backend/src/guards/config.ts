import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import {
  ActionRule,
  createGuardrails,
  Guardrails,
  GuardrailsConfigError,
  GuardrailsOptions,
} from '@prompt-corner/guardrails';
import type { DefinitionScreen } from '../definitions';
import { definitionScreen } from './definitionScreen';
import type { GuardContext } from './PortalGuards';
import { PortalGuards } from './PortalGuards';

const KEY = 'mcpPortal.guardrails';

/** Whoever is anonymous may be anybody: these come last, so that no other rule wins over them. */
const PUBLIC_RULES: ActionRule[] = [
  { category: 'prompt-injection', severity: 'high', action: 'block' },
  { category: 'exfiltration', severity: 'high', action: 'block' },
  { category: 'secret', action: 'block' },
  { category: 'personal-data', direction: 'result', action: 'redact' },
  { category: 'personal-data', direction: 'error', action: 'redact' },
  { category: 'topic', action: 'block' },
  { category: 'limit', action: 'block' },
  { detector: 'limit.findings', action: 'flag' },
];

/** Takes out what approvers need not see. */
const FOR_PEOPLE: ActionRule[] = [
  { category: 'secret', action: 'redact' },
  { category: 'personal-data', action: 'redact' },
];

/** A rule for some servers only. */
interface ServerRule extends ActionRule {
  servers?: string[];
}

/**
 * Reads the guardrails: those of calls, and the screen for definitions.
 *
 * @param options.publicPortals - names of portals that let anonymous callers in
 * @throws InputError when a value cannot be used
 */
export function readGuards(
  config: Config,
  options: { publicPortals: ReadonlySet<string> },
): { guards: PortalGuards; screen: DefinitionScreen } {
  const section = config.getOptional<Record<string, unknown>>(KEY) ?? {};
  const { actions, ...rest } = section;
  const rules = readRules(actions);
  const made = new Map<string, Guardrails>();
  const servers = new Set(rules.flatMap(rule => rule.servers ?? []));
  const guardrailsFor = ({ portal, server }: GuardContext) => {
    const isPublic = options.publicPortals.has(portal);
    const named = servers.has(server) ? server : '';
    const key = `${isPublic} ${named}`;
    let guardrails = made.get(key);
    if (!guardrails) {
      const { detectors, ...own } = rest as GuardrailsOptions;
      guardrails = create({
        ...own,
        // In public, all of them run.
        ...(!isPublic && { detectors }),
        actions: [
          ...rules.filter(rule => appliesTo(rule, server)).map(withoutServers),
          ...(isPublic ? PUBLIC_RULES : []),
        ],
      });
      made.set(key, guardrails);
    }
    return guardrails;
  };
  for (const server of ['', ...servers]) {
    // What cannot be used is told at start.
    guardrailsFor({ portal: '', server });
  }
  const forPeople = create({
    ...(rest as GuardrailsOptions),
    actions: FOR_PEOPLE,
  });
  return {
    guards: new PortalGuards({ guardrailsFor, forPeople }),
    screen: definitionScreen(guardrailsFor({ portal: '', server: '' })),
  };
}

function readRules(actions: unknown): ServerRule[] {
  if (actions === undefined) {
    return [];
  }
  if (
    !Array.isArray(actions) ||
    actions.some(rule => typeof rule !== 'object' || rule === null)
  ) {
    throw new InputError(`${KEY}.actions has to be a list of rules`);
  }
  actions.forEach(({ servers }, index) => {
    const isList =
      Array.isArray(servers) &&
      servers.every(server => typeof server === 'string');
    if (servers !== undefined && !isList) {
      throw new InputError(
        `${KEY}.actions[${index}].servers has to be a list of names of servers`,
      );
    }
  });
  return actions;
}

function appliesTo({ servers }: ServerRule, server: string): boolean {
  return !servers || servers.includes(server);
}

function withoutServers({ servers: _, ...rule }: ServerRule): ActionRule {
  return rule;
}

function create(options: GuardrailsOptions): Guardrails {
  try {
    return createGuardrails(options);
  } catch (error) {
    throw error instanceof GuardrailsConfigError
      ? new InputError(`${KEY}: ${error.message}`)
      : error;
  }
}
