/**
 * Keeps secrets in a database that must not be readable there.
 *
 * @packageDocumentation
 */

export { provideEncryptionKeys, readEncryptionKeys } from './encryptionKeys';
export { ReplaceableSecrets } from './ReplaceableSecrets';
export {
  Resealing,
  type ResealingResult,
  type SealedColumn,
} from './Resealing';
export { RotatingKeys, type KeyRow } from './RotatingKeys';
export { SecretBox, type EncryptionKey } from './SecretBox';
export { generateSigningKey } from './signingKey';
