export function signIn(
  baseUrl: string,
  persona: string,
): Promise<{
  token: string;
  expiresInSeconds: number;
  identity: { userEntityRef: string; ownershipEntityRefs: string[] };
  idToken: string;
}>;
