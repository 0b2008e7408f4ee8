export * from './Connections';
export * from './ConnectionStore';
