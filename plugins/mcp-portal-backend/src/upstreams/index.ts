export { ANY_RESULT } from './anyResult';
export type { Fetch } from './BoundedFetch';
export { listAll, type ListBounds } from './listAll';
export { ListChangeWatch } from './ListChangeWatch';
export { UpstreamError } from './errors';
export { type SignInTarget, signInTarget } from './SignInTarget';
export type {
  ClientBehind,
  UpstreamRequest,
  UpstreamServer,
  UpstreamSignIn,
} from './types';
export { Upstreams } from './Upstreams';
export { capabilitiesOf, UpstreamSessions } from './UpstreamSessions';
export type { Handshake, Sealer } from './UpstreamSessions';
export { upstreamFetch } from './upstreamFetch';
export { UpstreamSnapshots } from './UpstreamSnapshots';
