export { ApiTools } from './ApiTools';
