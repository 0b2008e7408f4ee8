export { FACT_READERS } from './readers';
export { toolsIn } from './tools';
