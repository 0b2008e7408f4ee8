export { readPortals } from './config';
export type { Portal, PortalAudience } from './Portal';
export { Portals } from './Portals';
