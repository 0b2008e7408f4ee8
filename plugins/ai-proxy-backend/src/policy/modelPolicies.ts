import { readFileSync } from 'node:fs';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import {
  DEFAULT_POLICIES,
  isRead,
  type CompiledPolicies,
  type PolicyLanguage,
  type PolicyReads,
} from '@prompt-corner/cedar-policies';
import type { PolicyRequest } from './ModelQuestion';
import {
  toCedarRequest,
  type AskedModel,
  type AskedUse,
} from './toCedarRequest';

const PACKAGE = '@prompt-corner/plugin-ai-proxy-backend';

/** A longer name is no model's, and would go to Cedar with each question. */
export const MAX_NAME_LENGTH = 500;

/** Readers of requests stop at 512, so that more cannot be told from as many. */
const MAX_TOOLS = 511;

/** Characters of a request that policies read, in all. */
const MAX_READ_LENGTH = 65_536;

/** A set of policies for models. */
export type ModelPolicies = CompiledPolicies<AskedModel>;

/** What policies for models can be written about. A request cannot wait for a person, so nothing is held. */
export const modelPolicies: PolicyLanguage<AskedModel> = {
  schema: () => read('schema.cedarschema'),
  targetTypes: ['Model'],
  targetNames: ['id'],
  records: ['request'],
  unknown: ['request', 'component'],
  approvals: false,
  defaultPolicies: () => ({
    name: DEFAULT_POLICIES,
    text: read(DEFAULT_POLICIES),
  }),
  toRequest: toCedarRequest,
  refusal: ({ use, beyondGrant }, reads) =>
    beyondGrant ?? unreadable(use, reads),
  describe: ({ use }) =>
    use.action === 'use_model'
      ? `the model "${use.model.id}" of the provider "${use.model.provider.name}" for this`
      : `the action ${use.action} at the provider "${use.provider.name}"`,
  undecidable:
    'The request could not be decided. The log of the AI proxy says why; an administrator has to look',
};

function read(name: string): string {
  return readFileSync(resolvePackagePath(PACKAGE, 'policies', name), 'utf8');
}

function unreadable(use: AskedUse, reads: PolicyReads): string | undefined {
  if (use.action === 'use_model' && use.model.id.length > MAX_NAME_LENGTH) {
    return `The name of the model is longer than ${MAX_NAME_LENGTH} characters`;
  }
  return use.request && isRead('request', reads)
    ? unreadableRequest(use.request, reads)
    : undefined;
}

/** Whoever can hide a part of a request from policies can get around them. */
function unreadableRequest(
  { tools, serverTools, modalities, effort, serviceTier }: PolicyRequest,
  reads: PolicyReads,
): string | undefined {
  if (isRead('tools', reads) && tools.length > MAX_TOOLS) {
    return `The request has more than ${MAX_TOOLS} tools, which policy does not read. Send fewer`;
  }
  const texts = [
    ...(isRead('tools', reads) ? tools : []),
    ...serverTools,
    ...modalities,
    effort ?? '',
    serviceTier ?? '',
  ];
  return texts.reduce((sum, text) => sum + text.length + 1, 0) > MAX_READ_LENGTH
    ? `Names of tools, effort and service tier are longer than ${MAX_READ_LENGTH} characters in all, which policy does not read. Send fewer`
    : undefined;
}
