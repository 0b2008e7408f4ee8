export { ModelAccess } from './ModelAccess';
export type { AccessDenial } from './ModelAccess';
