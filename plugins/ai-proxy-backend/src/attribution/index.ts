export { ComponentDirectory } from './ComponentDirectory';
export type { Attribution } from './ComponentDirectory';
