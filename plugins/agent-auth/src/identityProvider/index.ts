export { useIdToken } from './useIdToken';
