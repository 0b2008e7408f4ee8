export * from './hashToken';
export * from './protocol';
