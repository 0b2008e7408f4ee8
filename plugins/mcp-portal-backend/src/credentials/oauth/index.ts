export { AuthorizationFlows } from './AuthorizationFlows';
export { AuthorizationRequests } from './AuthorizationRequests';
export { Authorizations, type StartedAuthorization } from './Authorizations';
export { AuthorizationServers } from './AuthorizationServers';
export {
  CALLBACK_PATH,
  CLIENT_DOCUMENT_PATH,
  OAuthClients,
  SEALED_REGISTRATIONS,
} from './OAuthClients';
export { type Fetch, type GivenTokens, requestToken } from './requestToken';
export { UserCredentials, type Purpose } from './UserCredentials';
export {
  SEALED_TOKENS,
  UserCredentialStore,
  type CredentialDescription,
  type HeldCredential,
} from './UserCredentialStore';
export { scopesIn } from './usableScope';
