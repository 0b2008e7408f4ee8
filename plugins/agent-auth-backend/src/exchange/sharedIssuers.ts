import type { ClaimCondition } from './claims';

const EXACT = /^[^*]+$/;
const OWNED_PATH = /^[^*/]+\/.+$/;

/**
 * Issuers that sign tokens for whoever has an account, so that only a claim
 * about the owner tells one's own pipelines from a stranger's: for each such
 * claim what a pattern has to look like. Claims that a stranger can choose,
 * such as `ref`, `environment` and the `job_workflow_ref` of a public reusable
 * workflow, are not among them.
 */
const OWNER_CLAIMS: Record<string, Record<string, RegExp>> = {
  // https://docs.github.com/actions/reference/security/oidc
  'https://token.actions.githubusercontent.com': {
    repository: OWNED_PATH,
    repository_id: EXACT,
    repository_owner: EXACT,
    repository_owner_id: EXACT,
    sub: /^repo:[^*/:]+\/.+$/,
  },
  // https://docs.gitlab.com/ci/secrets/id_token_authentication/
  'https://gitlab.com': {
    project_path: OWNED_PATH,
    project_id: EXACT,
    namespace_path: /^([^*]+|[^*/]+\/.+)$/,
    namespace_id: EXACT,
    sub: /^project_path:[^*/:]+\/.+$/,
  },
};

/**
 * The claims of which a rule needs one, when it would let in pipelines of
 * strangers; undefined when it does not.
 */
export function missingOwnerClaims(
  issuer: string,
  conditions: ClaimCondition[],
): string[] | undefined {
  const claims = OWNER_CLAIMS[issuer.replace(/\/$/, '')];
  if (
    !claims ||
    conditions.some(
      ({ path, patterns }) =>
        Object.hasOwn(claims, path) &&
        patterns.every(pattern => claims[path].test(pattern)),
    )
  ) {
    return undefined;
  }
  return Object.keys(claims);
}
