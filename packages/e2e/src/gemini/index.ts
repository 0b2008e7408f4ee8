export { GeminiCli } from './GeminiCli';
