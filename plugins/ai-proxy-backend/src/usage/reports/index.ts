export { UsageReports } from './UsageReports';
export type { ReportQuestion } from './UsageReports';
