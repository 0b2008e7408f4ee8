export { ConsentForm } from './ConsentForm';
export type { Answer } from './ConsentForm';
