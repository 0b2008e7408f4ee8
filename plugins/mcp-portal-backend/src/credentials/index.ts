export { AuthorizationNeededError } from './AuthorizationNeededError';
export {
  ENCRYPTION_KEYS,
  readCredentialsConfig,
  type CredentialsConfig,
} from './config';
export {
  Connections,
  type DescribedScope,
  type GrantableScope,
  type ServerConnection,
} from './Connections';
export {
  createCredentials,
  type Credentials,
  type CredentialsOptions,
  KEYS_TABLE,
} from './createCredentials';
export { createCredentialsFetch } from './createCredentialsFetch';
export { CALLBACK_PATH, CLIENT_DOCUMENT_PATH } from './oauth';
export { scheduleCredentials } from './scheduleCredentials';
export { parseSettings, withoutSecrets } from './settings';
export { UpstreamCredentials } from './UpstreamCredentials';
export type { RefusedCredential, UpstreamServer } from './UpstreamServer';
