import { createHash } from 'node:crypto';
import type { Caller } from '../callers/Caller';

/** Of one request, whose stages ask for the view one after the other. */
const made = new WeakMap<Caller, string>();

/** SHA-256 of all that decides what a caller sees. */
export function callerDigest(caller: Caller): string {
  let digest = made.get(caller);
  if (digest === undefined) {
    const { kind, uuid, teams, client, scopes, servers, claims, network } =
      caller;
    const seen = [
      kind,
      uuid,
      teams,
      client,
      [...scopes].sort(),
      servers,
      claims,
      network,
    ];
    digest = createHash('sha256').update(JSON.stringify(seen)).digest('hex');
    made.set(caller, digest);
  }
  return digest;
}
