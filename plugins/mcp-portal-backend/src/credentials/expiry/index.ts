export { ExpiryNotices, type Notifications } from './ExpiryNotices';
