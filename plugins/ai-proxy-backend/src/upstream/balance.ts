import type { Provider, Target } from '../providers';

/**
 * In which order to try a provider's targets for somebody: by weight, and the
 * same for the same somebody, so that the provider's prompt cache is found again
 * (weighted rendezvous hashing).
 *
 * @param affinity - such as a caller's UUID and session
 */
export function orderOf(provider: Provider, affinity: string): Target[] {
  const { targets } = provider;
  if (targets.length === 1) {
    return targets;
  }
  return targets
    .map(target => ({
      target,
      // -ln of a uniform number, divided by the weight: the smallest wins as often as its weight says.
      score: -Math.log(uniform(`${affinity}\n${target.name}`)) / target.weight,
    }))
    .sort((a, b) => a.score - b.score)
    .map(({ target }) => target);
}

/** FNV-1a with a final mix (of MurmurHash3), as a number between 0 and 1, exclusive. */
function uniform(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    // eslint-disable-next-line no-bitwise
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  /* eslint-disable no-bitwise */
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash = (hash ^ (hash >>> 16)) >>> 0;
  /* eslint-enable no-bitwise */
  return (hash + 0.5) / 2 ** 32;
}
