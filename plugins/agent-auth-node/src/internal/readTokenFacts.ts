import type { TokenFacts } from './protocol';

const KINDS: ReadonlySet<unknown> = new Set(['user', 'service']);

/**
 * Checks the shape of what agent-auth said of a token, and freezes it: all
 * plugins of a process share it.
 *
 * @param hash - of the token that was asked for
 * @returns undefined when it is not facts about that token
 */
export function readTokenFacts(
  value: unknown,
  hash: string,
): TokenFacts | undefined {
  const facts = value as TokenFacts;
  const isComplete =
    isObject(facts) &&
    facts.hash === hash &&
    isText(facts.connectionId) &&
    isText(facts.grantType) &&
    isObject(facts.principal) &&
    KINDS.has(facts.principal.kind) &&
    isText(facts.principal.entityRef) &&
    isText(facts.principal.uuid) &&
    isTexts(facts.principal.teams) &&
    isTexts(facts.principal.systems) &&
    isTexts(facts.principal.domains) &&
    isObject(facts.client) &&
    isText(facts.client.id) &&
    isObject(facts.resource) &&
    isText(facts.resource.kind) &&
    isText(facts.resource.audience) &&
    isTexts(facts.scopes) &&
    isObject(facts.limits) &&
    isObject(facts.claims) &&
    Number.isFinite(facts.expiresAt) &&
    (facts.jkt === undefined || isText(facts.jkt));
  return isComplete ? deepFreeze(facts) : undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
