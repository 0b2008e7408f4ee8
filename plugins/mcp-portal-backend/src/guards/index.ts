export { readGuards } from './config';
export { PortalGuards } from './PortalGuards';
export type { GuardContext, Guarded } from './PortalGuards';
