import { createHash } from 'node:crypto';
import { InputError } from '@backstage/errors';
import type { RequestedAccess } from '@prompt-corner/plugin-mcp-portal-common';

interface Asked {
  /** UUID of who asks. */
  requester: string;
  /** Name of the server. */
  server: string;
  /** Full entity refs of groups and users who may decide. */
  approvers: string[];
}

/** A call that policy lets a person decide. */
export interface CallRequest extends Asked {
  kind: 'call';
  portal: string;
  /** The server's own name of the tool. */
  target: string;
  /** Of the definition of the tool, as whoever approves can see it. */
  pin: string;
  /** One line for people; without argument values. */
  summary: string;
  /** With secrets and personal data taken out: approvers see them. */
  arguments: unknown;
  /** `sha256:` and hex, over the canonical JSON of the arguments as they are. */
  argumentDigest: string;
  /** Ids of the policies that want a person to decide. */
  policies: string[];
}

/** Somebody wants to use a server. */
export interface AccessRequest extends Asked {
  kind: 'access';
  /** Absent for all portals. */
  portal?: string;
  access: RequestedAccess;
  justification: string;
}

/** Approvers have to see all of what they approve, and can read no more than this. */
const MAX_ARGUMENT_BYTES = 64 * 1024;

/** Of names; what a column of the database holds. */
const MAX_LENGTHS = { server: 100, portal: 100, target: 512 };

const MAX_SUMMARY_LENGTH = 500;

/**
 * What is stored of a request, and the key by which asking the same again is
 * recognised. Who may approve is part of it: when policy asks somebody else,
 * those who could decide before cannot any more. So is what the tool is: an
 * approval is none for what a server makes of it later.
 *
 * @throws InputError when it cannot be shown to an approver as a whole
 */
export function storedRequest(input: CallRequest | AccessRequest) {
  const { kind, requester, server, portal } = input;
  const target = input.kind === 'call' ? input.target : undefined;
  for (const [name, value] of Object.entries({ server, portal, target })) {
    if (value !== undefined) {
      checkName(name as keyof typeof MAX_LENGTHS, value);
    }
  }
  const approvers = [
    ...new Set(input.approvers.map(ref => ref.toLocaleLowerCase('en-US'))),
  ].sort();
  const argumentDigest =
    input.kind === 'call' ? input.argumentDigest : digestOf(input.access);
  const stored = {
    kind,
    requester,
    portal,
    server,
    target,
    approvers,
    argumentDigest,
    openKey: createHash('sha256')
      .update(
        JSON.stringify([
          kind,
          requester,
          portal ?? null,
          server,
          target ?? null,
          argumentDigest,
          approvers,
          input.kind === 'call' ? input.pin : null,
        ]),
      )
      .digest('hex'),
  };
  if (input.kind === 'access') {
    return {
      ...stored,
      summary: `Access to ${server}`,
      access: input.access,
      justification: plainText(input.justification),
      policies: [],
    };
  }
  checkArguments(input.arguments);
  return {
    ...stored,
    summary: plainText(input.summary).slice(0, MAX_SUMMARY_LENGTH),
    arguments: input.arguments,
    policies: input.policies,
  };
}

/** Text of others without control characters, some of which PostgreSQL refuses. */
export function plainText(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, ' ').trim();
}

/** The order of a set says nothing. */
function digestOf({ toolClasses, tools, lifetimeSeconds }: RequestedAccess) {
  const json = JSON.stringify([
    [...toolClasses].sort(),
    tools ? [...tools].sort() : null,
    lifetimeSeconds,
  ]);
  return `sha256:${createHash('sha256').update(json).digest('hex')}`;
}

function checkName(name: keyof typeof MAX_LENGTHS, value: string) {
  if (!value || value.length > MAX_LENGTHS[name] || /\p{Cc}/u.test(value)) {
    throw new InputError(
      `The ${name} of a request for approval has to have 1 to ${MAX_LENGTHS[name]} characters, and no control characters`,
    );
  }
}

function checkArguments(value: unknown) {
  const bytes = Buffer.byteLength(JSON.stringify(value ?? null));
  if (bytes > MAX_ARGUMENT_BYTES) {
    throw new InputError(
      `The arguments have ${bytes} bytes. An approver can be shown ${MAX_ARGUMENT_BYTES}: make several smaller calls`,
    );
  }
}
