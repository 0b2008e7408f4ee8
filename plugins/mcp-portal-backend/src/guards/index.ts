export { readGuards } from './config';
export { PortalGuards } from './PortalGuards';
export type { CallContext, GuardContext, Guarded } from './PortalGuards';
