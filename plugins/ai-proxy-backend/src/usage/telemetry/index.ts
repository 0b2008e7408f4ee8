export { GenAiTelemetry } from './GenAiTelemetry';
export type { UsageTelemetry } from './UsageTelemetry';
