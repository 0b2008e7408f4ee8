import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

const KEY = 'aiProxy.limits';

const MIB = 1024 * 1024;

/** How much is taken, in bytes. */
export interface StoredLimits {
  /** Of an upload, with the form around it. */
  uploadBytes: number;
  /** Of the requests of a batch, which are all held in memory and checked. */
  batchBytes: number;
}

/**
 * Reads `aiProxy.limits.uploadBytes` and `aiProxy.limits.batchBytes`.
 *
 * @throws InputError naming the key, when a value cannot be used
 */
export function readStoredLimits(config: Config): StoredLimits {
  return {
    uploadBytes: bytes(config, 'uploadBytes', 512 * MIB),
    batchBytes: bytes(config, 'batchBytes', 64 * MIB),
  };
}

function bytes(config: Config, name: string, defaultBytes: number): number {
  const value = config.getOptionalNumber(`${KEY}.${name}`) ?? defaultBytes;
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InputError(
      `${KEY}.${name} is ${value}; expected a number of bytes, at least 1`,
    );
  }
  return value;
}
