import {
  policySetTextToParts,
  policyToJson,
  type DetailedError,
  type PolicyJson,
} from '@cedar-policy/cedar-wasm/nodejs';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import type { PolicyVocabulary } from '../PolicyVocabulary';
import { isTooDeepAsJson, tooComplex } from './complexity';
import {
  lineAt,
  lineAtByte,
  type PolicyProblem,
  type PolicySource,
} from '../sources/problems';
import { isUnicode } from '../sources/unicode';
import { readsUnknown } from '../reads';

/** Of one source, so that a wrong path does not fill the memory. */
const MAX_SOURCE_LENGTH = 1_048_576;

const ID = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;

const ANNOTATIONS = ['id', 'description'];

/** One policy, with what its annotations say. */
export interface Policy {
  id: string;
  effect: 'permit' | 'forbid';
  /** As its author wrote it. */
  text: string;
  /** Name of the source. */
  source: string;
  /** Where it begins, from 1. */
  line: number;
  description?: string;
  /** Entity refs of those who may approve; a permit that has some holds the call. */
  approvers?: string[];
  json: PolicyJson;
}

/** Reads the policies of a source, and says what is wrong with them. */
export function parsePolicies(
  source: PolicySource,
  vocabulary: PolicyVocabulary,
): {
  policies: Policy[];
  problems: PolicyProblem[];
} {
  const { name, text } = source;
  const wrong = (message: string, line?: number) => ({
    policies: [],
    problems: [{ source: name, line, message }],
  });
  if (text.length > MAX_SOURCE_LENGTH) {
    return wrong(`is longer than ${MAX_SOURCE_LENGTH} characters`);
  }
  if (!isUnicode(text)) {
    return wrong('is not Unicode text');
  }
  const complexity = tooComplex(text);
  if (complexity) {
    return wrong(complexity.message, lineAt(text, complexity.index));
  }
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') {
    return {
      policies: [],
      problems: parts.errors.map(error => syntaxProblem(source, error)),
    };
  }
  const problems: PolicyProblem[] = parts.policy_templates.map(template => ({
    source: name,
    line: lineAt(text, text.indexOf(template)),
    message: 'has ?principal or ?resource in it: name what it is about instead',
  }));
  const policies: Policy[] = [];
  for (const part of inOrder(text, parts.policies)) {
    const parsed = parsePolicy(name, part, vocabulary);
    if ('message' in parsed) {
      problems.push(parsed);
    } else {
      policies.push(parsed);
    }
  }
  return { policies, problems };
}

/** Cedar sorts the parts of a text by numbers of its own. */
function inOrder(
  text: string,
  parts: string[],
): Array<{ text: string; line: number }> {
  const from = new Map<string, number>();
  return parts
    .map(part => {
      const index = text.indexOf(part, from.get(part) ?? 0);
      from.set(part, index + part.length);
      return { text: part, index };
    })
    .sort((a, b) => a.index - b.index)
    .map(({ index, ...part }) => ({ ...part, line: lineAt(text, index) }));
}

function parsePolicy(
  source: string,
  { text, line }: { text: string; line: number },
  vocabulary: PolicyVocabulary,
): Policy | PolicyProblem {
  const answer = policyToJson(text);
  if (answer.type === 'failure') {
    return { source, line, message: messageOf(answer.errors[0]) };
  }
  const { json } = answer;
  const { id, description, approval } = json.annotations ?? {};
  if (!id) {
    return {
      source,
      line,
      message:
        'the policy has no name. Put one in front, such as @id("read-tools"): records name it',
    };
  }
  const wrong = (message: string) => ({ source, line, policyId: id, message });
  if (!ID.test(id)) {
    return wrong(
      'the name may have letters, digits, ".", "_", "/" and "-", at most 100',
    );
  }
  const annotations = vocabulary.approvals
    ? [...ANNOTATIONS, 'approval']
    : ANNOTATIONS;
  const unknown = Object.keys(json.annotations ?? {}).find(
    name => !annotations.includes(name),
  );
  if (unknown !== undefined) {
    // Misspelt, @approval would let calls through.
    return wrong(
      `@${unknown} is not known; there are @${annotations.join(', @')}`,
    );
  }
  if (hasUnsafeInteger(json)) {
    return wrong('numbers beyond 2^53 cannot be used');
  }
  if (
    isTooDeepAsJson(json) &&
    json.conditions.some(({ body }) => readsUnknown(body, vocabulary))
  ) {
    return wrong(
      `a policy that reads ${vocabulary.unknown.join(
        ' or ',
      )} may have about 50 conditions in a row; split it, or use a set such as ["a", "b"].contains(…)`,
    );
  }
  const policy = {
    id,
    effect: json.effect,
    text,
    source,
    line,
    description: description || undefined,
    json,
  };
  if (approval === undefined) {
    return policy;
  }
  if (json.effect === 'forbid') {
    return wrong('@approval is for permits only: a forbid always wins');
  }
  try {
    return { ...policy, approvers: readApprovers(approval) };
  } catch (error) {
    return wrong((error as Error).message);
  }
}

/** @throws Error when there is none, or one is neither a group nor a user */
function readApprovers(approval: string | null): string[] {
  const names = (approval ?? '').split(',').map(name => name.trim());
  return names.map(name => {
    const wrong = `@approval("${
      approval ?? ''
    }") has to name groups or users of the catalog, such as "group:default/platform-team", with commas between them`;
    try {
      const ref = parseEntityRef(name, { defaultNamespace: 'default' });
      if (!['group', 'user'].includes(ref.kind.toLocaleLowerCase('en-US'))) {
        throw new Error(wrong);
      }
      return stringifyEntityRef(ref);
    } catch {
      throw new Error(wrong);
    }
  });
}

/** JSON of Cedar comes through JavaScript's numbers, which would change such a one. */
function hasUnsafeInteger(json: unknown): boolean {
  if (typeof json === 'number') {
    return !Number.isSafeInteger(json);
  }
  return (
    typeof json === 'object' &&
    json !== null &&
    Object.values(json).some(hasUnsafeInteger)
  );
}

function syntaxProblem(
  { name, text }: PolicySource,
  error: DetailedError,
): PolicyProblem {
  const offset = error.sourceLocations?.[0]?.start;
  return {
    source: name,
    line: offset === undefined ? undefined : lineAtByte(text, offset),
    message: messageOf(error),
  };
}

/** An error of Cedar, for people. */
export function messageOf(error: DetailedError): string {
  const { message, help, sourceLocations } = error;
  const label = sourceLocations?.[0]?.label;
  return [
    message
      .replace('failed to parse policies from string: ', '')
      .replace(/for policy `[^`]*`[,:] /g, ''),
    label,
    help,
  ]
    .filter(Boolean)
    .join('; ');
}
