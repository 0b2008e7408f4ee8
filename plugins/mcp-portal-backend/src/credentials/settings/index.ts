export { CredentialSettings, type CurrentSettings } from './CredentialSettings';
export {
  CredentialSettingsStore,
  SEALED_SETTINGS,
} from './CredentialSettingsStore';
export {
  type ConfiguredOAuthClient,
  parseSettings,
  SCOPE,
  type ServerCredentialSettings,
  serverCredentialSettings,
  type SettingsOf,
  withoutSecrets,
} from './ServerCredentialSettings';
