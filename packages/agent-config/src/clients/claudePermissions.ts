import { isRecord } from '../compile';

type Action = 'allow' | 'ask' | 'deny';

/** Rules of Claude Code's settings: a refusal counts before a question, and that before a permission. */
export interface ClaudePermissions {
  allow: string[];
  ask: string[];
  deny: string[];
}

/** Names of tools, by those of OpenCode. */
const TOOLS: Record<string, string> = {
  read: 'Read',
  edit: 'Edit',
  glob: 'Glob',
  grep: 'Grep',
  bash: 'Bash',
  task: 'Agent',
  webfetch: 'WebFetch',
  websearch: 'WebSearch',
  todowrite: 'TodoWrite',
  skill: 'Skill',
};

/** Whose rules can be about a part of what the tool does. */
const WITH_PATTERNS = ['read', 'edit', 'bash'];

/** Claude Code has nothing like them, or does not ask. */
const WITHOUT_COUNTERPART = ['list', 'question', 'lsp', 'doom_loop'];

/**
 * Writes permissions for Claude Code, which has no order of rules: where an
 * exception from a stricter rule cannot be said, the stricter one stays.
 *
 * @param servers - names of MCP servers, whose tools are named differently
 * @param notes - gets what could not be said
 */
export function claudePermissions(
  permission: unknown,
  servers: readonly string[],
  notes: string[],
): ClaudePermissions {
  const rules: ClaudePermissions = { allow: [], ask: [], deny: [] };
  const written = rulesOf(permission);
  for (const [tool, value] of Object.entries(written)) {
    if (WITHOUT_COUNTERPART.includes(tool)) {
      continue;
    }
    const name = toolName(tool, servers);
    if (tool === '*') {
      if (value === 'deny') {
        notes.push(
          'permissions: "*: deny" is "ask" for tools of which Claude Code alone knows, and for the rest of those of which rules allow a part',
        );
      } else if (value !== 'ask') {
        notes.push(
          `permissions: "*: ${value}" is left out, as Claude Code asks for what no rule is about`,
        );
      }
    } else if (!name) {
      notes.push(
        `permissions: "${tool}" is left out, as Claude Code has no such tool`,
      );
    } else {
      const added = isRecord(value)
        ? patternRules(tool, name, value as Record<string, Action>, notes)
        : [{ rule: name, action: value as Action }];
      added.forEach(({ rule, action }) => rules[action].push(rule));
    }
  }
  if (written['*'] === 'deny') {
    rules.deny.push(...notMentioned(Object.keys(written), servers));
  }
  return rules;
}

/** Tools and servers of which no rule but that for all says anything. */
function notMentioned(
  tools: readonly string[],
  servers: readonly string[],
): string[] {
  const names = tools.flatMap(tool => toolName(tool, servers) ?? []);
  return [
    ...Object.values(TOOLS),
    ...servers.map(server => `mcp__${server}`),
  ].filter(
    name =>
      !names.some(known => known === name || known.startsWith(`${name}__`)),
  );
}

/**
 * The tools of an agent, or those that it lacks.
 *
 * @param notes - gets what could not be said
 */
export function claudeAgentTools(
  { flatName, permission }: { flatName: string; permission?: unknown },
  servers: readonly string[],
  notes: string[],
): { tools?: string[]; disallowedTools?: string[] } {
  const rules = rulesOf(permission);
  const denied: string[] = [];
  const allowed: string[] = [];
  for (const [tool, value] of Object.entries(rules)) {
    const name = toolName(tool, servers);
    if (!name || WITHOUT_COUNTERPART.includes(tool)) {
      continue;
    }
    if (isRecord(value) && Object.values(value).includes('deny')) {
      const rest = Object.values(value).some(action => action !== 'deny');
      notes.push(
        `agents/${flatName}: has no ${name}${
          rest ? ', as Claude Code cannot give an agent a part of a tool' : ''
        }`,
      );
      denied.push(name);
    } else {
      (value === 'deny' ? denied : allowed).push(name);
    }
  }
  if (rules['*'] === 'deny') {
    return { tools: allowed };
  }
  return denied.length > 0 ? { disallowedTools: denied } : {};
}

function rulesOf(permission: unknown): Record<string, unknown> {
  if (typeof permission === 'string') {
    return { '*': permission };
  }
  return isRecord(permission) ? permission : {};
}

function toolName(tool: string, servers: readonly string[]) {
  // The name of one server can be the beginning of another one's.
  const [server] = servers
    .filter(name => tool.startsWith(`${name}_`))
    .sort((one, other) => other.length - one.length);
  if (!server) {
    return Object.hasOwn(TOOLS, tool) ? TOOLS[tool] : undefined;
  }
  const rest = tool.slice(server.length + 1);
  return rest === '*' ? `mcp__${server}` : `mcp__${server}__${rest}`;
}

function patternRules(
  tool: string,
  name: string,
  patterns: Record<string, Action>,
  notes: string[],
): Array<{ rule: string; action: Action }> {
  const all = Object.entries(patterns);
  const rules: Array<{ rule: string; action: Action }> = [];
  all.forEach(([pattern, action], index) => {
    const later = all.slice(index + 1);
    if (later.some(([over]) => covers(over, pattern))) {
      // Another rule replaces it.
      return;
    }
    if (pattern !== '*' && !WITH_PATTERNS.includes(tool)) {
      if (action === 'allow') {
        notes.push(
          `permissions: "${tool}: ${pattern}" is left out, as Claude Code has no such rules for ${name}`,
        );
        return;
      }
      notes.push(
        `permissions: "${tool}: ${pattern}" is "${action}" for all of ${name}, as Claude Code has no such rules for it`,
      );
      rules.push({ rule: name, action });
      return;
    }
    if (pattern === '*' && action === 'ask') {
      // It asks anyway where no rule allows.
      return;
    }
    const looser = later.filter(
      ([other, way]) =>
        covers(pattern, other) && strictness(way) < strictness(action),
    );
    if (looser.length > 0) {
      notes.push(
        `permissions: "${tool}: ${pattern}" is "${action}" for ${looser
          .map(([other]) => `"${other}"`)
          .join(', ')} too, as Claude Code has no exceptions from it`,
      );
    }
    rules.push({ rule: ruleFor(tool, name, pattern), action });
  });
  return rules;
}

function ruleFor(tool: string, name: string, pattern: string): string {
  if (pattern === '*') {
    return name;
  }
  // In paths, Claude Code's "*" ends at a "/", and OpenCode's does not.
  const path = pattern.includes('/')
    ? pattern.replace(/\*+$/, '**').replace(/\/\*+(?=[^*/])/g, '/**/*')
    : pattern;
  return `${name}(${tool === 'bash' ? pattern : path})`;
}

function strictness(action: Action): number {
  return ['allow', 'ask', 'deny'].indexOf(action);
}

/** Whether whatever the one pattern matches, the other does too: for wildcards at least. */
function covers(pattern: string, other: string): boolean {
  const expression = pattern
    .split('*')
    .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^]*');
  return new RegExp(`^${expression}$`).test(other);
}
