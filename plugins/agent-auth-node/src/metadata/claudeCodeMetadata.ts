/**
 * What Claude Code reads to sign in at a gateway. It looks for it right below its
 * base URL, `<base>/.well-known/oauth-authorization-server`, so whoever serves
 * that URL answers with it.
 *
 * @param issuer - of agent-auth; on the same origin as the base URL
 * @public
 */
export function claudeCodeMetadata(issuer: string): {
  issuer: string;
  device_authorization_endpoint: string;
  token_endpoint: string;
  revocation_endpoint: string;
} {
  const base = `${issuer}/claude-code`;
  return {
    issuer,
    device_authorization_endpoint: `${base}/oauth/device_authorization`,
    token_endpoint: `${base}/oauth/token`,
    revocation_endpoint: `${base}/oauth/revoke`,
  };
}
