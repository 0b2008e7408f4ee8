export * from './cedarRequest';
export * from './LocalTime';
export * from './roundedDown';
