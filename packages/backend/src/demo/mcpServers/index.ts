export { mcpAddressesModule } from './mcpAddressesModule';
export { mcpServersModule } from './mcpServersModule';
