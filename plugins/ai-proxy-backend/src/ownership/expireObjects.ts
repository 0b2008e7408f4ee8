import type { OwnershipRetention } from './config';
import type { OwnershipStore } from './OwnershipStore';

/**
 * Forgets whose old objects are; to be done from time to time. What a provider
 * still has of them stays there, and is nobody's any more.
 *
 * @returns how many were forgotten
 */
export async function expireObjects(
  store: OwnershipStore,
  { filesMs, othersMs }: OwnershipRetention,
  nowMs: number,
): Promise<number> {
  const files = await store.deleteBefore(nowMs - filesMs, { only: 'file' });
  const others = await store.deleteBefore(nowMs - othersMs, { except: 'file' });
  return files + others;
}
