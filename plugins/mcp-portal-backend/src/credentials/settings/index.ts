export { CredentialSettings, type CurrentSettings } from './CredentialSettings';
export { CredentialSettingsStore } from './CredentialSettingsStore';
export {
  type ConfiguredOAuthClient,
  parseSettings,
  SCOPE,
  type ServerCredentialSettings,
  serverCredentialSettings,
  type SettingsOf,
  withoutSecrets,
} from './ServerCredentialSettings';
