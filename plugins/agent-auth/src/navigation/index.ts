export { leaveTo } from './leaveTo';
