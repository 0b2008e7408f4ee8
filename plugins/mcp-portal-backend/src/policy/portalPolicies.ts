import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import {
  DEFAULT_POLICIES,
  type CompiledPolicies,
  type PolicyLanguage,
  type PolicyReads,
} from '@prompt-corner/cedar-policies';
import type { ArgumentValue } from './arguments';
import type { PolicyAttributes } from './attributes';
import { TARGET_TYPES, toCedarRequest } from './toCedarRequest';

const PACKAGE = '@prompt-corner/plugin-mcp-portal-backend';

/** Characters of arguments that policies read, in all: 64 KiB take Cedar about a millisecond. */
const MAX_READ_LENGTH = 65_536;

/** A call as policies are asked about it. */
export interface AskedCall {
  attributes: PolicyAttributes;
  /** Of the arguments, by path; none in lists. */
  values: ReadonlyMap<string, ArgumentValue>;
}

/** A set of policies for portals. */
export type PortalPolicies = CompiledPolicies<AskedCall>;

/** What policies of portals can be written about. */
export const portalPolicies: PolicyLanguage<AskedCall> = {
  schema: () => read('schema.cedarschema'),
  targetTypes: Object.values(TARGET_TYPES),
  targetNames: ['name', 'uri'],
  records: ['arguments'],
  unknown: ['arguments'],
  approvals: true,
  defaultPolicies: () => ({
    name: DEFAULT_POLICIES,
    text: read(DEFAULT_POLICIES),
  }),
  toRequest: toCedarRequest,
  refusal: ({ values }, reads) => tooLong(values, reads),
  describe: ({ attributes }) => described(attributes),
  undecidable:
    'The call could not be decided. The log of the portal says why; an administrator has to look',
};

/** Whether policies could read the value of an argument. */
export function couldReadArgument(path: string, reads: PolicyReads): boolean {
  return reads.unknown && reads.tags?.has(path) !== false;
}

function read(name: string): string {
  return readFileSync(resolvePackagePath(PACKAGE, 'policies', name), 'utf8');
}

function tooLong(
  values: ReadonlyMap<string, ArgumentValue>,
  reads: PolicyReads,
): string | undefined {
  if (!reads.unknown) {
    return undefined;
  }
  let length = 0;
  for (const [path, argument] of values) {
    if (argument.kind !== 'other' && couldReadArgument(path, reads)) {
      length += lengthOf(argument);
    }
  }
  return length > MAX_READ_LENGTH
    ? `The arguments on which policies depend are longer than ${MAX_READ_LENGTH} characters in all, which policy does not read. Send shorter ones`
    : undefined;
}

function lengthOf(argument: Exclude<ArgumentValue, { kind: 'other' }>): number {
  return argument.kind === 'list'
    ? argument.value.reduce((sum, item) => sum + item.length + 1, 0)
    : String(argument.value).length;
}

function described(attributes: PolicyAttributes): string {
  const { action, server, target, toolClass } = attributes;
  switch (action) {
    case 'call_tool':
      return `the ${toolClass} tool "${target}" of the server "${server.name}" here`;
    case 'get_prompt':
      return `the prompt "${target}" of the server "${server.name}" here`;
    default:
      return `resources such as "${target}" of the server "${server.name}" here`;
  }
}
