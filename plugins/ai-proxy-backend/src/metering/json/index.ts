export { compileFields } from './fieldTree';
export type { FieldNode, FieldTree, FieldUse } from './fieldTree';
export type { FieldSink } from './FieldTaker';
export { MAX_HELD_BYTES } from './HeldBytes';
export { JsonFields } from './JsonFields';
