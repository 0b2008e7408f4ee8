export { findFreePort } from './findFreePort';
