export type AgentResourceName = 'catalog' | 'portal' | 'proxy';

export const agentResources: AgentResourceName[];

export function agentResourceUrl(
  baseUrl: string,
  name: AgentResourceName,
): string;

export function agentSignIn(
  baseUrl: string,
  options: { resource: string; userToken: string; idToken?: string },
): Promise<{
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
  scope: string;
}>;

export function approveDeviceCode(
  baseUrl: string,
  options: {
    userCode: string;
    userToken: string;
    idToken?: string;
    name?: string;
  },
): Promise<void>;
