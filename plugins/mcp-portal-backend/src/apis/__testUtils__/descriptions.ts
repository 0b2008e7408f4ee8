/** A small description with these paths. */
export function describing(
  paths: Record<string, object>,
  more: object = {},
): string {
  return JSON.stringify({
    openapi: '3.0.3',
    servers: [{ url: 'https://api.example.com' }],
    paths,
    ...more,
  });
}
