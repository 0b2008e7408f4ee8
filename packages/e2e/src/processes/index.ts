export { runProgram } from './runProgram';
export type { ProgramResult } from './runProgram';
