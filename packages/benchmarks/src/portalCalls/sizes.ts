/** A portal, and the servers behind it. */
export interface PortalSize {
  /** Name of the portal. */
  portal: string;
  servers: string[];
  toolsPerServer: number;
}

/** What a person has behind one portal: 182 tools. */
export const USUAL: PortalSize = {
  portal: 'default',
  servers: serverNames('usual', 13),
  toolsPerServer: 14,
};

/** What a client has to list when nobody narrows a portal down. */
export const LARGE: PortalSize = {
  portal: 'large',
  servers: serverNames('large', 5),
  toolsPerServer: 400,
};

/** All portals of the benchmark. */
export const PORTALS = [USUAL, LARGE];

/** The server that is called, by its name. */
export const CALLED_SERVER = USUAL.servers[0];

/** How many tools a portal has. */
export function toolsOf({ servers, toolsPerServer }: PortalSize): number {
  return servers.length * toolsPerServer;
}

function serverNames(prefix: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `${prefix}${String(index + 1).padStart(2, '0')}`,
  );
}
