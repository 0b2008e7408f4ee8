export { AdminPermissions } from './AdminPermissions';
