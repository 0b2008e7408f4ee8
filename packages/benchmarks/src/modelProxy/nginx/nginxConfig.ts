/**
 * The configuration of an nginx that forwards without buffering. One worker,
 * as the others are one process too.
 *
 * @param options.folder - where it may write
 * @param options.port - to listen at
 * @param options.upstream - an origin
 */
export function nginxConfig(options: {
  folder: string;
  port: number;
  upstream: string;
}): string {
  const { folder, port, upstream } = options;
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(name => `  ${name}_temp_path ${folder}/${name};`)
    .join('\n');
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events {
  worker_connections 4096;
}
http {
  access_log off;
${paths}
  client_max_body_size 16m;
  client_body_buffer_size 256k;
  keepalive_requests 1000000000;
  upstream provider {
    server ${new URL(upstream).host};
    keepalive 512;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
    }
  }
}
`;
}
