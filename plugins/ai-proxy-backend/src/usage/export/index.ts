export { exportHead, exportLine } from './lines';
export type { ExportFormat } from './lines';
export { MAX_EXPORTED_EVENTS, UsageExport } from './UsageExport';
export type { ExportRange, PlannedExport } from './UsageExport';
